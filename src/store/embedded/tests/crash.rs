//! What is left of the file when the machine goes down.
//!
//! A disk keeps what was synced. Of what came after that it keeps anything: some of it, in any order, some of it torn. From
//! the events of a disk, images of what may be left are built, opened as the file is opened, and held against what was
//! answered until then.

use super::disk::{CACHE, Disk, Event, overwrite};
use super::history::History;
use super::*;

/// How many images all of these tests open.
const IMAGES: usize = 10_000;

/// After so much that is wrong, no more is looked for.
const ENOUGH: usize = 50;

/// How much of one writing reaches a disk that loses its power, at least: bytes, sectors, pages.
const GRAINS: [usize; 3] = [1, 512, 4096];

/// Builds images of what a disk may hold after a crash.
struct Wreck<'e> {
    events: &'e [Event],
    /// What is durable before the event with this number.
    durable: Vec<u8>,
    next: usize,
}

impl Wreck<'_> {
    /// What may be there after a crash before the event with this number, which must not be lower than the last one.
    fn image(&mut self, crash: usize, dice: &mut Dice) -> Vec<u8> {
        let synced = self.events[..crash].iter().rposition(|event| matches!(event, Event::Sync));
        if let Some(synced) = synced.filter(|synced| *synced > self.next) {
            self.events[self.next..synced].iter().for_each(|event| event.apply(&mut self.durable));
            self.next = synced;
        }
        let mut image = self.durable.clone();
        let mut left: Vec<&Event> = self.events[self.next..crash].iter().collect();
        match dice.below(8) {
            // Nothing of it, or all.
            0 => {}
            1 => left.into_iter().for_each(|event| event.apply(&mut image)),
            _ => {
                let keep = 1 + dice.below(4);
                left.retain(|_| dice.below(4) < keep);
                shuffle(&mut left, dice);
                left.into_iter().for_each(|event| maim(event, &mut image, dice));
            }
        }
        image
    }
}

fn shuffle<T>(items: &mut [T], dice: &mut Dice) {
    for end in (1..items.len()).rev() {
        items.swap(end, dice.below(end + 1));
    }
}

/// Does some of what the disk was told.
fn maim(event: &Event, image: &mut Vec<u8>, dice: &mut Dice) {
    let Event::Write { offset, data } = event else { return event.apply(image) };
    let grain = GRAINS[dice.below(GRAINS.len())];
    let cut = dice.below(data.len() / grain + 1) * grain;
    match dice.below(6) {
        0 => overwrite(image, *offset, &data[..cut]),
        1 => overwrite(image, *offset + cut, &data[cut..]),
        2 => {
            for (number, piece) in data.chunks(grain.max(512)).enumerate() {
                if dice.one_in(2) {
                    overwrite(image, *offset + number * grain.max(512), piece);
                }
            }
        }
        _ => overwrite(image, *offset, data),
    }
}

/// Opens an image, looks at everything in it, and writes to it. Gives the events of the opening.
async fn survive(image: Vec<u8>, history: &History, crash: usize) -> Result<Vec<Event>, String> {
    let disk = Disk::with(image);
    let mut database = disk.open(CACHE).map_err(|error| error.to_string())?;
    let opening = disk.events();
    match database.check_integrity() {
        Ok(true) => {}
        other => return Err(format!("redb's own check says {other:?}")),
    }
    let store = disk.start_on(database, CACHE, NOW).map_err(|error| error.to_string())?;
    finish_erasures(&store).await?;
    history.check(&store, crash)?;
    let next = store.create_account(&new_account("next")).await.map_err(|error| error.to_string())?;
    store.put(next.id, &key("k"), &write("1"), Precondition::None, NOW).await.map_err(|error| error.to_string())?;
    match get_json(&store, next.id, "k").await.as_deref() {
        Some("1") => Ok(opening),
        other => Err(format!("what is written after the crash is {other:?}")),
    }
}

/// Waits until housekeeping has finished what was broken off.
async fn finish_erasures(store: &EmbeddedStore) -> Result<(), String> {
    for _ in 0..2000 {
        if store.read(erasure::unfinished).map_err(|error| error.to_string())?.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Err("an erasure is not finished".to_owned())
}

/// Has clients work on a disk, goes down at so many moments, and tells what is not as it should be then.
async fn go_down(disk: &Arc<Disk>, seed: u64, images: usize) -> Vec<String> {
    let before = disk.content();
    let from = disk.events().len();
    let history = workload::work(disk, seed).await;
    let events = &disk.events()[..];
    let mut dice = Dice(seed);
    let mut moments: Vec<usize> = (0..images * 4 / 5).map(|_| from + dice.below(events.len() - from + 1)).collect();
    moments.sort_unstable();
    let mut wreck = Wreck { events, durable: before, next: from };
    let mut wrong = Vec::new();
    for (number, crash) in moments.into_iter().enumerate() {
        if wrong.len() >= ENOUGH {
            break;
        }
        let image = wreck.image(crash, &mut dice);
        match survive(image.clone(), &history, crash).await {
            // The machine goes down once more, while the file is being opened.
            Ok(opening) if number % 4 == 0 => {
                let again = dice.below(opening.len() + 1);
                let image = Wreck { events: &opening, durable: image, next: 0 }.image(again, &mut dice);
                if let Err(what) = survive(image, &history, crash).await {
                    wrong.push(format!("{what} (seed {seed}, before event {crash}, and {again} of the opening)"));
                }
            }
            Ok(_) => {}
            Err(what) => wrong.push(format!("{what} (seed {seed}, before event {crash})")),
        }
    }
    wrong
}

/// A fourth of the images.
async fn survive_all(seed: u64) {
    let wrong = go_down(&Disk::formatted(), seed, IMAGES / 4).await;
    assert!(wrong.is_empty(), "{} times: {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_1() {
    survive_all(1).await;
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_2() {
    survive_all(2).await;
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_3() {
    survive_all(3).await;
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered_4() {
    survive_all(4).await;
}

/// The name of the file is durable as soon as the file is made, so that the file must be.
#[tokio::test]
async fn what_was_made_is_durable() {
    let disk = Disk::empty();
    let _open = disk.make().expect("a store");
    let events = &disk.events()[..];
    for seed in 0..100 {
        let image = Wreck { events, durable: Vec::new(), next: 0 }.image(events.len(), &mut Dice(seed));
        survive(image, &History::default(), events.len()).await.expect("survives");
    }
}

#[tokio::test]
async fn a_disk_that_only_says_that_it_has_synced_is_found_out() {
    let disk = Disk::formatted();
    disk.lie_once_in(10);
    let wrong = go_down(&disk, 5, 400).await;
    assert!(wrong.iter().any(|what| what.starts_with("lost")), "{wrong:#?}");
}

/// Where redb's header says which of two commits is the last one.
const SWITCH: usize = 9;

/// How often a commit became the last one, and how often anything else was on its way to the disk at that moment. Then it
/// would be for a checksum to tell whether the commit is whole, and values that somebody has thought up may match one.
fn switches(events: &[Event]) -> (usize, usize) {
    let (mut durable, mut present) = (Vec::new(), Vec::new());
    let (mut all, mut daring) = (0, 0);
    for event in events {
        event.apply(&mut present);
        if !matches!(event, Event::Sync) {
            continue;
        }
        if durable.get(SWITCH).is_some_and(|byte| (byte ^ present[SWITCH]) & 1 == 1) {
            all += 1;
            durable[SWITCH] = present[SWITCH];
            daring += usize::from(durable != present);
        }
        durable.clone_from(&present);
    }
    (all, daring)
}

#[tokio::test]
async fn a_commit_never_rests_on_a_checksum() {
    let disk = Disk::formatted();
    workload::work(&disk, 6).await;
    let (all, daring) = switches(&disk.events());
    assert!(all > 50 && daring == 0, "{daring} of {all}");
    // What redb does if it is not told otherwise.
    let disk = Disk::formatted();
    let database = disk.open(CACHE).expect("opens");
    let transaction = database.begin_write().expect("begins");
    tables::Tables::open(&transaction).expect("tables").names.insert(&b"ada"[..], &[0; 16]).expect("inserts");
    transaction.commit().expect("commits");
    let (_, daring) = switches(&disk.events());
    assert_eq!(daring, 1);
}
