//! MongoDB: there, known to us, durable, with every index, and of the same time.

use tokio::runtime::Runtime;

use super::finding::Finding;
use crate::cli::CliError;
use crate::domain::{SystemClock, with_causes};
use crate::store::mongo::{Examination, Options, TESTED, Topology, examine};

/// How far the clocks may be apart, in milliseconds.
const SLACK: i64 = 1000;

pub(super) fn check(options: &Options) -> Result<Vec<Finding>, CliError> {
    let found = Runtime::new()?.block_on(examine(options, &SystemClock));
    Ok(match found {
        Ok(found) => {
            let mut findings = vec![store(&found), topology(&found)];
            findings.extend(majority(&found));
            findings.push(indexes(&found));
            findings.extend(sweeping(&found));
            findings.push(clock(&found));
            findings
        }
        Err(error) => vec![Finding::problem(
            "store",
            format!("the MongoDB cannot be used: {}", with_causes(&error)),
            "see [STORE] host, and whether it runs and can be reached from here",
        )],
    })
}

fn store(found: &Examination) -> Finding {
    let text = format!("MongoDB {} answers", found.version_text);
    if found.version >= TESTED {
        Finding::ok("store", text)
    } else {
        let (major, minor) = TESTED;
        Finding::warning(
            "store",
            format!("{text}, which is older than any that Keybin is tried with"),
            format!("use {major}.{minor} or later"),
        )
    }
}

fn topology(found: &Examination) -> Finding {
    match &found.topology {
        Topology::ReplicaSet(name) => Finding::ok(
            "store.durability",
            format!(
                "a replica set ({name}): writes wait for the journals of a majority, whatever the connection string says"
            ),
        ),
        Topology::Cluster => Finding::ok(
            "store.durability",
            "a sharded cluster: writes wait for the journals of a majority, whatever the connection string says",
        ),
        Topology::Standalone => Finding::warning(
            "store.durability",
            "one server without a replica set: what was acknowledged is gone with its disk, nobody takes over while it is away, \
             several operations at once are refused, and an answer that got lost cannot be asked for again",
            "make it a replica set, of one member if need be",
        ),
    }
}

/// Whether enough members are there for a write.
fn majority(found: &Examination) -> Option<Finding> {
    let members = found.members.as_ref()?;
    let text = format!(
        "{} of {} members that keep data are well, and a write needs {}",
        members.well, members.all, members.majority
    );
    Some(if members.well < members.majority {
        Finding::problem(
            "store.majority",
            text,
            "bring the others back: until then writes are refused or told as unknown",
        )
    } else if members.well < members.all {
        Finding::warning("store.majority", text, "bring the others back")
    } else if members.arbiters > 0 {
        Finding::warning(
            "store.majority",
            format!("{text}; an arbiter votes and keeps nothing, so that one loss may end all writes"),
            "make it a member that keeps data",
        )
    } else {
        Finding::ok("store.majority", text)
    })
}

fn indexes(found: &Examination) -> Finding {
    if !found.is_prepared {
        Finding::ok("store.indexes", "the database is not prepared yet; the first start does it")
    } else if found.indexes.is_empty() {
        Finding::ok("store.indexes", "every index is there, and what it should be")
    } else {
        let text = found.indexes.join(", ");
        Finding::problem("store.indexes", text, "start Keybin again, which makes them")
    }
}

/// What has expired is never served; but somebody must remove it.
fn sweeping(found: &Examination) -> Option<Finding> {
    (found.sweeps == Some(false)).then(|| {
        Finding::warning(
            "store.sweeping",
            "MongoDB removes nothing that has expired, because its TTL monitor is switched off",
            "set its parameter ttlMonitorEnabled to true",
        )
    })
}

fn clock(found: &Examination) -> Finding {
    let apart = found.clock_ahead;
    let text =
        format!("that of the MongoDB is {} ms {} ours", apart.abs(), if apart < 0 { "behind" } else { "ahead of" });
    if apart.abs() <= SLACK {
        Finding::ok("store.clock", text)
    } else {
        Finding::warning(
            "store.clock",
            text,
            "synchronise both: instances on other machines judge expiry by clocks of their own",
        )
    }
}
