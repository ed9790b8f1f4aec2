//! A filter as a query on the documents in `store`.
//!
//! Every name in the query is written here, except those of the paths, which stand behind `value.`; every value is
//! behind an operator that takes it as it is. So nothing that came in is taken for an operator.

use bson::{Bson, Document as BsonDocument, doc};

use crate::domain::filter::{Comparison, Condition, Filter, Literal, Path, Test};

/// The field that keeps the value.
const VALUE: &str = "value";

/// The query that finds what the filter wants.
#[must_use]
pub fn query(filter: &Filter) -> BsonDocument {
    condition(filter.condition())
}

fn condition(wanted: &Condition) -> BsonDocument {
    match wanted {
        // MongoDB refuses empty lists.
        Condition::All(conditions) if conditions.is_empty() => doc! {},
        Condition::All(conditions) => doc! { "$and": list(conditions) },
        Condition::Any(conditions) => doc! { "$or": list(conditions) },
        Condition::Not(unwanted) => doc! { "$nor": [condition(unwanted)] },
        Condition::At(path, test) => at(&field(path), test),
    }
}

fn list(conditions: &[Condition]) -> Vec<BsonDocument> {
    conditions.iter().map(condition).collect()
}

fn field(path: &Path) -> String {
    if path.parts().is_empty() { VALUE.to_owned() } else { format!("{VALUE}.{path}") }
}

fn at(field: &str, test: &Test) -> BsonDocument {
    match test {
        Test::Compares(comparison, literal) => compares(field, *comparison, literal),
        Test::OneOf(literals) => one_of(field, literals),
        Test::Exists => doc! { field: { "$exists": true } },
        Test::Prefix(prefix) => doc! { field: beginning(prefix) },
    }
}

fn compares(field: &str, comparison: Comparison, literal: &Literal) -> BsonDocument {
    let operator = match comparison {
        Comparison::Equal => "$eq",
        Comparison::Greater => "$gt",
        Comparison::GreaterOrEqual => "$gte",
        Comparison::Less => "$lt",
        Comparison::LessOrEqual => "$lte",
    };
    doc! { field: { operator: literal.as_bson().clone() } }
}

/// `$in` refuses objects that begin like an operator; `$eq` does not.
fn one_of(field: &str, literals: &[Literal]) -> BsonDocument {
    let (odd, plain): (Vec<&Literal>, Vec<&Literal>) = literals.iter().partition(|literal| is_like_operator(literal));
    let values: Vec<Bson> = plain.into_iter().map(|literal| literal.as_bson().clone()).collect();
    let plain = doc! { field: { "$in": values } };
    if odd.is_empty() {
        return plain;
    }
    let odd = odd.into_iter().map(|literal| compares(field, Comparison::Equal, literal));
    doc! { "$or": odd.chain([plain]).collect::<Vec<_>>() }
}

fn is_like_operator(literal: &Literal) -> bool {
    let first = literal.as_bson().as_document().and_then(|members| members.keys().next());
    first.is_some_and(|name| name.starts_with('$'))
}

/// A range would not do: of an array, one element could be above its lower end and another below its upper one.
fn beginning(prefix: &str) -> BsonDocument {
    let mut pattern = String::from("^");
    for character in prefix.chars() {
        match character {
            // Outside ASCII nothing has a meaning (pcrepattern(3), "Characters and metacharacters").
            'a'..='z' | 'A'..='Z' | '0'..='9' | '\u{80}'.. => pattern.push(character),
            // A pattern ends at its first NUL.
            '\0' => pattern.push_str("\\x00"),
            _ => pattern.extend(['\\', character]),
        }
    }
    doc! { "$regex": pattern }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(text: &str) -> BsonDocument {
        query(&Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")))
    }

    #[test]
    fn paths_stand_below_the_value_and_literals_behind_operators() {
        assert_eq!(query_of("{}"), doc! {});
        assert_eq!(
            query_of(r#"{"city":"Paris","age":{"$gte":18,"$ne":20}}"#),
            doc! { "$and": [
                { "value.city": { "$eq": "Paris" } },
                { "$and": [{ "value.age": { "$gte": 18 } }, { "$nor": [{ "value.age": { "$eq": 20 } }] }] },
            ] }
        );
        let odd = doc! { "$where": "sleep(1000)" };
        assert_eq!(query_of(r#"{"$eq":{"$where":"sleep(1000)"}}"#), doc! { "value": { "$eq": odd.clone() } });
        assert_eq!(
            query_of(r#"{"a.$where":{"$in":[1,{"$where":"sleep(1000)"}]}}"#),
            doc! { "$or": [{ "value.a.$where": { "$eq": odd } }, { "value.a.$where": { "$in": [1] } }] }
        );
    }

    #[test]
    fn nothing_in_a_prefix_has_a_meaning() {
        let pattern = r"^a\.\*\$\(\x00\ \_é";
        assert_eq!(query_of(r#"{"a":{"$prefix":"a.*$(\u0000 _é"}}"#), doc! { "value.a": { "$regex": pattern } });
    }
}
