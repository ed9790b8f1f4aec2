//! Values as people keep them, as JSON: a short text, a record, and a long list of records.

/// A name for each sample, and its text.
pub(crate) fn samples() -> [(&'static str, String); 3] {
    let record = |number: usize| {
        format!(
            "{{\"id\":{number},\"name\":\"Ännchen \\u00e9 {number}\",\"price\":{number}.25,\"tags\":[\"new\",\"sale\"],\
             \"address\":{{\"city\":\"Paris\",\"zip\":\"75011\"}},\"active\":true,\"note\":null}}"
        )
    };
    let list: Vec<String> = (0..500).map(record).collect();
    [
        ("a text of 100 bytes", format!("\"{}\"", "x".repeat(98))),
        ("a record", record(7)),
        ("500 records", format!("[{}]", list.join(","))),
    ]
}
