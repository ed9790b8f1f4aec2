//! One account as a line of an archive: `{"account":{…}}`, with its id, its number and the hash of its password.

use std::fmt::Display;

use serde_json::{Map, Value as Json, json};

use crate::domain::{AccountId, Email, NewAccount, PasswordHash, Profile, Timestamp, Username, value};
use crate::store::Credentials;

/// What such a line begins with.
const START: &[u8] = b"{\"account\":";

/// The highest number: what every JSON parser keeps exactly.
const MAX_NUMBER: u64 = 1 << 53;

/// Whether this is the line of an account, and not that of a document.
pub(super) fn is_one(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(START)
}

/// Appends the line of an account to `out`.
pub(super) fn write(out: &mut Vec<u8>, known: &Credentials) {
    let Credentials { account, password } = known;
    out.extend_from_slice(START);
    let mut separator = '{';
    let mut member = |name: &str, value: Json| {
        out.extend_from_slice(format!("{separator}\"{name}\":{value}").as_bytes());
        separator = ',';
    };
    member("user_id", json!(account.id.to_string()));
    member("number", json!(account.number));
    member("username", json!(account.username.as_str()));
    if let Some(email) = &account.email {
        member("email", json!(email.as_str()));
    }
    if let Some(name) = &account.profile.full_name {
        member("full_name", json!(name));
    }
    if let Some(age) = account.profile.age {
        member("age", json!(age));
    }
    if let Some(gender) = &account.profile.gender {
        member("gender", json!(gender));
    }
    if account.admin {
        member("admin", json!(true));
    }
    member("password", json!(password.expose()));
    member("created_at", json!(account.created_at.to_exact()));
    out.extend_from_slice(b"}}\n");
}

/// Reads such a line; says what is wrong with it where it is none.
pub(super) fn read(line: &[u8]) -> Result<NewAccount, String> {
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    // Neither may name anything twice.
    let outer = value::members(text).map_err(|error| error.to_string())?;
    let [(_, place)] = &outer[..] else { return Err("something stands beside \"account\"".to_owned()) };
    value::members(&text[place.clone()]).map_err(|error| error.to_string())?;
    let members: Map<String, Json> = serde_json::from_str(&text[place.clone()]).map_err(|error| error.to_string())?;
    let mut members = Members(members);
    let new = NewAccount {
        id: members.text("user_id")?.as_deref().and_then(AccountId::parse).ok_or("\"user_id\" must be a UUID")?,
        number: Some(members.number("number", MAX_NUMBER)?.filter(|n| *n > 0).ok_or("\"number\" must be above 0")?),
        username: Username::parse(members.text("username")?.unwrap_or_default()).map_err(said)?,
        email: members.text("email")?.as_deref().map(Email::parse).transpose().map_err(said)?,
        profile: Profile {
            full_name: members.text("full_name")?,
            age: members.number("age", u32::MAX.into())?.and_then(|age| age.try_into().ok()),
            gender: members.text("gender")?,
        },
        admin: members.flag("admin")?,
        password: members.text("password")?.and_then(hash).ok_or("\"password\" must be a bcrypt hash")?,
        created_at: members.text("created_at")?.as_deref().and_then(time).ok_or("\"created_at\" must be a time")?,
    };
    match members.0.keys().next() {
        Some(name) => Err(format!("unknown member {name:?}")),
        None if !new.profile.is_allowed() => Err("a name or gender is too long, or no text to be shown".to_owned()),
        None => Ok(new),
    }
}

/// What was not read yet.
struct Members(Map<String, Json>);

impl Members {
    fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name:?} must be a string")),
        }
    }

    fn number(&mut self, name: &str, most: u64) -> Result<Option<u64>, String> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(number) => match number.as_u64().filter(|number| *number <= most) {
                Some(number) => Ok(Some(number)),
                None => Err(format!("{name:?} must be a whole number, at most {most}")),
            },
        }
    }

    fn flag(&mut self, name: &str) -> Result<bool, String> {
        match self.0.remove(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(flag),
            Some(_) => Err(format!("{name:?} must be true or false")),
        }
    }
}

fn said(error: impl Display) -> String {
    error.to_string()
}

/// `$2b$12$` and 53 characters.
fn hash(text: String) -> Option<PasswordHash> {
    let looks_right = text.len() == 60 && text.is_ascii() && text.starts_with("$2");
    looks_right.then(|| PasswordHash::from_stored(text))
}

/// Keybin's own times have milliseconds, in every store.
fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).map(|time| Timestamp::from_millis(time.as_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

    #[test]
    fn an_account_comes_back_as_it_was() {
        for (email, profile, admin) in [
            (None, Profile::default(), false),
            (
                Some("ada@example.org"),
                Profile { full_name: Some("Ada \"L\"".to_owned()), age: Some(36), gender: Some("f".to_owned()) },
                true,
            ),
        ] {
            let new = NewAccount {
                id: AccountId::random(),
                number: Some(7),
                username: Username::parse("a\"é").expect("a name"),
                email: email.map(|email| Email::parse(email).expect("an address")),
                profile,
                admin,
                password: PasswordHash::from_stored(HASH),
                created_at: Timestamp::from_millis(1_234),
            };
            let (account, password) = (new.numbered(7), new.password.clone());
            let mut line = Vec::new();
            write(&mut line, &Credentials { account: account.clone(), password: password.clone() });
            assert!(is_one(&line));
            let again = read(&line).expect("reads");
            assert_eq!((again.numbered(7), again.number, again.password), (account, Some(7), password));
        }
    }

    #[test]
    fn what_is_no_account_says_why() {
        let id = AccountId::random();
        let good = format!(
            r#"{{"account":{{"user_id":"{id}","number":1,"username":"a","password":"{HASH}","created_at":"2018-03-10T10:25:35Z"}}}}"#
        );
        assert!(read(good.as_bytes()).is_ok());
        for (from, to, why) in [
            ("\"number\":1", "\"number\":0", "above 0"),
            ("\"number\":1", "\"number\":1.5", "whole number"),
            ("\"number\":1", "\"number\":9007199254740993", "at most"),
            ("\"number\":1", "\"number\":1,\"number\":2", "twice"),
            ("\"number\":1,", "", "above 0"),
            (&*id.to_string(), "x", "UUID"),
            ("$2b$", "$1b$", "bcrypt"),
            ("2018", "long ago", "time"),
            ("\"a\"", "\"\"", "username"),
            ("\"a\"", "\"a\",\"age\":-1", "age"),
            ("\"a\"", "\"a\",\"email\":\"x\"", "e-mail"),
            ("\"a\"", "\"a\",\"token\":1", "unknown member"),
            ("{\"account\"", "{\"key\":1,\"account\"", "beside"),
        ] {
            let said = read(good.replacen(from, to, 1).as_bytes()).expect_err("is none");
            assert!(said.contains(why), "{said:?} should say {why:?}");
        }
    }
}
