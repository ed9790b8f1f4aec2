//! Secrets of the installation: made once, kept, the same for everybody.

use crate::harness::race::race;
use crate::harness::{TestStore, Trials, cases};

pub(crate) fn register(trials: &mut Trials) {
    cases!(trials.on_both:
        a_secret_is_made_once_and_kept,
        secrets_of_different_names_are_different_secrets,
        of_32_that_make_a_secret_at_once_all_get_the_same,
    );
}

async fn a_secret_is_made_once_and_kept(store: &mut TestStore) {
    assert_eq!(store.secret("jwt", b"first").await.expect("makes"), b"first");
    assert_eq!(store.secret("jwt", b"second").await.expect("reads"), b"first");
    store.reopen().await;
    assert_eq!(store.secret("jwt", b"third").await.expect("reads"), b"first");
}

async fn secrets_of_different_names_are_different_secrets(store: &mut TestStore) {
    assert_eq!(store.secret("one", b"1").await.expect("makes"), b"1");
    assert_eq!(store.secret("two", b"2").await.expect("makes"), b"2");
    assert_eq!(store.secret("one", b"3").await.expect("reads"), b"1");
}

async fn of_32_that_make_a_secret_at_once_all_get_the_same(store: &mut TestStore) {
    let got = race(32, |i| {
        let store = store.share();
        async move { store.secret("jwt", &[i as u8]).await.expect("makes or reads") }
    })
    .await;
    assert!(got.iter().all(|secret| *secret == got[0]), "{got:?}");
}
