//! JSON text laid out for people: one member or item a line. Numbers and strings stay as they are spelled.

/// Blanks for each level.
const INDENT: usize = 2;

/// Lays out a compact JSON text, such as [`Value::to_json`](super::Value::to_json) gives. Empty objects and arrays stay
/// in one line.
#[must_use]
pub fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut letters = json.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' => {
                out.push(c);
                copy_string(&mut letters, &mut out);
            }
            '{' | '[' => {
                out.push(c);
                match letters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => out.push(end),
                    None => {
                        depth += 1;
                        new_line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => out.push(other),
        }
    }
    out
}

/// The rest of a string, to its closing quote.
fn copy_string(letters: &mut impl Iterator<Item = char>, out: &mut String) {
    while let Some(c) = letters.next() {
        out.push(c);
        match c {
            '\\' => out.extend(letters.next()),
            '"' => return,
            _ => {}
        }
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth * INDENT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_and_item_gets_a_line() {
        for (json, laid_out) in [
            ("1", "1"),
            ("{}", "{}"),
            ("[[],{}]", "[\n  [],\n  {}\n]"),
            (r#"{"a":1,"b":[true,null]}"#, "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}"),
            (r#"{"a:{,":"}\",[\\"}"#, "{\n  \"a:{,\": \"}\\\",[\\\\\"\n}"),
            (r#""é\u0000""#, r#""é\u0000""#),
        ] {
            assert_eq!(pretty(json), laid_out, "{json}");
        }
    }
}
