//! How cost grows: with the documents in a store, with the accounts, and with the size of a value.
//!
//! For each quantity and store, a server for each of its sizes runs at the same time, and they are measured in turns.

use super::Bench;
use super::keybin::{self, Size, Store};
use super::results::Results;
use super::shape::{Shape, get, post};
use crate::step::{Result, heading};

/// A quantity that grows, while the others stay.
struct Quantity {
    name: &'static str,
    sizes: Vec<(u64, Size)>,
    connections: u32,
}

/// The quantities. With accounts, the number of all documents stays the same.
fn quantities() -> Vec<Quantity> {
    let size = |accounts, keys, bytes| Size { accounts, keys, bytes };
    let documents = |all: u32| (u64::from(all), size(50, all / 50, 100));
    let accounts = |all: u32| (u64::from(all), size(all, 20_000 / all, 100));
    let bytes = |each: usize| (each as u64, size(8, 8, each));
    vec![
        Quantity { name: "documents", sizes: [10_000, 100_000, 1_000_000].map(documents).to_vec(), connections: 128 },
        Quantity { name: "accounts", sizes: [1, 100, 10_000].map(accounts).to_vec(), connections: 128 },
        Quantity {
            name: "bytes",
            sizes: [100, 1 << 10, 10 << 10, 100 << 10, 1 << 20].map(bytes).to_vec(),
            connections: 32,
        },
    ]
}

/// The names of the quantities, with the connections over which they were measured.
pub(crate) const QUANTITIES: [(&str, u32); 3] = [("documents", 128), ("accounts", 128), ("bytes", 32)];

/// The shapes in which a quantity is measured.
pub(crate) const fn shapes(connections: u32) -> [Shape; 2] {
    [get(connections), post(connections)]
}

impl Bench<'_> {
    /// Measures all of it.
    pub(super) fn grow(&mut self, results: &mut Results) -> Result {
        for quantity in quantities() {
            for store in [Store::Embedded, Store::MongoDb(self.database)] {
                if self.options.wants(store.subject()) {
                    self.grow_one(&quantity, store, results)?;
                }
            }
        }
        Ok(())
    }

    fn grow_one(&mut self, quantity: &Quantity, store: Store<'_>, results: &mut Results) -> Result {
        let name = quantity.name;
        heading(&format!("growing {name}: {}", store.subject()));
        let mut subjects = Vec::new();
        for (at, size) in &quantity.sizes {
            eprintln!("filling: {at} {name}");
            let subject = keybin::start(self.keybin, self.work, store, *size, &format!("{name}_{at}"))?;
            subject.check()?;
            subjects.push((*at, subject));
        }
        for round in 1..=self.options.rounds {
            for shape in shapes(quantity.connections) {
                for (at, subject) in &subjects {
                    let label = format!("round {round}, {at} {name}, {shape}");
                    if let Some(sample) = self.measure(subject, shape, &label)? {
                        results.add_growth(name, *at, subject.name, shape, sample);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_quantity_grows_at_a_time() {
        let all = quantities();
        assert_eq!(all.iter().map(|one| (one.name, one.connections)).collect::<Vec<_>>(), QUANTITIES);
        for (at, size) in &all[0].sizes {
            assert_eq!((u64::from(size.accounts) * u64::from(size.keys), size.accounts), (*at, 50));
        }
        for (at, size) in &all[1].sizes {
            assert_eq!((u64::from(size.accounts), size.accounts * size.keys), (*at, 20_000));
        }
        for (at, size) in &all[2].sizes {
            assert_eq!((size.bytes as u64, size.accounts, size.keys), (*at, 8, 8));
        }
    }
}
