//! What goes wrong, and what ends it.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::sleep;

use super::shim::{INPUT_OUTPUT, NO_SPACE};
use super::world::World;
use crate::harness::Backend;
use crate::harness::proxy::Link;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A Keybin is killed (SIGKILL) and started again.
    KillServer,
    /// A Keybin is held for a while (SIGSTOP).
    HoldServer,
    /// The clock of a Keybin jumps by up to an hour, and later back.
    StepClock,
    /// There is no space left for the embedded file.
    FillDisk,
    /// What is written to the embedded file cannot be made durable.
    BreakSync,
    /// The primary is killed, and started again after the others could elect another.
    KillPrimary,
    /// The primary is held.
    HoldPrimary,
    /// The primary is asked to leave its office.
    StepDown,
    /// The primary and the other members cannot reach each other; clients reach them all.
    IsolatePrimary,
    /// Nobody can reach the primary.
    PartitionPrimary,
    /// All connections between the Keybins and MongoDB break.
    CutLinks,
    /// Nothing goes through between the Keybins and the primary, and no connection breaks.
    StallLinks,
    /// The primary does what it is asked, and its answers are lost.
    LoseAnswers,
    /// A connection dies without a word while a write is under way on it; the others are well.
    StrandWrite,
}

use Fault::*;

impl Fault {
    /// Those that a kind of store can suffer.
    pub(super) fn of(backend: Backend) -> &'static [Self] {
        match backend {
            Backend::Embedded => &[KillServer, HoldServer, StepClock, FillDisk, BreakSync],
            Backend::Mongo => &[
                KillServer,
                HoldServer,
                StepClock,
                KillPrimary,
                HoldPrimary,
                StepDown,
                IsolatePrimary,
                PartitionPrimary,
                CutLinks,
                StallLinks,
                LoseAnswers,
                StrandWrite,
            ],
        }
    }

    /// Lets it happen, and ends it.
    pub(super) async fn strike(self, world: &mut World, rng: &mut Rng) {
        let server = rng.usize(..world.instances.len());
        let server = &mut world.instances[server];
        match self {
            KillServer => {
                server.kill().await;
                return server.revive().await;
            }
            HoldServer => {
                server.pause();
                millis(rng, 100..1500).await;
                return server.resume();
            }
            StepClock => {
                server.shim.set_clock(rng.i64(-3600..=3600));
                millis(rng, 200..1000).await;
                return server.shim.set_clock(0);
            }
            FillDisk => {
                server.shim.fail_writes(NO_SPACE);
                millis(rng, 50..1000).await;
                return server.shim.fail_writes(0);
            }
            BreakSync => {
                server.shim.fail_syncs(INPUT_OUTPUT);
                millis(rng, 50..1000).await;
                return server.shim.fail_syncs(0);
            }
            _ => {}
        }
        let set = world.set();
        let primary = set.primary().await;
        match self {
            KillPrimary => {
                set.kill(primary);
                // At times it is back before anybody else was elected.
                millis(rng, 0..4000).await;
                set.revive(primary).await;
            }
            HoldPrimary => {
                set.pause(primary);
                millis(rng, 500..6000).await;
                set.resume(primary);
            }
            StepDown => set.step_down(primary).await,
            IsolatePrimary => {
                set.separate(primary, Link::Cut);
                millis(rng, 500..6000).await;
                set.separate(primary, Link::Whole);
            }
            PartitionPrimary => {
                let link = *rng.choice(&[Link::Cut, Link::Stalled]).expect("two");
                set.separate(primary, link);
                set.hide(primary, link);
                millis(rng, 500..6000).await;
                set.separate(primary, Link::Whole);
                set.hide(primary, Link::Whole);
            }
            CutLinks => {
                for link in [Link::Cut, Link::Whole] {
                    (0..3).for_each(|member| set.hide(member, link));
                    millis(rng, 0..500).await;
                }
            }
            StallLinks => {
                set.hide(primary, Link::Stalled);
                millis(rng, 500..6000).await;
                set.hide(primary, Link::Whole);
            }
            LoseAnswers => {
                set.hide(primary, Link::Deaf);
                millis(rng, 20..500).await;
                set.hide(primary, Link::Cut);
                millis(rng, 20..50).await;
                set.hide(primary, Link::Whole);
            }
            StrandWrite => {
                set.strand_next_update(primary);
                millis(rng, 50..500).await;
            }
            _ => unreachable!("of a server, and done"),
        }
    }
}

impl fmt::Display for Fault {
    /// The words of its name: `kill-server`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push('-');
            }
            words.push(letter.to_ascii_lowercase());
        }
        f.pad(&words)
    }
}

async fn millis(rng: &mut Rng, range: std::ops::Range<u64>) {
    sleep(Duration::from_millis(rng.u64(range))).await;
}
