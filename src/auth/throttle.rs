//! Throttling: how often one may be wrong about a password, log in, and register.
//!
//! * Wrong passwords are counted for the network that they come from, and never for an account alone: nobody can lock
//!   somebody else out.
//! * A wrong guess is counted when it was found wrong, so that many right ones at once are no trouble. So many at once as
//!   there is room for at bcrypt can be wrong before the first is counted; all count, and more must be waited for.
//! * A name that nobody has is counted like one that somebody has.
//! * Of each counter only the moment is kept at which it will be at zero again (generic cell rate algorithm, ITU-T I.371).
//!   There are so many counters at the most; those that are not asked for are forgotten first.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use quick_cache::unsync::Cache;

use super::address::{Address, Network};
use super::{AuthError, ThrottleCounts};
use crate::domain::{AccountId, Timestamp, Username};
use crate::tally::Count;

/// How many counters there are at the most.
const COUNTERS: usize = 64 * 1024;

/// How many times as often one may be wrong about all accounts together as about one.
const ACCOUNTS: u32 = 10;

/// How many times the span of a limit one has to wait at the most, whatever came at once.
const LONGEST: i64 = 10;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// How much is let through. A limit of 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// Wrong passwords from one network for one account, in a minute.
    pub wrong_passwords: u32,
    /// Right passwords for one account, in a minute.
    pub log_ins: u32,
    /// Registrations from one network, in an hour.
    pub registrations: u32,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Counter {
    WrongPasswords(Network),
    /// For the account of this name; `None` for what can be no name.
    WrongPasswordsFor(Network, Option<Username>),
    LogIns(AccountId),
    Registrations(Network),
}

/// See the module.
pub(super) struct Throttle {
    settings: ThrottleSettings,
    /// When each will be at zero, in microseconds.
    counters: Mutex<Cache<Counter, i64>>,
    counts: ThrottleCounts,
}

/// A guess that was let through.
pub(super) struct Guess<'t> {
    throttle: &'t Throttle,
    counters: [(Counter, Rate); 2],
    now: Timestamp,
}

impl Throttle {
    pub(super) fn new(settings: ThrottleSettings) -> Self {
        Self { settings, counters: Mutex::new(Cache::new(COUNTERS)), counts: ThrottleCounts::default() }
    }

    /// How often a limit was reached.
    pub(super) const fn counts(&self) -> &ThrottleCounts {
        &self.counts
    }

    /// Lets somebody guess the password of an account.
    pub(super) fn guess(&self, username: &str, from: Address, now: Timestamp) -> Result<Guess<'_>, AuthError> {
        let (network, most) = (from.network(), self.settings.wrong_passwords);
        let rate = |most| Rate { most, within: MINUTE };
        let counters = [
            (Counter::WrongPasswordsFor(network, Username::parse(username).ok()), rate(most)),
            (Counter::WrongPasswords(network), rate(most.saturating_mul(ACCOUNTS))),
        ];
        for (counter, rate) in &counters {
            noted(rate.check(self.counters().get(counter), now), &self.counts.wrong_passwords)?;
        }
        Ok(Guess { throttle: self, counters, now })
    }

    /// Lets somebody in who knew the password.
    pub(super) fn log_in(&self, account: AccountId, now: Timestamp) -> Result<(), AuthError> {
        let rate = Rate { most: self.settings.log_ins, within: MINUTE };
        noted(self.count(Counter::LogIns(account), rate, now), &self.counts.log_ins)
    }

    /// Lets somebody register.
    pub(super) fn register(&self, from: Address, now: Timestamp) -> Result<(), AuthError> {
        let rate = Rate { most: self.settings.registrations, within: HOUR };
        noted(self.count(Counter::Registrations(from.network()), rate, now), &self.counts.registrations)
    }

    fn count(&self, counter: Counter, rate: Rate, now: Timestamp) -> Result<(), AuthError> {
        let mut counters = self.counters();
        rate.check(counters.get(&counter), now)?;
        rate.add(&mut counters, counter, now);
        Ok(())
    }

    fn counters(&self) -> MutexGuard<'_, Cache<Counter, i64>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts who is not let through.
fn noted(judged: Result<(), AuthError>, refused: &Count) -> Result<(), AuthError> {
    judged.inspect_err(|_| {
        refused.inc();
    })
}

impl Guess<'_> {
    /// It was wrong.
    pub(super) fn was_wrong(self) {
        let mut counters = self.throttle.counters();
        for (counter, rate) in self.counters {
            rate.add(&mut counters, counter, self.now);
        }
    }
}

/// So many within so many microseconds; one more each time a part of them is over.
#[derive(Clone, Copy)]
struct Rate {
    most: u32,
    within: i64,
}

impl Rate {
    /// Whether one more is let through.
    fn check(self, zero_at: Option<&i64>, now: Timestamp) -> Result<(), AuthError> {
        let Some(one) = self.one() else { return Ok(()) };
        let wait = self.rest(zero_at, now) + one - self.within;
        if wait > 0 { Err(AuthError::Throttled((wait as u64).div_ceil(1_000_000) as u32)) } else { Ok(()) }
    }

    fn add(self, counters: &mut Cache<Counter, i64>, counter: Counter, now: Timestamp) {
        let Some(one) = self.one() else { return };
        let rest = (self.rest(counters.get(&counter), now) + one).min(self.longest());
        counters.insert(counter, now.as_micros() + rest);
    }

    /// How long it takes until a counter is at zero. What a clock left behind that was ahead does not count.
    fn rest(self, zero_at: Option<&i64>, now: Timestamp) -> i64 {
        let rest = zero_at.map_or(0, |zero_at| zero_at - now.as_micros());
        if rest > self.longest() { 0 } else { rest.max(0) }
    }

    /// The longest that anybody has to wait.
    fn longest(self) -> i64 {
        LONGEST * self.within
    }

    /// What one adds to a counter; `None` where there is no limit.
    fn one(self) -> Option<i64> {
        (self.most > 0).then(|| self.within / i64::from(self.most))
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn throttle() -> Throttle {
        Throttle::new(ThrottleSettings { wrong_passwords: 3, log_ins: 2, registrations: 2 })
    }

    fn address(last: u8) -> Address {
        Address::new([192, 0, 2, last].into())
    }

    /// Guesses wrong, and gives the seconds to wait where that was not let through.
    fn wrong(throttle: &Throttle, name: &str, last: u8, now: Timestamp) -> Option<u32> {
        match throttle.guess(name, address(last), now) {
            Ok(guess) => {
                guess.was_wrong();
                None
            }
            Err(AuthError::Throttled(seconds)) => Some(seconds),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn wrong_guesses_are_counted_for_a_network_and_a_name() {
        let throttle = throttle();
        for _ in 0..3 {
            assert_eq!(wrong(&throttle, "ada", 1, NOW), None);
        }
        assert_eq!(wrong(&throttle, "ada", 1, NOW), Some(20));
        assert_eq!(wrong(&throttle, "ada", 2, NOW), None);
        assert_eq!(wrong(&throttle, "grace", 1, NOW), None);
        assert_eq!(wrong(&throttle, "ada", 1, NOW.plus_seconds(19)), Some(1));
        assert_eq!(wrong(&throttle, "ada", 1, NOW.plus_seconds(20)), None);
        assert_eq!(wrong(&throttle, "ada", 1, NOW.plus_seconds(20)), Some(20));
        for _ in 0..3 {
            assert_eq!(wrong(&throttle, "ada", 1, NOW.plus_seconds(120)), None);
        }
    }

    #[test]
    fn many_names_are_ten_times_one() {
        let throttle = throttle();
        for name in 0..30 {
            assert_eq!(wrong(&throttle, &format!("name{name}"), 1, NOW), None);
        }
        assert_eq!(wrong(&throttle, "ada", 1, NOW), Some(2));
        // What was not let through does not count for the name.
        for _ in 0..3 {
            assert_eq!(wrong(&throttle, "ada", 1, NOW.plus_seconds(10)), None);
        }
    }

    #[test]
    fn guesses_that_were_not_wrong_do_not_count() {
        let throttle = throttle();
        for _ in 0..100 {
            drop(throttle.guess("ada", address(1), NOW).expect("let through"));
        }
        assert_eq!(wrong(&throttle, "ada", 1, NOW), None);
    }

    #[test]
    fn those_that_were_wrong_at_once_are_all_counted() {
        // The ninth has to wait for six of the eight. Nobody has to wait for ever.
        for (count, seconds) in [(8, 6 * 20), (1000, 9 * 60 + 20)] {
            let throttle = self::throttle();
            let guess = |_| throttle.guess("ada", address(1), NOW).expect("let through");
            let guesses: Vec<_> = (0..count).map(guess).collect();
            guesses.into_iter().for_each(Guess::was_wrong);
            assert_eq!(wrong(&throttle, "ada", 1, NOW), Some(seconds), "{count}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let throttle = throttle();
        for _ in 0..3 {
            assert_eq!(wrong(&throttle, "ada", 1, NOW.plus_seconds(1_000_000)), None);
        }
        for _ in 0..3 {
            assert_eq!(wrong(&throttle, "ada", 1, NOW), None);
        }
        assert_eq!(wrong(&throttle, "ada", 1, NOW), Some(20));
    }

    #[test]
    fn log_ins_and_registrations_have_limits_of_their_own() {
        let (throttle, account) = (throttle(), AccountId::random());
        for _ in 0..2 {
            throttle.log_in(account, NOW).expect("let through");
            throttle.register(address(1), NOW).expect("let through");
        }
        assert!(matches!(throttle.log_in(account, NOW), Err(AuthError::Throttled(30))));
        assert!(matches!(throttle.register(address(1), NOW), Err(AuthError::Throttled(1800))));
        throttle.log_in(AccountId::random(), NOW).expect("let through");
        throttle.register(address(2), NOW).expect("let through");
    }

    #[test]
    fn a_limit_of_zero_is_none() {
        let throttle = Throttle::new(ThrottleSettings { wrong_passwords: 0, log_ins: 0, registrations: 0 });
        for _ in 0..1000 {
            assert_eq!(wrong(&throttle, "ada", 1, NOW), None);
            throttle.register(address(1), NOW).expect("let through");
        }
    }
}
