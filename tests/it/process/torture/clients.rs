//! The clients: they do what clients do, as fast as they are answered, and write down what they were told.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::history::{Act, History, Outcome};
use super::world::Site;
use crate::process::client::{Answer, PASSWORD};

/// How many there are.
const CLIENTS: u64 = 8;

/// Within which everybody is answered whom a server can answer at all.
const PROMISE: Duration = Duration::from_secs(5);

/// What a machine on which all of this runs together may add.
const MACHINE: Duration = Duration::from_secs(1);

/// How long a register is used. A checker needs the longer for one the more happened there.
const EPOCH: Duration = Duration::from_millis(400);

/// Whose documents they are.
const OWNER: &str = "ann";

/// What all clients know together.
pub(super) struct Record {
    pub(super) history: History,
    sites: Vec<Site>,
    numbers: AtomicU64,
    /// The tokens that were issued for each register of tokens, with their numbers.
    tokens: Mutex<HashMap<String, Vec<(u64, String)>>>,
    /// What an increment answered each, and how many have an unknown outcome.
    counted: Mutex<(Vec<i64>, usize)>,
    /// What was not as promised, and needs no checker to be seen.
    complaints: Mutex<Vec<String>>,
}

/// Clients at work.
pub(super) struct Clients {
    record: Arc<Record>,
    told_to_end: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Somebody with a token.
struct Worker {
    record: Arc<Record>,
    rng: Rng,
    token: String,
    made: usize,
}

impl Clients {
    /// Registers whom they stand for, and lets them loose.
    pub(super) async fn start(sites: Vec<Site>, rng: &mut Rng) -> Self {
        let first = sites[0].client();
        first.register(OWNER).await.good();
        let mut tokens = Vec::new();
        for n in 0..CLIENTS {
            tokens.push(first.token(OWNER, &format!("worker/{n}")).await);
        }
        let record = Arc::new(Record {
            history: History::new(),
            sites,
            numbers: AtomicU64::new(1),
            tokens: Mutex::default(),
            counted: Mutex::default(),
            complaints: Mutex::default(),
        });
        let told_to_end = Arc::new(AtomicBool::new(false));
        let tasks = tokens.into_iter().map(|token| {
            let mut worker = Worker { record: record.clone(), rng: rng.fork(), token, made: 0 };
            let told_to_end = told_to_end.clone();
            tokio::spawn(async move {
                while !told_to_end.load(Ordering::Relaxed) {
                    worker.act().await;
                }
            })
        });
        let tasks = tasks.collect();
        Self { record, told_to_end, tasks }
    }

    /// What they know.
    pub(super) fn record(&self) -> &Record {
        &self.record
    }

    /// Waits until each site acknowledges a write.
    pub(super) async fn served_again(&self, within: Duration) {
        let start = Instant::now();
        for (nth, site) in self.record.sites.iter().enumerate() {
            while let Err(answer) = probe(site).await {
                assert!(start.elapsed() < within, "site {nth} does not serve after {within:?}: {answer:?}");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Ends their work, and has them read everything once more.
    pub(super) async fn end(self) -> Arc<Record> {
        self.told_to_end.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("a client panicked");
        }
        let record = self.record;
        let token = record.sites[0].client().token(OWNER, "reader").await;
        let mut readers: Vec<Worker> = (0..CLIENTS)
            .map(|n| Worker { record: record.clone(), rng: Rng::with_seed(n), token: token.clone(), made: 0 })
            .collect();
        let mut registers: Vec<String> = record.history.events().into_iter().map(|event| event.register).collect();
        registers.sort();
        registers.dedup();
        let share = registers.len().div_ceil(readers.len()).max(1);
        let reading = registers.chunks(share).zip(&mut readers).map(async |(registers, reader)| {
            for register in registers {
                reader.look_at(register).await;
            }
        });
        futures_util::future::join_all(reading).await;
        record.check_counter(&token).await;
        record
    }
}

impl Record {
    /// What was not as promised.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().expect("nobody panics with it").clone()
    }

    fn complain(&self, what: String) {
        self.complaints.lock().expect("nobody panics with it").push(what);
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Each increment counts once: the answers differ, and the sum is that of all that were done.
    async fn check_counter(&self, token: &str) {
        let (mut answers, unknown) = self.counted.lock().expect("nobody panics with it").clone();
        let done = answers.len();
        if done + unknown == 0 {
            return;
        }
        answers.sort_unstable();
        answers.dedup();
        let answer = self.sites[0].client().get(token, "counter").await;
        let sum = if answer.status == 404 { 0 } else { answer.good()["value"].as_u64().expect("a number") as usize };
        if answers.len() < done || sum < done || sum > done + unknown {
            self.complain(format!("{done} increments done, {unknown} unknown, {} answers, sum {sum}", answers.len()));
        }
    }
}

impl Worker {
    /// Does one thing or another.
    async fn act(&mut self) {
        let epoch = self.record.history.now().as_millis() / EPOCH.as_millis();
        let shared = format!("shared.{epoch}.{}", self.rng.u8(0..3));
        let device = format!("device/{epoch}.{}", self.rng.u8(0..2));
        match self.rng.u8(0..100) {
            0..35 => self.put(&shared).await,
            35..60 => self.look_at(&shared).await,
            60..65 => self.remove(&shared).await,
            65..80 => {
                self.made += 1;
                let key = format!("own.{}.{}", self.number(), self.made);
                self.put(&key).await;
            }
            80..88 => self.increment().await,
            88..92 => self.issue(&device).await,
            92..99 => self.look_at(&device).await,
            _ => self.come_and_go().await,
        }
    }

    fn number(&self) -> u64 {
        self.record.number()
    }

    /// Sends a request to some site, and tells what its answer means.
    async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> (Outcome, Option<Answer>) {
        let site = &self.record.sites[self.rng.usize(..self.record.sites.len())];
        let holds = site.holds();
        let answer = site.client().try_send(method.clone(), path, body).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => {
                sleep(Duration::from_millis(5)).await;
                return (Outcome::Refused, None);
            }
            Err(_) => return (Outcome::Unknown, None),
        };
        let was_held = holds % 2 == 1 || holds != site.holds();
        if answer.took > PROMISE + MACHINE && !was_held {
            self.record.complain(format!("{method} {path} took {:?}: {}", answer.took, answer.status));
        }
        let outcome = match answer.status {
            200..300 => Outcome::Done,
            504 => Outcome::Unknown,
            // What comes of a clock that others do not have, or of the same name twice.
            403 | 404 | 409 | 503 => Outcome::Refused,
            _ => {
                self.record.complain(format!("{method} {path}: {answer:?}"));
                Outcome::Unknown
            }
        };
        (outcome, Some(answer))
    }

    async fn put(&mut self, key: &str) {
        let (number, called) = (self.number(), self.record.history.now());
        let body = json!({ "value": value(number) });
        let (outcome, answer) =
            self.send(Method::POST, &format!("/user/{}/store/{key}", self.token), Some(&body)).await;
        self.known(answer.as_ref());
        self.record.history.add(key, Act::Write(Some(number)), outcome, called);
    }

    async fn remove(&mut self, key: &str) {
        let called = self.record.history.now();
        let (outcome, answer) = self.send(Method::DELETE, &format!("/user/{}/store/{key}", self.token), None).await;
        self.known(answer.as_ref());
        match answer {
            Some(answer) if answer.status == 404 => {
                self.record.history.add(key, Act::Read(None), Outcome::Done, called)
            }
            _ => self.record.history.add(key, Act::Write(None), outcome, called),
        }
    }

    /// Reads a register of any kind.
    async fn look_at(&mut self, register: &str) {
        match register.split_once(['.', '/']).map_or(register, |(kind, _)| kind) {
            "device" => self.present(register).await,
            "guest" => self.knock(register).await,
            _ => self.get(register).await,
        }
    }

    async fn get(&mut self, key: &str) {
        let called = self.record.history.now();
        let (outcome, answer) = self.send(Method::GET, &format!("/user/{}/store/{key}", self.token), None).await;
        self.known(answer.as_ref());
        let Some(answer) = answer else { return };
        let found = match (outcome, answer.status) {
            (Outcome::Done, _) => {
                let found = answer.json()["value"].take();
                let Some(number) = found["number"].as_u64().filter(|number| value(*number) == found) else {
                    return self.record.complain(format!("{key} holds what nobody wrote: {found}"));
                };
                Some(number)
            }
            (_, 404) => None,
            (_, 504) => return self.record.complain(format!("a reading was answered with 504: {answer:?}")),
            _ => return,
        };
        self.record.history.add(key, Act::Read(found), Outcome::Done, called);
    }

    async fn increment(&mut self) {
        let (outcome, answer) = self.send(Method::POST, &format!("/user/{}/increment/counter", self.token), None).await;
        self.known(answer.as_ref());
        let mut counted = self.record.counted.lock().expect("nobody panics with it");
        match (outcome, answer) {
            (Outcome::Done, Some(answer)) => counted.0.push(answer.json()["value"].as_i64().expect("a number")),
            (Outcome::Unknown, _) => counted.1 += 1,
            _ => {}
        }
    }

    /// Has a token issued, which replaces that of everybody else with this client id.
    async fn issue(&mut self, device: &str) {
        let (number, called) = (self.number(), self.record.history.now());
        let body = json!({ "username": OWNER, "password": PASSWORD, "client_id": device });
        let (outcome, answer) = self.send(Method::POST, "/token", Some(&body)).await;
        self.record.history.add(device, Act::Write(Some(number)), outcome, called);
        if let (Outcome::Done, Some(answer)) = (outcome, answer) {
            let token = answer.json()["token"]["token"].as_str().expect("a token").to_owned();
            let mut tokens = self.record.tokens.lock().expect("nobody panics with it");
            tokens.entry(device.to_owned()).or_default().push((number, token));
        }
    }

    /// Shows one of the last tokens of a device.
    async fn present(&mut self, device: &str) {
        let recent = |tokens: &Vec<(u64, String)>| {
            let newest = tokens.len() - 1;
            tokens[newest - self.rng.usize(..tokens.len().min(3))].clone()
        };
        let shown = self.record.tokens.lock().expect("nobody panics with it").get(device).map(recent);
        let Some((number, token)) = shown else { return };
        let called = self.record.history.now();
        let (_, answer) = self.send(Method::GET, &format!("/user/{token}/store/nothing"), None).await;
        let seen = match answer.map(|answer| answer.status) {
            Some(404) => Act::Read(Some(number)),
            Some(403) => Act::ReadOther(number),
            _ => return,
        };
        self.record.history.add(device, seen, Outcome::Done, called);
    }

    /// An account that is made, written to and erased.
    async fn come_and_go(&mut self) {
        let number = self.number();
        let guest = format!("guest.{number}");
        let body = json!({ "username": guest, "password": PASSWORD });
        for (method, path, act) in
            [(Method::POST, "/register", Act::Write(Some(number))), (Method::DELETE, "/unregister", Act::Write(None))]
        {
            let called = self.record.history.now();
            let (outcome, answer) = self.send(method, path, Some(&body)).await;
            // Who is not known has no account to be erased.
            let is_gone = act == Act::Write(None) && answer.is_some_and(|answer| answer.status == 403);
            if is_gone {
                self.record.history.add(&guest, Act::Read(None), Outcome::Done, called);
            } else {
                self.record.history.add(&guest, act, outcome, called);
            }
            self.knock(&guest).await;
        }
    }

    /// Whether an account lets its owner in.
    async fn knock(&mut self, guest: &str) {
        let number = guest.split_once('.').and_then(|(_, number)| number.parse().ok());
        let called = self.record.history.now();
        let body = json!({ "username": guest, "password": PASSWORD });
        let (_, answer) = self.send(Method::POST, "/token", Some(&body)).await;
        let seen = match answer.map(|answer| answer.status) {
            Some(200) => number,
            Some(403) => None,
            _ => return,
        };
        self.record.history.add(guest, Act::Read(seen), Outcome::Done, called);
    }

    /// Nobody takes a worker's own token away, so that it is good whatever else goes wrong.
    fn known(&self, answer: Option<&Answer>) {
        if let Some(answer) = answer.filter(|answer| answer.status == 403) {
            self.record.complain(format!("a good token was refused: {answer:?}"));
        }
    }
}

/// Logs in and writes; an answer that is no good where one of the two is refused.
async fn probe(site: &Site) -> Result<(), Answer> {
    let client = site.client();
    let answer = client.log_in(OWNER, "probe").await;
    if answer.status != 200 {
        return Err(answer);
    }
    let token = answer.json()["token"]["token"].as_str().expect("a token").to_owned();
    match client.put(&token, "probe", &json!(1)).await {
        answer if answer.status == 200 => Ok(()),
        answer => Err(answer),
    }
}

/// A value that tells its number, and whether all of it is there.
fn value(number: u64) -> Value {
    let size = if number.is_multiple_of(50) { 20_000 } else { number * 7919 % 700 };
    json!({ "number": number, "rest": "x".repeat(size as usize), "again": number })
}
