//! What several APIs have in common: the shapes of names, keys, times and values.

use serde_json::json;

use super::shape::{
    Shape, any, either, exactly, formatted, meaning, named, number, object, or_null, text, text_like, usually, whole,
    word,
};

/// Text without control characters.
const PRINTABLE: &str = r"^[^\x00-\x1f\x7f-\x9f]+$";

/// Text without control characters and `/` that is neither `.` nor `..`.
const KEY: &str = r"^([^./\x00-\x1f\x7f-\x9f][^/\x00-\x1f\x7f-\x9f]*|\.[^./\x00-\x1f\x7f-\x9f][^/\x00-\x1f\x7f-\x9f]*|\.\.[^/\x00-\x1f\x7f-\x9f]+)$";

/// The same with fewer characters, for the Keybin API.
const PLAIN_KEY: &str = r"^([a-zA-Z0-9_,][a-zA-Z0-9_.,]*|\.[a-zA-Z0-9_,][a-zA-Z0-9_.,]*|\.\.[a-zA-Z0-9_.,]+)$";

/// What a key can begin with.
const PREFIX: &str = r"^[^/\x00-\x1f\x7f-\x9f]*$";

/// The times of the Stow API.
const STOW_TIME: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}$";

/// The shapes that are described once for all.
pub(super) fn components() -> [(&'static str, Shape); 10] {
    [
        ("Username", meaning(text_like(PRINTABLE, 1, 255), "At most 255 bytes, without control characters.")),
        ("Password", meaning(text_like(r"^[^\x00]+$", 1, 72), "At most 72 bytes, without NUL.")),
        (
            "Email",
            meaning(
                text_like(r"^[^\s\x00-\x1f\x7f-\x9f]+@[^\s@\x00-\x1f\x7f-\x9f]+$", 3, 254),
                "At most 254 bytes, kept in lower case.",
            ),
        ),
        ("Key", meaning(text_like(KEY, 1, 255), "At most 255 bytes, without control characters and `/`.")),
        ("PlainKey", meaning(text_like(PLAIN_KEY, 1, 255), "Of `a-z A-Z 0-9 _ . ,`.")),
        ("ClientId", meaning(text_like(PRINTABLE, 1, 255), "Names a device or program of an account.")),
        ("Value", meaning(any(), "Any JSON. What cannot be kept exactly is refused.")),
        ("Revision", meaning(text_like("^[0-9a-f]{32}$", 32, 32), "Another one after each write.")),
        ("Time", meaning(formatted("date-time"), "UTC, with milliseconds at least.")),
        ("Problem", problem()),
    ]
}

pub(super) fn username() -> Shape {
    named("Username")
}

pub(super) fn password() -> Shape {
    named("Password")
}

pub(super) fn email() -> Shape {
    named("Email")
}

pub(super) fn key() -> Shape {
    named("Key")
}

pub(super) fn plain_key() -> Shape {
    named("PlainKey")
}

pub(super) fn client_id() -> Shape {
    named("ClientId")
}

pub(super) fn value() -> Shape {
    named("Value")
}

pub(super) fn revision() -> Shape {
    named("Revision")
}

pub(super) fn time() -> Shape {
    named("Time")
}

pub(super) fn stow_time() -> Shape {
    text_like(STOW_TIME, 26, 26)
}

/// A date as HTTP headers have it.
pub(super) fn http_date() -> Shape {
    text_like(r"^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$", 29, 29)
}

/// What a key can begin with.
pub(super) fn prefix() -> Shape {
    text_like(PREFIX, 0, 255)
}

/// A token where it stands in the path, or `-`.
pub(super) fn path_token() -> Shape {
    either([word(&["-"]), formatted("uuid")])
}

/// `{"result":"ok"}`.
pub(super) fn done() -> Shape {
    exactly([("result", word(&["ok"]))])
}

/// `{"message":…}`, as the Stow and the Pairs API say things.
pub(super) fn message() -> Shape {
    exactly([("message", text())])
}

/// A problem document (RFC 9457).
fn problem() -> Shape {
    let there = "Only with 412, where there is a document: it.";
    let failed = "Only with 409, where one of several operations failed.";
    let shape = object([
        ("title", meaning(text(), "What the status is called.")),
        ("status", whole(400)),
        ("detail", meaning(text(), "For people.")),
        ("code", meaning(text_like("^[a-z_]+$", 1, 64), "For programs; it stays the same.")),
        ("revision?", meaning(revision(), there)),
        ("value?", meaning(value(), there)),
        ("created_at?", meaning(time(), there)),
        ("modified_at?", meaning(time(), there)),
        ("failed_operation?", meaning(whole(0), failed)),
        ("failed_status?", meaning(whole(400), failed)),
        ("failed_code?", meaning(text(), failed)),
    ]);
    meaning(shape, "Why a request was not done (RFC 9457).")
}

/// Name and password, as most bodies that have them call them.
pub(super) fn credentials() -> Shape {
    object([("username", username()), ("password", password())])
}

/// What an increment may say.
pub(super) fn increment() -> Shape {
    object([("by?", usually(or_null(number()), json!(1))), ("initial?", usually(or_null(number()), json!(0)))])
}
