//! Several clients at work on one store, each doing whatever comes to its mind.
//!
//! They share an account, go into each other's, and erase their own now and then, so that everything happens at the same
//! time as everything else. What each of them did is in the history afterwards.

use std::sync::Mutex;

use futures_util::future::join_all;

use super::disk::Disk;
use super::history::{History, Place, Span};
use super::*;
use crate::domain::Edit;
use crate::domain::patch::{Increment, Patch};

const CLIENTS: usize = 5;
/// How often the store is opened and closed.
const SESSIONS: u32 = 3;
/// How much each of them does in a session.
const ERRANDS: usize = 24;

/// What the clients share.
struct World {
    disk: Arc<Disk>,
    history: Mutex<History>,
    /// The accounts that somebody has, the shared one first.
    accounts: Mutex<Vec<AccountId>>,
    session: u32,
}

impl World {
    fn note<T>(&self, note: impl FnOnce(&mut History) -> T) -> T {
        note(&mut self.history.lock().expect("no panic"))
    }

    /// What was done, and from when to when; nothing, when it was refused.
    async fn time<T>(&self, deed: impl Future<Output = Result<T>>) -> Option<(T, Span)> {
        let asked = self.disk.mark();
        let outcome = deed.await;
        match outcome {
            Ok(done) => Some((done, Span { asked, answered: Some(self.disk.mark()) })),
            Err(StoreError::Unknown(why)) => panic!("{why}"),
            Err(StoreError::Damaged(what)) => panic!("{what}"),
            Err(_) => None,
        }
    }

    fn note_document(&self, account: AccountId, key: &Key, span: Span, value: Option<&Value>) {
        let what = value.map(|value| value.as_stored().to_vec());
        self.note(|history| history.put(Place::Document(account, key.clone()), span, what));
    }
}

/// One of those who work.
struct Client {
    number: usize,
    dice: Dice,
    account: Option<AccountId>,
    errands: usize,
}

impl Client {
    fn name(&self) -> Username {
        name(&format!("client{}", self.number))
    }

    async fn run_errand(&mut self, world: &World, store: &EmbeddedStore) {
        self.errands += 1;
        let Some(own) = self.account else { return self.register(world, store).await };
        let account = match self.dice.below(3) {
            0 => own,
            1 => world.accounts.lock().expect("no panic")[0],
            _ => {
                let accounts = world.accounts.lock().expect("no panic");
                accounts[self.dice.below(accounts.len())]
            }
        };
        match self.dice.below(20) {
            0..7 => self.put(world, store, account).await,
            7 | 8 => self.delete(world, store, account).await,
            9..12 => self.change(world, store, account).await,
            12 | 13 => self.put_twins(world, store).await,
            14..17 => self.issue(world, store, account).await,
            17 => self.end_token(world, store, account).await,
            18 if self.dice.one_in(2) => self.erase(world, store, own).await,
            19 if self.dice.one_in(4) => break_transaction(store).await,
            _ => self.look(store, account).await,
        }
    }

    async fn register(&mut self, world: &World, store: &EmbeddedStore) {
        let new = new_account(self.name().as_str());
        let Some((account, span)) = world.time(store.create_account(&new)).await else { return };
        world.note(|history| history.register(&account.username, account.id, span));
        world.accounts.lock().expect("no panic").push(account.id);
        self.account = Some(account.id);
    }

    async fn erase(&mut self, world: &World, store: &EmbeddedStore, own: AccountId) {
        world.accounts.lock().expect("no panic").retain(|account| *account != own);
        let asked = world.disk.mark();
        let answered = match store.erase_account(own).await {
            Ok(_) => Some(world.disk.mark()),
            // The account is gone and its documents will follow.
            Err(StoreError::Unknown(_)) => None,
            Err(_) => return world.accounts.lock().expect("no panic").push(own),
        };
        world.note(|history| history.erase(&self.name(), own, Span { asked, answered }));
        self.account = answered.and(None);
    }

    async fn put(&mut self, world: &World, store: &EmbeddedStore, account: AccountId) {
        // Documents that expire are left alone in later sessions, or nobody knew which of them were swept.
        let brief = self.dice.one_in(8);
        let key = if brief { key(&format!("brief{}", world.session)) } else { self.key() };
        let value = if self.dice.one_in(6) { self.page(world) } else { self.value() };
        let expires_at = brief.then(|| after(50 + 100 * world.session));
        let write = Write { expires_at, ..Write::of(value) };
        let when = match self.dice.below(6) {
            0 => Precondition::Absent,
            1 => Precondition::Present,
            _ => Precondition::None,
        };
        if let Some((_, span)) = world.time(store.put(account, &key, &write, when, NOW)).await {
            world.note_document(account, &key, span, Some(&write.value));
        }
    }

    async fn delete(&mut self, world: &World, store: &EmbeddedStore, account: AccountId) {
        let key = self.key();
        if let Some((_, span)) = world.time(store.delete(account, &key, Precondition::None, NOW)).await {
            world.note_document(account, &key, span, None);
        }
    }

    /// Adds to a number, or to an object.
    async fn change(&mut self, world: &World, store: &EmbeddedStore, account: AccountId) {
        let (key, edit) = if self.dice.one_in(2) {
            (key("number"), Edit::Increment(Increment::new(None, None).expect("an increment")))
        } else {
            let patch = format!("{{\"{}\":{}}}", self.dice.below(4), self.stamp());
            (self.key(), Edit::Patch(Patch::parse_merge(patch.as_bytes(), 1000).expect("a patch")))
        };
        let change = Change::of(edit, 1 << 20);
        if let Some((document, span)) = world.time(store.change(account, &key, &change, Precondition::None, NOW)).await
        {
            world.note_document(account, &key, span, Some(&document.value));
        }
    }

    /// Writes two documents of the shared account at once.
    async fn put_twins(&mut self, world: &World, store: &EmbeddedStore) {
        let shared = world.accounts.lock().expect("no panic")[0];
        let twins = [key("twin-one"), key("twin-other")];
        let value = self.value();
        let operation = |key: &Key| {
            let action = Action::Put(Write::of(value.clone()));
            Operation { key: key.clone(), when: Precondition::None, action }
        };
        let operations = twins.each_ref().map(operation);
        if let Some((_, span)) = world.time(store.apply_all(shared, &operations, NOW)).await {
            world.note(|history| history.put_twins(shared, &twins, span, &value));
        }
    }

    async fn issue(&mut self, world: &World, store: &EmbeddedStore, account: AccountId) {
        let token = new_token(account, &self.client_id(), after(10_000));
        if let Some(((), span)) = world.time(store.put_token(&token, &Warrant::Operator)).await {
            world.note(|history| history.issue(&token, span));
        }
    }

    async fn end_token(&mut self, world: &World, store: &EmbeddedStore, account: AccountId) {
        let client_id = client(&self.client_id());
        if let Some((_, span)) = world.time(store.delete_token(account, &client_id)).await {
            world.note(|history| history.put(Place::Token(account, client_id), span, None));
        }
    }

    async fn look(&mut self, store: &EmbeddedStore, account: AccountId) {
        match store.list_documents(account, &everything().into(), NOW).await {
            // Somebody has broken a transaction, and the file is being opened again.
            Ok(_) | Err(StoreError::Unavailable(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }

    fn key(&mut self) -> Key {
        key(&format!("k{}", self.dice.below(5)))
    }

    fn client_id(&mut self) -> String {
        format!("c{}", self.dice.below(2))
    }

    /// What nobody else writes, and this client only once.
    fn stamp(&self) -> usize {
        self.errands * CLIENTS + self.number
    }

    /// An object of some bytes, or of some pages.
    fn value(&mut self) -> Value {
        let length = [0, 10, 200, 900, 3000, 9000, 20_000][self.dice.below(7)];
        let letter = char::from(b'a' + self.dice.next() as u8 % 26);
        value(&format!("{{\"stamp\":{},\"fill\":\"{}\"}}", self.stamp(), letter.to_string().repeat(length)))
    }

    /// A value that looks like some pages of the file itself, the first of which is the one that tells where all others
    /// are.
    fn page(&mut self, world: &World) -> Value {
        let mut bytes = world.disk.content();
        let from = if self.dice.one_in(2) { 0 } else { 4096 * self.dice.below(bytes.len() / 4096) };
        bytes.drain(..from);
        bytes.truncate(4096 * (1 + self.dice.below(3)));
        bytes.extend_from_slice(&self.stamp().to_be_bytes());
        Value::from_stored(bytes.into())
    }
}

/// A panic within a transaction, which takes those with it that are in the same.
async fn break_transaction(store: &EmbeddedStore) {
    let broken = store.queue.write(0, |tables| -> Result<(), Fault> {
        tables.names.insert(&b"left behind"[..], &[0; 16])?;
        // Without the message that a panic would print.
        std::panic::resume_unwind(Box::new("on purpose"))
    });
    assert!(matches!(broken.await, Err(StoreError::Unavailable(_))));
}

/// Has the clients work on the store of this disk, and tells what they did.
pub(super) async fn work(disk: &Arc<Disk>, seed: u64) -> History {
    let mut dice = Dice(seed);
    let mut clients: Vec<Client> =
        (0..CLIENTS).map(|number| Client { number, dice: Dice(dice.next()), account: None, errands: 0 }).collect();
    let mut world = World { disk: Arc::clone(disk), history: Mutex::default(), accounts: Mutex::default(), session: 0 };
    for session in 0..SESSIONS {
        world.session = session;
        let asked = disk.mark();
        let now = after(100 * session);
        world.note(|history| {
            history.expire(
                |key| key.as_str() < format!("brief{session}").as_str() && key.as_str().starts_with("brief"),
                asked,
            )
        });
        let store = disk.start(now).expect("starts");
        if session == 0 {
            let new = new_account("shared");
            let (shared, span) = world.time(store.create_account(&new)).await.expect("registers");
            world.note(|history| history.register(&shared.username, shared.id, span));
            world.accounts.lock().expect("no panic").push(shared.id);
        }
        let (world, store) = (&world, &store);
        join_all(clients.iter_mut().map(|client| async move {
            for _ in 0..ERRANDS {
                client.run_errand(world, store).await;
            }
        }))
        .await;
        store.close().await;
    }
    world.history.into_inner().expect("no panic").finish()
}
