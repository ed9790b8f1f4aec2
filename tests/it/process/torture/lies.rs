//! The torture itself: where durability is taken away on purpose, it must find the loss.

use std::fs;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::sleep;

use super::checker::{Violation, check};
use super::clients::Clients;
use super::world::World;
use crate::harness::proxy::Link;
use crate::harness::{Backend, Harness, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.on_harness:
        a_disk_that_lies_is_found,
        writes_that_one_member_acknowledged_are_missed,
    );
}

/// Long enough for hundreds of writes.
const A_WHILE: Duration = Duration::from_secs(1);

/// A disk that says that something is durable when it is not gives back an old file after the power failed.
async fn a_disk_that_lies_is_found(harness: &Harness) {
    let mut world = World::start(harness, Backend::Embedded).await;
    let clients = Clients::start(world.sites(), &mut Rng::with_seed(1)).await;
    sleep(A_WHILE).await;
    let server = &mut world.instances[0];
    server.pause();
    let old = fs::read(server.file()).expect("the file can be read");
    server.resume();
    sleep(A_WHILE).await;
    server.kill().await;
    fs::write(server.file(), old).expect("the file can be written");
    server.revive().await;
    assert_found(&check(&clients.end().await.history.events()));
}

/// What a primary alone has is gone when another one is elected.
async fn writes_that_one_member_acknowledged_are_missed(harness: &Harness) {
    let mut world = World::start(harness, Backend::Mongo).await;
    let clients = Clients::start(world.sites(), &mut Rng::with_seed(1)).await;
    world.set().weaken();
    sleep(A_WHILE).await;
    let set = world.set();
    let primary = set.primary().await;
    set.separate(primary, Link::Cut);
    sleep(A_WHILE).await;
    set.kill(primary);
    clients.served_again(Duration::from_secs(20)).await;
    set.separate(primary, Link::Whole);
    set.revive(primary).await;
    sleep(A_WHILE).await;
    assert_found(&check(&clients.end().await.history.events()));
}

fn assert_found(violations: &[Violation]) {
    let lost = violations.iter().filter(|violation| matches!(violation, Violation::NoOrder { .. })).count();
    assert!(lost > 0, "nothing was missed: {violations:?}");
}
