//! What clients did and were told, with times.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What a client wanted of a register. A register is a key of an account, or its token for a client id; what it holds is a
/// number that nothing else in the history has, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// To put a number there, or to remove what is there.
    Write(Option<u64>),
    /// To read, and this was there.
    Read(Option<u64>),
    /// To read, and it was anything but this.
    ReadOther(u64),
}

/// What the client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done (2xx).
    Done,
    /// It was not done (4xx, 503, or no connection).
    Refused,
    /// It may have been done, or may be done yet (504, or a connection that broke).
    Unknown,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) register: String,
    pub(super) act: Act,
    pub(super) outcome: Outcome,
    pub(super) called: Duration,
    pub(super) returned: Duration,
}

/// The record. It begins with its making.
#[derive(Debug)]
pub(super) struct History {
    start: Instant,
    events: Mutex<Vec<Event>>,
}

impl History {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), events: Mutex::default() }
    }

    /// The time.
    pub(super) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Adds a request that was made at `called` and answered now.
    pub(super) fn add(&self, register: &str, act: Act, outcome: Outcome, called: Duration) {
        let event = Event { register: register.to_owned(), act, outcome, called, returned: self.now() };
        self.events.lock().expect("nobody panics with it").push(event);
    }

    /// Everything so far.
    pub(super) fn events(&self) -> Vec<Event> {
        self.events.lock().expect("nobody panics with it").clone()
    }
}
