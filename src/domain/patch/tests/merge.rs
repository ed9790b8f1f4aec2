//! JSON merge patch.

use bson::{DateTime, doc, oid::ObjectId};

use super::*;

fn merged(target: &str, patch: &str) -> String {
    let patch = Patch::parse_merge(patch.as_bytes(), PLENTY).expect("a patch");
    text(&patch.apply(Some(&value(target)), PLENTY).expect("a value"))
}

#[test]
fn the_examples_of_rfc_7396_appendix_a() {
    for (original, patch, result) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ] {
        assert_eq!(merged(original, patch), result, "{original} with {patch}");
    }
}

#[test]
fn the_example_of_rfc_7396_section_3() {
    let document = r#"{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}"#;
    let patch =
        r#"{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}"#;
    let result = r#"{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}"#;
    assert_eq!(merged(document, patch), result);
}

#[test]
fn nothing_is_like_a_value_that_is_no_object() {
    let into_nothing = |patch: &str| {
        let patch = Patch::parse_merge(patch.as_bytes(), PLENTY).expect("a patch");
        text(&patch.apply(None, PLENTY).expect("a value"))
    };
    assert_eq!(into_nothing(r#"{"a":{"b":null,"c":1},"d":null}"#), r#"{"a":{"c":1}}"#);
    assert_eq!(into_nothing("null"), "null");
    assert_eq!(into_nothing("[null]"), "[null]");
}

#[test]
fn order_and_numbers_stay() {
    let before = r#"{"z":18446744073709551616,"b":1.50,"a":{"y":-0.0,"x":1}}"#;
    assert_eq!(merged(before, r#"{"a":{"w":1e30},"z":null}"#), r#"{"b":1.5,"a":{"y":-0.0,"x":1,"w":1e+30}}"#);
    assert_eq!(merged(before, r#"{"b":12345678901234567890}"#).matches("12345678901234567890").count(), 1);
    assert_eq!(merged("{}", r#"{"$set":{"a.b":1},"":2}"#), r#"{"$set":{"a.b":1},"":2}"#);
}

#[test]
fn what_json_does_not_have_is_left_alone() {
    let id = ObjectId::from_bytes([7; 12]);
    let before = foreign(doc! { "id": id, "n": f64::NAN, "at": DateTime::from_millis(5), "a": 1 });
    let patch = Patch::parse_merge(br#"{"a":null,"at":{"x":1}}"#, PLENTY).expect("a patch");
    let after = patch.apply(Some(&before), PLENTY).expect("a value");
    assert_eq!(after, foreign(doc! { "id": id, "n": f64::NAN, "at": { "x": 1 } }));
}

#[test]
fn the_result_keeps_the_limits_of_values() {
    let patch = Patch::parse_merge(br#"{"b":"0123456789"}"#, PLENTY).expect("a patch");
    let before = value(r#"{"a":"0123456789"}"#);
    let after = r#"{"a":"0123456789","b":"0123456789"}"#;
    assert_eq!(patch.apply(Some(&before), after.len()).map(|v| text(&v)), Ok(after.to_owned()));
    let too_large = PatchError::Value(ValueError::TooLarge(after.len() - 1));
    assert_eq!(patch.apply(Some(&before), after.len() - 1), Err(too_large));
    let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    assert_eq!(merged("1", &nested(MAX_DEPTH)), nested(MAX_DEPTH));
    let too_deep = Patch::parse_merge(nested(MAX_DEPTH + 1).as_bytes(), PLENTY);
    assert_eq!(too_deep, Err(PatchError::Value(ValueError::TooDeep)));
}

#[test]
fn removing_many_members_takes_no_long_time() {
    let all = |change: &str| {
        format!("{{{}}}", (0..100_000).map(|i| format!("\"m{i}\":{change}")).collect::<Vec<_>>().join(","))
    };
    let patch = Patch::parse_merge(all("null").as_bytes(), 16 << 20).expect("a patch");
    let before = Value::from_json(all("1").as_bytes(), 16 << 20).expect("a value");
    assert_eq!(patch.apply(Some(&before), PLENTY), Ok(value("{}")));
}

proptest! {
    /// Section 2: the outcome does not depend on how often it is applied.
    #[test]
    fn twice_is_once(target in any_value(), patch in any_value()) {
        let once = merged(&target, &patch);
        prop_assert_eq!(merged(&once, &patch), once);
    }

    /// What the patch does not name stays, and what it names becomes what it says.
    #[test]
    fn each_member_is_set_removed_or_left(target in any_value(), patch in any_value()) {
        let result: serde_json::Value = serde_json::from_str(&merged(&target, &patch)).expect("JSON");
        let target: serde_json::Value = serde_json::from_str(&target).expect("JSON");
        let patch: serde_json::Value = serde_json::from_str(&patch).expect("JSON");
        let Some(changes) = patch.as_object() else {
            prop_assert_eq!(result, patch);
            return Ok(());
        };
        let after = result.as_object().expect("an object");
        for (name, change) in changes {
            prop_assert_eq!(after.contains_key(name), !change.is_null());
            if !change.is_object() && !change.is_null() {
                prop_assert_eq!(&after[name], change);
            }
        }
        let before = target.as_object().cloned().unwrap_or_default();
        for (name, value) in before.iter().filter(|(name, _)| !changes.contains_key(*name)) {
            prop_assert_eq!(&after[name], value);
        }
        let known = |name: &String| before.contains_key(name) || changes.contains_key(name);
        prop_assert!(after.keys().all(known));
    }
}
