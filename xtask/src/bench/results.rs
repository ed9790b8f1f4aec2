//! What was measured, by subject and shape.

use super::load::Sample;
use super::shape::Shape;
use super::stats::Spread;

/// All runs of one subject with one shape of load.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) subject: String,
    pub(crate) shape: Shape,
    pub(crate) samples: Vec<Sample>,
}

impl Series {
    /// Answers that were none.
    pub(crate) fn errors(&self) -> u64 {
        self.samples.iter().map(|sample| sample.errors).sum()
    }

    /// A figure over all runs.
    pub(crate) fn figure(&self, of: impl Fn(&Sample) -> f64) -> Option<Spread> {
        Spread::of(self.samples.iter().map(of))
    }

    pub(crate) fn per_second(&self) -> Option<Spread> {
        self.figure(Sample::per_second)
    }
}

/// The most memory that a server had in use.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Peak {
    pub(crate) subject: String,
    pub(crate) bytes: u64,
    /// What of it may be pages of the store.
    pub(crate) cache_bytes: u64,
}

/// How a figure changes with a quantity, on one store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Growth {
    /// `documents`, `accounts` or `bytes`.
    pub(crate) quantity: &'static str,
    pub(crate) at: u64,
    pub(crate) series: Series,
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Results {
    pub(crate) series: Vec<Series>,
    pub(crate) peaks: Vec<Peak>,
    pub(crate) growth: Vec<Growth>,
}

impl Results {
    /// Adds a run.
    pub(crate) fn add(&mut self, subject: &str, shape: Shape, sample: Sample) {
        match self.series.iter_mut().find(|series| series.subject == subject && series.shape == shape) {
            Some(series) => series.samples.push(sample),
            None => self.series.push(Series { subject: subject.to_owned(), shape, samples: vec![sample] }),
        }
    }

    /// Adds a run of a growing quantity.
    pub(crate) fn add_growth(&mut self, quantity: &'static str, at: u64, subject: &str, shape: Shape, sample: Sample) {
        let same = |growth: &&mut Growth| {
            growth.quantity == quantity
                && growth.at == at
                && growth.series.subject == subject
                && growth.series.shape == shape
        };
        match self.growth.iter_mut().find(same) {
            Some(growth) => growth.series.samples.push(sample),
            None => {
                let series = Series { subject: subject.to_owned(), shape, samples: vec![sample] };
                self.growth.push(Growth { quantity, at, series });
            }
        }
    }

    pub(crate) fn find(&self, subject: &str, shape: Shape) -> Option<&Series> {
        self.series.iter().find(|series| series.subject == subject && series.shape == shape)
    }

    pub(crate) fn grown(&self, quantity: &str, at: u64, subject: &str, shape: Shape) -> Option<&Series> {
        let found = self.growth.iter().find(|growth| {
            growth.quantity == quantity
                && growth.at == at
                && growth.series.subject == subject
                && growth.series.shape == shape
        });
        found.map(|growth| &growth.series)
    }

    /// The subjects, in the order in which they were measured.
    pub(crate) fn subjects(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for series in &self.series {
            if !all.contains(&series.subject.as_str()) {
                all.push(&series.subject);
            }
        }
        all
    }

    /// Answers that were none, in all runs.
    pub(crate) fn errors(&self) -> u64 {
        let growth = self.growth.iter().map(|growth| &growth.series);
        self.series.iter().chain(growth).map(Series::errors).sum()
    }
}
