//! JSON → filter.

use bson::{Bson, Document};

use super::{
    Comparison, Condition, FilterError, FilterFault, Literal, MAX_BYTES, MAX_LIST, MAX_NESTING, MAX_PREFIX, MAX_TESTS,
    Path, Test,
};
use crate::domain::{Value, ValueError};

/// Reads the text of a filter.
pub(super) fn filter(text: &str) -> Result<Condition, FilterError> {
    let start = Place { at: String::new(), nesting: 0 };
    // The numbers and names of a filter are those of values, so that what cannot be kept is not looked for.
    let tree = Value::from_json(text.as_bytes(), MAX_BYTES).and_then(|value| value.to_tree());
    let tree = tree.map_err(|error| match error {
        ValueError::TooLarge(_) => start.wrong(FilterFault::TooLong),
        error => start.wrong(FilterFault::Json(error)),
    })?;
    Reader { tests: 0 }.filter(&tree, &start)
}

/// Where the reader is.
struct Place {
    at: String,
    nesting: usize,
}

impl Place {
    fn member(&self, name: &str) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { at: format!("{}/{escaped}", self.at), nesting: self.nesting }
    }

    /// One level of `$and`, `$or` or `$not` further in.
    fn nested(self) -> Result<Self, FilterError> {
        if self.nesting == MAX_NESTING {
            return Err(self.wrong(FilterFault::TooDeep));
        }
        Ok(Self { nesting: self.nesting + 1, ..self })
    }

    fn wrong(&self, what: FilterFault) -> FilterError {
        FilterError { at: self.at.clone(), what }
    }
}

/// Counts the tests of a filter while it reads them.
struct Reader {
    tests: usize,
}

impl Reader {
    fn filter(&mut self, tree: &Bson, place: &Place) -> Result<Condition, FilterError> {
        let Bson::Document(members) = tree else { return Err(place.wrong(FilterFault::NotAnObject)) };
        let mut conditions = Vec::new();
        for (name, value) in members {
            let place = place.member(name);
            conditions.push(match name.as_str() {
                "$and" => Condition::All(self.filters(value, place)?),
                "$or" => Condition::Any(self.filters(value, place)?),
                _ if is_operator(name) => self.operator(&Path::WHOLE, name, value, place)?,
                _ => {
                    let path = Path::parse(name).ok_or_else(|| place.wrong(FilterFault::BadPath))?;
                    self.at_path(path, value, &place)?
                }
            });
        }
        Ok(all(conditions))
    }

    fn filters(&mut self, tree: &Bson, place: Place) -> Result<Vec<Condition>, FilterError> {
        let place = place.nested()?;
        match tree {
            Bson::Array(filters) if !filters.is_empty() => {
                let numbered = filters.iter().enumerate();
                numbered.map(|(index, filter)| self.filter(filter, &place.member(&index.to_string()))).collect()
            }
            _ => Err(place.wrong(FilterFault::NotFilters)),
        }
    }

    /// What a path must lead to: by operators, or a value that it must equal.
    fn at_path(&mut self, path: Path, tree: &Bson, place: &Place) -> Result<Condition, FilterError> {
        if let Bson::Document(members) = tree {
            let operators = members.keys().filter(|name| is_operator(name)).count();
            if operators > 0 {
                return match members.keys().find(|name| !is_operator(name)) {
                    Some(plain) => Err(place.member(plain).wrong(FilterFault::Mixed)),
                    None => self.operators(&path, members, place),
                };
            }
        }
        refuse_operators(tree, place)?;
        let test = Test::Compares(Comparison::Equal, Literal(tree.clone()));
        self.test(path, test, place)
    }

    fn operators(&mut self, path: &Path, members: &Document, place: &Place) -> Result<Condition, FilterError> {
        let conditions = members.iter().map(|(name, value)| self.operator(path, name, value, place.member(name)));
        Ok(all(conditions.collect::<Result<_, _>>()?))
    }

    fn operator(&mut self, path: &Path, name: &str, tree: &Bson, place: Place) -> Result<Condition, FilterError> {
        let compares = |comparison| Test::Compares(comparison, Literal(tree.clone()));
        let (negated, test) = match name {
            "$eq" => (false, compares(Comparison::Equal)),
            "$ne" => (true, compares(Comparison::Equal)),
            "$gt" => (false, compares(Comparison::Greater)),
            "$gte" => (false, compares(Comparison::GreaterOrEqual)),
            "$lt" => (false, compares(Comparison::Less)),
            "$lte" => (false, compares(Comparison::LessOrEqual)),
            "$in" => (false, Test::OneOf(list(tree, &place)?)),
            "$nin" => (true, Test::OneOf(list(tree, &place)?)),
            "$exists" => match tree {
                Bson::Boolean(there) => (!there, Test::Exists),
                _ => return Err(place.wrong(FilterFault::NotABoolean)),
            },
            "$prefix" => match tree {
                Bson::String(text) if text.len() <= MAX_PREFIX => (false, Test::Prefix(text.clone())),
                _ => return Err(place.wrong(FilterFault::NotAPrefix)),
            },
            "$not" => {
                let place = place.nested()?;
                return match tree {
                    Bson::Document(members) if !members.is_empty() => match members.keys().find(|n| !is_operator(n)) {
                        Some(plain) => Err(place.member(plain).wrong(FilterFault::NotOperators)),
                        None => Ok(not(self.operators(path, members, &place)?)),
                    },
                    _ => Err(place.wrong(FilterFault::NotOperators)),
                };
            }
            _ => return Err(place.wrong(FilterFault::UnknownOperator(name.to_owned()))),
        };
        let condition = self.test(path.clone(), test, &place)?;
        Ok(if negated { not(condition) } else { condition })
    }

    fn test(&mut self, path: Path, test: Test, place: &Place) -> Result<Condition, FilterError> {
        self.tests += 1;
        if self.tests > MAX_TESTS { Err(place.wrong(FilterFault::TooMany)) } else { Ok(Condition::At(path, test)) }
    }
}

fn is_operator(name: &str) -> bool {
    name.starts_with('$')
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// All of these: where there is one, it needs no list.
fn all(mut conditions: Vec<Condition>) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        Some(last) => {
            conditions.push(last);
            Condition::All(conditions)
        }
        None => Condition::All(conditions),
    }
}

fn list(tree: &Bson, place: &Place) -> Result<Vec<Literal>, FilterError> {
    match tree {
        Bson::Array(items) if items.len() <= MAX_LIST => Ok(items.iter().cloned().map(Literal).collect()),
        _ => Err(place.wrong(FilterFault::NotAList)),
    }
}

/// Refuses what looks like an operator at a depth where it would not be one.
fn refuse_operators(tree: &Bson, place: &Place) -> Result<(), FilterError> {
    match tree {
        Bson::Document(members) => members.iter().try_for_each(|(name, value)| {
            let place = place.member(name);
            if is_operator(name) {
                return Err(place.wrong(FilterFault::OperatorInValue));
            }
            refuse_operators(value, &place)
        }),
        Bson::Array(items) => {
            let mut numbered = items.iter().enumerate();
            numbered.try_for_each(|(index, item)| refuse_operators(item, &place.member(&index.to_string())))
        }
        _ => Ok(()),
    }
}
