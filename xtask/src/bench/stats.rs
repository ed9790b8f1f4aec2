//! Medians and spreads of repeated runs.

/// What repeated runs gave: the median, and from where to where they went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one number.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) };
        Some(Self { median, min: first, max: last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted() {
        for (numbers, median) in [(&[3.0][..], 3.0), (&[9.0, 1.0, 2.0], 2.0), (&[4.0, 1.0, 3.0, 2.0], 2.5)] {
            assert_eq!(Spread::of(numbers.iter().copied()).map(|spread| spread.median), Some(median), "{numbers:?}");
        }
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn the_spread_goes_from_the_least_to_the_most() {
        let spread = Spread::of([10.0, 8.0, 12.0]).expect("numbers");
        assert_eq!((spread.min, spread.max), (8.0, 12.0));
    }
}
