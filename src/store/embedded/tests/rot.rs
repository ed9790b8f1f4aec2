//! A file that is not any more what it was when it was closed.

use super::disk::{CACHE, Disk};
use super::*;

/// How many files are damaged.
const TRIES: u64 = 500;

const DOCUMENTS: usize = 100;

/// What is in the file.
struct Known {
    content: Vec<u8>,
    ada: AccountId,
    token: IssuedToken,
    documents: Vec<(Key, Value)>,
}

fn document(n: usize) -> (Key, Value) {
    let length = [0, 20, 100, 300, 2000][n % 5];
    (key(&format!("key{n:03}")), value(&format!("[{n},\"{}\"]", "x".repeat(length))))
}

async fn known() -> Known {
    let disk = Disk::formatted();
    let store = disk.start(NOW).expect("starts");
    let ada = register(&store, "ada").await;
    let token = new_token(ada, "c", after(10));
    store.put_token(&token, &Warrant::Operator).await.expect("puts");
    let documents: Vec<_> = (0..DOCUMENTS).map(document).collect();
    for (key, _) in &documents {
        put(&store, ada, key.as_str(), "\"stale\"").await;
    }
    for (key, value) in &documents {
        store.put(ada, key, &Write::of(value.clone()), Precondition::None, NOW).await.expect("puts");
    }
    store.close().await;
    Known { content: disk.content(), ada, token, documents }
}

fn damage(content: &mut Vec<u8>, dice: &mut Dice) -> String {
    if dice.one_in(10) {
        // An empty file would be a new one.
        content.truncate(1 + dice.below(content.len() - 1));
        return format!("truncated at {}", content.len());
    }
    let mut what = String::new();
    for _ in 0..=dice.below(3) {
        let end = if dice.one_in(4) { 400 } else { content.len() };
        let at = dice.below(end);
        let mask = 1 << dice.below(8);
        content[at] ^= mask;
        what += &format!(" {at}^{mask}");
    }
    what
}

/// What a store answers that may be damaged.
#[derive(Default)]
struct Answers {
    wrong: usize,
    missing: usize,
    damaged: usize,
}

impl Answers {
    fn hear<T: PartialEq>(&mut self, answer: Result<Option<T>>, right: &T) {
        match answer {
            Ok(Some(found)) => self.wrong += usize::from(found != *right),
            Ok(None) => self.missing += 1,
            Err(StoreError::Damaged(_)) => self.damaged += 1,
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn of(store: &EmbeddedStore, known: &Known) -> Self {
        let mut answers = Self::default();
        let listed = store.list_documents(known.ada, &everything().into(), NOW).await.map(|stretch| stretch.found);
        for (key, right) in &known.documents {
            let found = store.get(known.ada, key, NOW).await;
            answers.hear(found.map(|found| found.map(|document| document.value)), right);
            let listed = listed.as_deref().map(|listed| listed.iter().find(|(listed, _)| listed == key));
            answers.hear(listed.map(|found| found.map(|(_, document)| &document.value)).map_err(Clone::clone), &right);
        }
        let is_known = |wanted: &Key| known.documents.iter().any(|(key, _)| key == wanted);
        answers.wrong += listed.map_or(0, |listed| listed.iter().filter(|(key, _)| !is_known(key)).count());
        answers.hear(store.token(&known.token.hash, NOW).await, &known.token);
        answers
    }
}

/// redb looks at the checksums of its pages only after a crash; so damage is found by those of the records. Those cannot tell
/// of a record that no page leads to any more.
#[tokio::test]
async fn a_damaged_file_is_refused_or_serves_nothing_wrong() {
    let known = known().await;
    let (mut refused, mut told, mut missing) = (0, 0, 0);
    for seed in 0..TRIES {
        let mut content = known.content.clone();
        let what = damage(&mut content, &mut Dice(seed));
        let what = format!("seed {seed}: {what}");
        let disk = Disk::with(content.clone());
        let store = match disk.start(NOW) {
            Ok(store) => store,
            Err(OpenError::Damaged { .. } | OpenError::NotAStore(_)) => {
                refused += 1;
                continue;
            }
            Err(other) => panic!("{other:?}, {what}"),
        };
        let answers = Answers::of(&store, &known).await;
        assert_eq!(answers.wrong, 0, "{what}");
        told += usize::from(answers.damaged > 0);
        if answers.missing > 0 {
            missing += 1;
            let mut database = Disk::with(content).open(CACHE).expect("opens");
            assert!(database.check_integrity().is_err(), "{what}");
        }
        // Whatever becomes of these, it is an answer.
        let put = store.put(known.ada, &key("new"), &write("1"), Precondition::None, NOW).await;
        let erased = store.erase_account(known.ada).await;
        for error in [put.err(), erased.err()].into_iter().flatten() {
            let is_honest =
                matches!(error, StoreError::Damaged(_) | StoreError::Unavailable(_) | StoreError::Unknown(_));
            assert!(is_honest, "{error:?}, {what}");
        }
    }
    assert!(refused > 100 && told > 50, "{refused} and {told}");
    assert!(missing < TRIES as usize / 50, "{missing}");
}
