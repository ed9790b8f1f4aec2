//! What the Forms API asks of those who register.

use crate::domain::Profile;
use crate::http::api::forms::Forms;
use crate::http::body::Members;
use crate::http::refusal::Refusal;
use crate::service::Registration;

/// The rule of this API for passwords, in words.
const PASSWORD_RULE: &str = "must have at least 8 characters, among them an upper-case and a lower-case letter, a digit and a special character";

/// Reads a registration and checks what only this API asks for.
pub(super) fn read(body: &Members<Forms>) -> Result<Registration, Refusal> {
    let (username, email) = (filled(body, "username")?, filled(body, "email")?);
    let password = body.text("password")?;
    if !is_strong(&password) {
        return Err(Refusal::Wrong("password", PASSWORD_RULE));
    }
    let full_name = filled(body, "full_name")?;
    let age = age(body.json("age")?).ok_or(Refusal::Wrong("age", "must be a positive integer"))?;
    let gender = body.optional_text("gender")?.filter(|gender| !gender.trim().is_empty());
    let gender = gender.ok_or(Refusal::Missing("gender"))?;
    let profile = Profile { full_name: Some(full_name), age: Some(age), gender: Some(gender) };
    Ok(Registration { username, password, email: Some(email), profile, admin: false })
}

fn filled(body: &Members<Forms>, name: &'static str) -> Result<String, Refusal> {
    let text = body.text(name)?;
    if text.trim().is_empty() { Err(Refusal::Missing(name)) } else { Ok(text) }
}

fn is_strong(password: &str) -> bool {
    let has = |kind: fn(&char) -> bool| password.chars().any(|c| kind(&c));
    password.chars().count() >= 8
        && has(|c| c.is_uppercase())
        && has(|c| c.is_lowercase())
        && has(|c| c.is_numeric())
        && has(|c| !c.is_alphanumeric())
}

/// A positive integer; a form sends it as a text.
fn age(json: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(json).ok()?.trim_matches('"').trim();
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten().filter(|age| *age > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_password_has_something_of_everything() {
        assert!(is_strong("Abcdef1!"));
        for weak in ["Abcde1!", "abcdef1!", "ABCDEF1!", "Abcdefg!", "Abcdefg1", ""] {
            assert!(!is_strong(weak), "{weak}");
        }
    }

    #[test]
    fn an_age_is_a_positive_integer() {
        assert_eq!(age(b"30"), Some(30));
        assert_eq!(age(b"\"30\""), Some(30));
        for bad in ["-5", "\"-5\"", "0", "1.5", "null", "true", "\"\"", "\"x\"", "[]", "99999999999"] {
            assert_eq!(age(bad.as_bytes()), None, "{bad}");
        }
    }
}
