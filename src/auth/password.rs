//! bcrypt, on threads of its own.
//!
//! A verification takes a quarter of a second of one core. It must neither stop the async workers nor pile up: a few
//! threads, a short queue, and whoever finds the queue full is told so at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{Instrument, error, info_span};

use super::remember::Remembered;
use super::{AuthError, PasswordCounts};
use crate::domain::{Password, PasswordHash, Timestamp};
use crate::tally::Held;

/// How passwords are hashed.
#[derive(Clone, Copy, Debug)]
pub struct HasherSettings {
    /// bcrypt's cost: 2^cost rounds.
    pub cost: u32,
    /// Threads that hash.
    pub threads: usize,
    /// How many may wait.
    pub queue: usize,
}

/// How long a caller waits for its turn; after that the job is dropped from the queue unworked.
const PATIENCE: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and verifies passwords. The threads end when it is dropped.
pub struct Hasher {
    jobs: SyncSender<Job>,
    cost: u32,
    counts: PasswordCounts,
}

impl Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(settings: HasherSettings) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(settings.queue);
        let (waiting, counts) = (Arc::new(Mutex::new(waiting)), PasswordCounts::default());
        for _ in 0..settings.threads.max(1) {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name("bcrypt".to_owned()).spawn(move || {
                let_others_go_first();
                work(&waiting);
            })?;
            counts.threads.inc();
        }
        Ok(Self { jobs, cost: settings.cost, counts })
    }

    /// What is counted about the threads.
    #[must_use]
    pub const fn counts(&self) -> &PasswordCounts {
        &self.counts
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`AuthError::Busy`].
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash, AuthError> {
        let (password, cost) = (password.clone(), self.cost);
        let hashed = self.run(move || bcrypt::hash(password.expose(), cost)).await?;
        hashed.map(PasswordHash::from_stored).map_err(|error| {
            error!("bcrypt failed: {error}");
            AuthError::Busy
        })
    }

    /// Whether the password fits the hash. Without a hash, or with a text that is no password, the answer is no, after
    /// the same work.
    ///
    /// # Errors
    /// [`AuthError::Busy`].
    pub async fn verify(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, AuthError> {
        let check = self.check(password, hash);
        self.run(check).await
    }

    /// The same, without the work where `remembered` knows the answer by the time it is its turn; a yes is remembered.
    /// Of many requests that bring the same password at once, one makes the work and the others find it done.
    pub(super) async fn verify_remembering(
        &self,
        password: &str,
        hash: Option<&PasswordHash>,
        remembered: Arc<Remembered>,
        now: Timestamp,
    ) -> Result<bool, AuthError> {
        let check = self.check(password, hash);
        let known = hash.map(|hash| (password.to_owned(), hash.clone()));
        let work = move || match known {
            Some((password, hash)) if remembered.knows(&password, &hash, now) => true,
            Some((password, hash)) if check() => {
                remembered.remember(&password, &hash, now);
                true
            }
            Some(_) => false,
            None => check(),
        };
        self.run(work).await
    }

    /// The work of a verification.
    fn check(&self, password: &str, hash: Option<&PasswordHash>) -> impl Fn() -> bool + Send + 'static {
        let candidate = Password::parse(password).ok();
        let possible = candidate.is_some() && hash.is_some();
        let password = candidate.map_or_else(String::new, |password| password.expose().to_owned());
        let stand_in = stand_in(self.cost);
        let hash = hash.map_or_else(|| stand_in.clone(), |hash| hash.expose().to_owned());
        move || {
            let fits = bcrypt::verify(&password, &hash).unwrap_or_else(|error| {
                error!("a stored password hash cannot be used: {error}");
                let _same_work = bcrypt::verify(&password, &stand_in);
                false
            });
            fits && possible
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AuthError> {
        let answer = self.try_run(work).await;
        if answer.is_err() {
            self.counts.refused.inc();
        }
        answer
    }

    async fn try_run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AuthError> {
        let (begin, begun) = oneshot::channel();
        let (reply, answer) = oneshot::channel();
        let (counts, came, place) = (self.counts.clone(), Instant::now(), Held::on(&self.counts.waiting));
        let job = Box::new(move || {
            drop(place);
            counts.waits.observe(came.elapsed().as_secs_f64());
            // Whoever asked may be gone, and then the answer is not worth the work.
            if begin.send(()).is_ok() {
                let (busy, start) = (Held::on(&counts.busy), Instant::now());
                let done = work();
                counts.works.observe(start.elapsed().as_secs_f64());
                drop(busy);
                let _gone_meanwhile = reply.send(done);
            }
        });
        self.jobs.try_send(job).map_err(|_| AuthError::Busy)?;
        // A full queue holds those who have waited for almost as long as anybody does. If the work had to be done within the
        // same time, most of it would be done for nobody.
        let answered = async {
            match timeout(PATIENCE, begun).await {
                Ok(Ok(())) => answer.await.map_err(|_| AuthError::Busy),
                _ => Err(AuthError::Busy),
            }
        };
        answered.instrument(info_span!(target: "keybin::span", "password")).await
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

/// A hash that no password fits, of the same cost as a real one: salt and digest are all zeros.
fn stand_in(cost: u32) -> String {
    format!("$2b${cost:02}${}", ".".repeat(53))
}

/// Lowers the priority of this thread, so that of a core that both want three quarters go to whoever only reads.
#[cfg(target_os = "linux")]
fn let_others_go_first() {
    /// As in nice(1).
    const NICE: i32 = 5;
    // On Linux "this process" is the calling thread.
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!("passwords are verified at the priority of everything else: {error}");
    }
}

/// Elsewhere it would be the priority of the whole process.
#[cfg(not(target_os = "linux"))]
fn let_others_go_first() {}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        // Held only while waiting for a job: the next thread waits for this lock instead of for the channel.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            error!("a password job panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use super::*;

    fn hasher() -> Hasher {
        Hasher::start(HasherSettings { cost: 4, threads: 1, queue: 1 }).expect("threads")
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let hasher = hasher();
        let hash = hasher.hash(&Password::parse("secret").expect("a password")).await.expect("a hash");
        assert!(hasher.verify("secret", Some(&hash)).await.expect("an answer"));
        for wrong in ["Secret", "", "secret\0", &"x".repeat(73)] {
            assert!(!hasher.verify(wrong, Some(&hash)).await.expect("an answer"), "{wrong:?}");
        }
        assert!(!hasher.verify("secret", None).await.expect("an answer"));
    }

    #[tokio::test]
    async fn hashes_of_python_and_php_are_understood() {
        let hash = bcrypt::hash_with_salt("secret", 4, [7; 16]).expect("a hash");
        for version in [bcrypt::Version::TwoA, bcrypt::Version::TwoB, bcrypt::Version::TwoY] {
            let hash = PasswordHash::from_stored(hash.format_for_version(version));
            assert!(hasher().verify("secret", Some(&hash)).await.expect("an answer"));
        }
    }

    #[tokio::test]
    async fn a_damaged_hash_fits_nothing() {
        let damaged = PasswordHash::from_stored("$2b$04$short");
        assert!(!hasher().verify("secret", Some(&damaged)).await.expect("an answer"));
    }

    #[tokio::test]
    async fn the_stand_in_is_a_hash_of_the_same_cost() {
        assert_eq!(bcrypt::verify("", &stand_in(4)).ok(), Some(false));
        assert!(stand_in(12).starts_with("$2b$12$"));
    }

    #[tokio::test]
    async fn of_many_that_bring_the_same_password_one_makes_the_work() {
        let hasher = Arc::new(Hasher::start(HasherSettings { cost: 10, threads: 1, queue: 64 }).expect("threads"));
        let hash = hasher.hash(&Password::parse("secret").expect("a password")).await.expect("a hash");
        let (remembered, now) = (Arc::new(Remembered::new(60)), Timestamp::from_millis(0));
        let verify = |password: &'static str| {
            let (hasher, hash, remembered) = (Arc::clone(&hasher), hash.clone(), Arc::clone(&remembered));
            tokio::spawn(async move { hasher.verify_remembering(password, Some(&hash), remembered, now).await })
        };
        // Worked off one after the other, they would take longer than anybody waits.
        let right: Vec<_> = (0..60).map(|_| verify("secret")).collect();
        for one in right {
            assert!(one.await.expect("no panic").expect("an answer"));
        }
        assert!(!verify("Secret").await.expect("no panic").expect("an answer"));
        assert!(!remembered.knows("Secret", &hash, now));
    }

    #[tokio::test]
    async fn what_is_begun_is_waited_for() {
        let hasher = Arc::new(Hasher::start(HasherSettings { cost: 4, threads: 1, queue: 16 }).expect("threads"));
        let begun = Arc::new(AtomicUsize::new(0));
        let end = Instant::now() + PATIENCE * 2;
        // More than there is room for, each again at once: so the queue holds some that have waited for almost as long as
        // anybody does.
        let crowd: Vec<_> = (0..20)
            .map(|_| {
                let (hasher, begun) = (Arc::clone(&hasher), Arc::clone(&begun));
                tokio::spawn(async move {
                    let mut answered = 0;
                    while Instant::now() < end {
                        let begun = Arc::clone(&begun);
                        let work = move || {
                            begun.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(PATIENCE / 5);
                        };
                        answered += usize::from(hasher.run(work).await.is_ok());
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    answered
                })
            })
            .collect();
        let mut answered = 0;
        for one in crowd {
            answered += one.await.expect("no panic");
        }
        assert_eq!(answered, begun.load(Ordering::Relaxed), "answered and begun");
    }

    #[tokio::test]
    async fn a_full_queue_turns_away() {
        let hasher = Arc::new(Hasher::start(HasherSettings { cost: 10, threads: 1, queue: 1 }).expect("threads"));
        let tries: Vec<_> = (0..16)
            .map(|_| {
                let hasher = Arc::clone(&hasher);
                tokio::spawn(async move { hasher.verify("x", None).await })
            })
            .collect();
        let mut busy = 0;
        for one in tries {
            busy += usize::from(matches!(one.await.expect("no panic"), Err(AuthError::Busy)));
        }
        assert!((1..16).contains(&busy), "{busy} of 16 were turned away");
    }
}
