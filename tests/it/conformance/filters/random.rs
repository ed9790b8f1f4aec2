//! Small values and filters at random, made of few parts so that they often meet. The seed is fixed: what fails once
//! fails again.

use bson::{Bson, Document};

/// Makes values and filters.
pub(super) struct Random(u64);

/// Scalars, for values and for filters: the spelling of each in a filter, and what is stored.
const SCALARS: usize = 16;

impl Random {
    pub(super) fn new() -> Self {
        Self(0x4b65_7962_696e)
    }

    /// The next number below `end` (SplitMix64).
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % end
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// A value: mostly an object with `a`.
    pub(super) fn value(&mut self) -> Bson {
        if self.below(4) == 0 { self.any_value(3) } else { Bson::Document(self.object(3)) }
    }

    fn any_value(&mut self, depth: usize) -> Bson {
        match self.below(if depth == 0 { 2 } else { 5 }) {
            0 | 1 => scalar(self.below(SCALARS + 4)),
            2 => Bson::Document(self.object(depth - 1)),
            _ => Bson::Array((0..self.below(4)).map(|_| self.any_value(depth - 1)).collect()),
        }
    }

    fn object(&mut self, depth: usize) -> Document {
        (0..self.below(3)).map(|_| (self.name().to_owned(), self.any_value(depth))).collect()
    }

    fn name(&mut self) -> &'static str {
        self.one_of(&["a", "a", "b", "0", "1"])
    }

    /// A filter: mostly a single test.
    pub(super) fn filter(&mut self) -> String {
        self.any_filter(2)
    }

    fn any_filter(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 4 } else { 6 }) {
            0 => self.operators(2),
            1..=3 => format!("{{{}:{}}}", self.path(), self.test()),
            n => {
                let list: Vec<String> = (0..=self.below(2)).map(|_| self.any_filter(depth - 1)).collect();
                format!(r#"{{"{}":[{}]}}"#, if n == 4 { "$and" } else { "$or" }, list.join(","))
            }
        }
    }

    fn path(&mut self) -> String {
        let parts: Vec<&str> = (0..=self.below(4)).map(|_| self.name()).collect();
        format!(r#""{}""#, parts.join("."))
    }

    fn test(&mut self) -> String {
        if self.below(3) == 0 { self.literal(2) } else { self.operators(2) }
    }

    fn operators(&mut self, depth: usize) -> String {
        let operator = match self.below(if depth == 0 { 10 } else { 11 }) {
            0..=6 => {
                let name = self.one_of(&["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]);
                format!(r#""{name}":{}"#, self.literal(2))
            }
            7 => format!(r#""$exists":{}"#, self.one_of(&["true", "false"])),
            8 => {
                let list: Vec<String> = (0..self.below(4)).map(|_| self.literal(1)).collect();
                format!(r#""{}":[{}]"#, self.one_of(&["$in", "$nin"]), list.join(","))
            }
            9 => format!(r#""$prefix":"{}""#, self.one_of(&["", "a", "ab"])),
            _ => format!(r#""$not":{}"#, self.operators(depth - 1)),
        };
        let second = if self.below(4) == 0 && !operator.starts_with(r#""$lt""#) { r#","$lt":5"# } else { "" };
        format!("{{{operator}{second}}}")
    }

    fn literal(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 2 } else { 5 }) {
            0..=2 => {
                let scalar = scalar(self.below(SCALARS));
                // A Decimal128 is spelled as text by its type.
                if let Bson::Decimal128(n) = scalar { n.to_string() } else { scalar.into_relaxed_extjson().to_string() }
            }
            3 => {
                let name = self.name();
                format!(r#"{{"{name}":{}}}"#, self.literal(depth - 1))
            }
            _ => {
                let items: Vec<String> = (0..self.below(3)).map(|_| self.literal(depth - 1)).collect();
                format!("[{}]", items.join(","))
            }
        }
    }
}

/// The scalar of a number. The last four are none that JSON has.
fn scalar(number: usize) -> Bson {
    match number {
        0..=2 => Bson::Null,
        3 => Bson::Int32(0),
        4 | 5 => Bson::Int32(1),
        6 => Bson::Int32(5),
        7 => Bson::Double(1.0),
        8 => Bson::Double(1.5),
        9 => Bson::Int64(1 << 53),
        10 => Bson::Int64((1 << 53) + 1),
        11 => Bson::Decimal128("9223372036854775808".parse().expect("a Decimal128")),
        12 => Bson::String(String::new()),
        13 => Bson::String("ab".to_owned()),
        14 => Bson::Boolean(true),
        15 => Bson::Boolean(false),
        16 => Bson::Double(f64::NAN),
        17 => Bson::Decimal128("1.0".parse().expect("a Decimal128")),
        18 => Bson::DateTime(bson::DateTime::from_millis(1)),
        _ => Bson::MaxKey,
    }
}
