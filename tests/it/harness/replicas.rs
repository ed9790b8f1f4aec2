//! A replica set of three MongoDB servers on this machine, each behind a proxy that the others and everybody else go through.

use std::path::Path;
use std::time::{Duration, Instant};

use bson::{Document, doc};
use futures_util::future::{join_all, try_join_all};
use tokio::time::{sleep, timeout};

use super::mongod::{Mongod, SET};
use super::proxy::{Link, Proxy};

/// How many there are.
const MEMBERS: usize = 3;

/// Without a word from the primary for so long, the others elect another one.
pub(crate) const ELECTION: Duration = Duration::from_secs(2);

/// How long until there is a primary. Far more than it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command that writes documents begins with (BSON: a text named `update`).
pub(crate) const UPDATE: &[u8] = b"\x02update\x00";

/// The set. Its servers end with it.
#[derive(Debug)]
pub(crate) struct Replicas {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    mongod: Mongod,
    proxy: Proxy,
}

impl Replicas {
    /// Starts a set with nothing in it, and waits until it can be written to.
    pub(crate) async fn start(binary: &Path) -> Result<Self, String> {
        let members = try_join_all((0..MEMBERS).map(|_| async {
            let mongod = Mongod::start_member(binary).await?;
            let target = mongod.address().parse().map_err(|e| format!("{e}"))?;
            let proxy = Proxy::start(target, MEMBERS).await.map_err(|e| e.to_string())?;
            Ok::<_, String>(Member { mongod, proxy })
        }));
        let set = Self { members: members.await? };
        for nth in 0..MEMBERS {
            set.introduce(nth);
        }
        set.initiate().await?;
        let start = Instant::now();
        while set.states().await != [1, 2, 2] {
            if start.elapsed() > PATIENCE {
                return Err(format!("the replica set has the states {:?}", set.states().await));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(set)
    }

    /// The connection string.
    pub(crate) fn uri(&self) -> String {
        let hosts: Vec<String> = self.members.iter().map(|member| member.proxy.address()).collect();
        format!("mongodb://{}/?replicaSet={SET}", hosts.join(","))
    }

    /// The member that says that it is the primary; of several the one that was elected last.
    pub(crate) async fn primary(&self) -> usize {
        let start = Instant::now();
        loop {
            let answers = join_all(self.members.iter().map(|member| member.ask(doc! { "hello": 1 }))).await;
            let writable = answers.iter().enumerate().filter_map(|(nth, answer)| {
                let answer = answer.as_ref().filter(|answer| answer.get_bool("isWritablePrimary").unwrap_or(false))?;
                Some((answer.get_object_id("electionId").ok()?, nth))
            });
            if let Some((_, nth)) = writable.max() {
                return nth;
            }
            assert!(start.elapsed() < PATIENCE, "there is no primary: {answers:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends a member at once, as a power failure would.
    pub(crate) fn kill(&mut self, nth: usize) {
        self.members[nth].mongod.kill();
    }

    /// Starts it again.
    pub(crate) async fn revive(&mut self, nth: usize) {
        self.members[nth].mongod.revive().await.expect("starts again");
        self.introduce(nth);
    }

    /// Holds a member: it keeps its connections and answers nothing.
    pub(crate) fn pause(&mut self, nth: usize) {
        self.members[nth].mongod.pause();
    }

    /// Lets it go on.
    pub(crate) fn resume(&mut self, nth: usize) {
        self.members[nth].mongod.resume();
    }

    /// Asks a member to leave its office.
    pub(crate) async fn step_down(&self, nth: usize) {
        // It may be no primary any more.
        let _ = self.members[nth].ask(doc! { "replSetStepDown": 3, "secondaryCatchUpPeriodSecs": 1 }).await;
    }

    /// Sets the links between a member and the other two, both ways.
    pub(crate) fn separate(&self, nth: usize, link: Link) {
        for (other, member) in self.members.iter().enumerate().filter(|(other, _)| *other != nth) {
            member.proxy.set(nth, link);
            self.members[nth].proxy.set(other, link);
        }
    }

    /// Sets the link between a member and its clients.
    pub(crate) fn hide(&self, nth: usize, link: Link) {
        self.members[nth].proxy.set_others(link);
    }

    /// Strands the connection of the next write of documents to a member; see [`Proxy::strand_next`].
    pub(crate) fn strand_next_update(&self, nth: usize) {
        self.members[nth].proxy.strand_next(UPDATE);
    }

    /// Takes durability from all that clients write from now on: each write is acknowledged by one member, and before it
    /// is in the journal.
    pub(crate) fn weaken(&self) {
        for member in &self.members {
            member.proxy.rewrite(weaken);
        }
    }

    /// Tells the proxies which process a member is.
    fn introduce(&self, nth: usize) {
        for member in &self.members {
            member.proxy.know(nth, self.members[nth].mongod.id());
        }
    }

    async fn initiate(&self) -> Result<(), String> {
        let host = |nth: usize| self.members[nth].proxy.address();
        let members: Vec<Document> =
            (0..MEMBERS).map(|nth| doc! { "_id": nth as i32, "host": host(nth), "tags": { "node": "any" } }).collect();
        let settings = doc! {
            "electionTimeoutMillis": ELECTION.as_millis() as i32,
            "heartbeatIntervalMillis": 500,
            "getLastErrorModes": { "anywhere": { "node": 1 } },
        };
        let config = doc! { "_id": SET, "members": members, "settings": settings };
        let initiated = self.members[0].mongod.client().database("admin");
        let initiated = initiated.run_command(doc! { "replSetInitiate": config }).await;
        initiated.map(|_| ()).map_err(|e| format!("replSetInitiate: {e}"))
    }

    /// The states of the members as one of them sees them, in order: 1 is a primary, 2 a secondary.
    async fn states(&self) -> Vec<i32> {
        let status = self.members[0].ask(doc! { "replSetGetStatus": 1 }).await.unwrap_or_default();
        let members = status.get_array("members").cloned().unwrap_or_default();
        let states = members.iter().filter_map(|member| member.as_document()?.get_i32("state").ok());
        let mut states: Vec<i32> = states.collect();
        states.sort_unstable();
        states
    }
}

impl Member {
    /// What it answers, past its proxy; nothing where it does not.
    async fn ask(&self, command: Document) -> Option<Document> {
        let admin = self.mongod.client().database("admin");
        timeout(Duration::from_secs(1), admin.run_command(command).into_future()).await.ok()?.ok()
    }
}

/// `w: "majority"` becomes a concern that each member satisfies alone, and `j: true` becomes false.
fn weaken(asked: &mut [u8]) {
    replace(asked, b"\x02w\x00\x09\x00\x00\x00majority\x00", b"\x02w\x00\x09\x00\x00\x00anywhere\x00");
    replace(asked, b"\x08j\x00\x01", b"\x08j\x00\x00");
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    for start in 0..=bytes.len().saturating_sub(from.len()) {
        if bytes[start..].starts_with(from) {
            bytes[start..start + to.len()].copy_from_slice(to);
        }
    }
}
