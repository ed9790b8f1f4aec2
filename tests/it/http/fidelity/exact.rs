//! JSON that forgets nothing: numbers stay what is written, and members stay in their order.
//!
//! Read by hand, because whoever turns numbers into doubles cannot say whether a digit was lost.

use crate::harness::{Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.plain: numbers_are_equal_where_they_mean_the_same, what_differs_is_not_equal);
}

/// The most digits of an integer that are kept.
const INTEGER_DIGITS: usize = 34;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Boolean(bool),
    Number(Decimal),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// `digits × 10^exponent`, with neither zeros at the beginning nor at the end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Self { negative, digits: String::new(), exponent: 0 };
        }
        let zeros = (digits.len() - significant.len()) as i64;
        let exponent = exponent.parse::<i64>().expect("an exponent") - fraction.len() as i64 + zeros;
        Self { negative, digits: significant.to_owned(), exponent }
    }
}

/// Whether every number in a JSON text can be kept exactly.
pub(super) fn can_be_kept(text: &str) -> bool {
    let mut reader = Reader::of(text);
    reader.value();
    reader.numbers.into_iter().all(number_can_be_kept)
}

/// Whether it is spelled as an integer of not too many digits, or a double means exactly this number in the spelling in
/// which it is shown.
fn number_can_be_kept(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    if text != "-0" && digits.len() <= INTEGER_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let double: f64 = text.parse().expect("a number");
    let shown = serde_json::to_string(&double).expect("a double");
    double.is_finite() && Decimal::parse(&shown) == Decimal::parse(text)
}

impl Json {
    /// Reads a JSON text.
    pub(super) fn parse(text: &str) -> Self {
        let mut reader = Reader::of(text);
        let value = reader.value();
        reader.blanks();
        assert_eq!(reader.rest, "", "behind the value");
        value
    }
}

struct Reader<'t> {
    rest: &'t str,
    /// As they were written.
    numbers: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text, numbers: Vec::new() }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// Takes this text, if it comes next.
    fn take(&mut self, text: &str) -> bool {
        self.blanks();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, text: &str) {
        assert!(self.take(text), "expected {text:?} before {:?}", self.rest);
    }

    /// Takes so many bytes.
    fn next(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn value(&mut self) -> Json {
        self.blanks();
        match self.rest.chars().next() {
            Some('"') => Json::Text(self.text()),
            Some('[') => self.array(),
            Some('{') => self.object(),
            _ if self.take("null") => Json::Null,
            _ if self.take("true") => Json::Boolean(true),
            _ if self.take("false") => Json::Boolean(false),
            _ => {
                let length = self.rest.find(|c: char| !"+-.eE0123456789".contains(c)).unwrap_or(self.rest.len());
                let number = self.next(length);
                self.numbers.push(number);
                Json::Number(Decimal::parse(number))
            }
        }
    }

    fn text(&mut self) -> String {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            is_end
        });
        let length = end.expect("the end of a text").0 + 1;
        serde_json::from_str(self.next(length)).expect("a text")
    }

    fn array(&mut self) -> Json {
        self.expect("[");
        let mut items = Vec::new();
        while !self.take("]") {
            if !items.is_empty() {
                self.expect(",");
            }
            items.push(self.value());
        }
        Json::Array(items)
    }

    fn object(&mut self) -> Json {
        self.expect("{");
        let mut members = Vec::new();
        while !self.take("}") {
            if !members.is_empty() {
                self.expect(",");
            }
            self.blanks();
            let name = self.text();
            self.expect(":");
            members.push((name, self.value()));
        }
        Json::Object(members)
    }
}

fn numbers_are_equal_where_they_mean_the_same() {
    for (one, other) in [
        ("1", "1.0"),
        ("100", "1e2"),
        ("-1.50", "-15E-1"),
        ("0.001", "1e-3"),
        ("0", "0.00e5"),
        ("-0", "-0.0"),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
    ] {
        assert_eq!(Json::parse(one), Json::parse(other), "{one} and {other}");
    }
}

fn what_differs_is_not_equal() {
    for (one, other) in [
        ("1", "2"),
        ("1", "-1"),
        ("0", "-0"),
        ("1", "10"),
        ("9007199254740992", "9007199254740993"),
        ("0.1", "0.10000000000000001"),
        ("1", "\"1\""),
        ("null", "false"),
        ("[1,2]", "[2,1]"),
        ("[]", "{}"),
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
        (r#""a""#, r#""A""#),
    ] {
        assert_ne!(Json::parse(one), Json::parse(other), "{one} and {other}");
    }
    assert_eq!(Json::parse(r#" { "\u0061" : [ "\"" , true ] } "#), Json::parse(r#"{"a":["\u0022",true]}"#));
}
