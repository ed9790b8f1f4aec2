//! Whether a history can be that of a store that keeps its promises: each register behaves as if each request had been
//! carried out at one moment between its call and its answer (Herlihy and Wing, Linearizability, 1990), those with unknown
//! outcome at any moment after their call or never, and those that were refused never.
//!
//! The search is that of Wing and Gong with Lowe's memory of the states it has been in.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use super::history::{Act, Event, Outcome};

/// What cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// Somebody read what nobody wrote there.
    Phantom { register: String, value: u64 },
    /// Somebody read what was refused.
    RefusedButDone { register: String, value: u64 },
    /// No order explains what was read: something acknowledged was lost, or came late, or something old was read. With the
    /// requests around the place where the search came to its end.
    NoOrder { register: String, around: Vec<String> },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phantom { register, value } => write!(f, "{register}: {value} was read, and nobody wrote it"),
            Self::RefusedButDone { register, value } => {
                write!(f, "{register}: {value} was read, and to write it was refused")
            }
            Self::NoOrder { register, around } => {
                write!(f, "{register}: no order explains this:\n  {}", around.join("\n  "))
            }
        }
    }
}

/// What is wrong in a history; nothing, where everything can be explained.
pub(super) fn check(events: &[Event]) -> Vec<Violation> {
    let mut registers: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        registers.entry(&event.register).or_default().push(event);
    }
    registers.into_iter().filter_map(|(register, events)| check_register(register, &events).err()).collect()
}

fn check_register(register: &str, events: &[&Event]) -> Result<(), Violation> {
    let mut first_seen: HashMap<u64, Duration> = HashMap::new();
    for event in events.iter().filter(|event| event.outcome == Outcome::Done) {
        if let Act::Read(Some(value)) = event.act {
            let seen = first_seen.entry(value).or_insert(event.returned);
            *seen = event.returned.min(*seen);
        }
    }
    for value in first_seen.keys() {
        let mut writes = events.iter().filter(|event| event.act == Act::Write(Some(*value)));
        let (register, value) = (register.to_owned(), *value);
        match writes.next().map(|event| event.outcome) {
            None => return Err(Violation::Phantom { register, value }),
            Some(Outcome::Refused) => return Err(Violation::RefusedButDone { register, value }),
            Some(_) => {}
        }
    }
    // Of a token that another replaced only this can be seen: it is another one.
    let shows_others = events.iter().any(|event| matches!(event.act, Act::ReadOther(_)));
    let mut sure = Vec::new();
    let mut removals = Vec::new();
    for event in events {
        match (event.outcome, event.act) {
            (Outcome::Done, act) => sure.push(Op { act, called: event.called, returned: event.returned }),
            // Once it was read, it was done.
            (Outcome::Unknown, Act::Write(Some(value))) => match first_seen.get(&value) {
                Some(seen) => sure.push(Op { act: event.act, called: event.called, returned: *seen }),
                None if shows_others => removals.push(event.called),
                None => {}
            },
            (Outcome::Unknown, Act::Write(None)) => removals.push(event.called),
            _ => {}
        }
    }
    sure.sort_by_key(|op| op.called);
    removals.sort();
    Search { ops: &sure, removals: &removals, been: HashSet::new(), furthest: 0 }.explain(register)
}

/// A request that was carried out.
struct Op {
    act: Act,
    called: Duration,
    returned: Duration,
}

/// How far an order has come: everything before `next` is in it, of what follows what `beyond` says, and so many removals
/// that are not sure. Those differ in nothing but their call, so that the earliest may be taken first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Progress {
    next: usize,
    beyond: u128,
    removals: usize,
    value: Option<u64>,
}

struct Search<'a> {
    ops: &'a [Op],
    removals: &'a [Duration],
    been: HashSet<Progress>,
    furthest: usize,
}

impl Search<'_> {
    fn explain(mut self, register: &str) -> Result<(), Violation> {
        let mut open = vec![Progress { next: 0, beyond: 0, removals: 0, value: None }];
        while let Some(at) = open.pop() {
            if at.next == self.ops.len() {
                return Ok(());
            }
            if self.been.insert(at) {
                self.furthest = self.furthest.max(at.next);
                self.steps(at, &mut open);
            }
        }
        let from = self.furthest.saturating_sub(6);
        let around = &self.ops[from..self.ops.len().min(self.furthest + 12)];
        let around = around.iter().map(|op| format!("{:?} {:?} … {:?}", op.act, op.called, op.returned)).collect();
        Err(Violation::NoOrder { register: register.to_owned(), around })
    }

    /// What may come next.
    fn steps(&self, at: Progress, open: &mut Vec<Progress>) {
        // Nothing may come before what had been answered when it was called.
        let waiting = self.ops[at.next..].iter().enumerate().take(128).filter(|(n, _)| at.beyond & (1 << n) == 0);
        let limit = waiting.clone().map(|(_, op)| op.returned).min().unwrap_or(Duration::MAX);
        if at.value.is_some() && self.removals.get(at.removals).is_some_and(|called| *called <= limit) {
            open.push(Progress { removals: at.removals + 1, value: None, ..at });
        }
        for (n, op) in waiting.take_while(|(_, op)| op.called <= limit) {
            let value = match op.act {
                Act::Write(value) => value,
                Act::Read(value) if value == at.value => value,
                Act::ReadOther(value) if Some(value) != at.value => at.value,
                _ => continue,
            };
            let mut step = Progress { value, beyond: at.beyond | (1 << n), ..at };
            while step.beyond & 1 == 1 {
                step.beyond >>= 1;
                step.next += 1;
            }
            open.push(step);
        }
    }
}
