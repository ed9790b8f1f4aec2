//! Requests as texts with a place for the key, and a client that sends one at a time: to make servers ready, and to see
//! that they answer what they should. The load itself is sent by wrk.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::step::{Result, told};

/// Stands where the key goes, in a path or a body.
pub(crate) const KEY: &str = "\u{1}";

/// Stands where eight digits go that are new each time, in a body behind the key: a database has nothing to do for a value
/// that is there already.
pub(crate) const FRESH: &str = "\u{2}";

/// What [`FRESH`] is where nobody counts.
const NOT_FRESH: &str = "10000000";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A request, with [`KEY`] and [`FRESH`] in at most one place each.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: impl Into<String>, body: impl Into<String>) -> Self {
        Self::new("POST", path).json(body)
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn json(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self.header("Content-Type", "application/json")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What is sent, for a key like this one: all keys of a run are of one length.
    pub(crate) fn text(&self, key: &str) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if self.method != "GET" {
            text += &format!("Content-Length: {}\r\n", self.body.replace(KEY, key).replace(FRESH, NOT_FRESH).len());
        }
        text += "\r\n";
        text + &self.body
    }

    /// Sends it over a connection of its own.
    pub(crate) fn send(&self, port: u16, key: &str) -> Result<Answer> {
        let text = self.text(key).replace(KEY, key).replace(FRESH, NOT_FRESH);
        match exchange(port, text.as_bytes()) {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => told(format!("{} {}: no HTTP came back", self.method, self.path.replace(KEY, key))),
            Err(error) => told(format!("{} {}: {error}", self.method, self.path.replace(KEY, key))),
        }
    }

    /// Sends it and expects a 2xx; gives the body.
    pub(crate) fn expect(&self, port: u16, key: &str) -> Result<String> {
        let Answer { status, body } = self.send(port, key)?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let shown: String = body.chars().take(300).collect();
        told(format!("{} {}: {status} {shown}", self.method, self.path.replace(KEY, key)))
    }
}

fn exchange(port: u16, text: &[u8]) -> std::io::Result<Option<Answer>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(text)?;
    let (mut answer, mut some) = (Vec::new(), [0; 16 * 1024]);
    while !is_whole(&answer) {
        match stream.read(&mut some)? {
            0 => break,
            read => answer.extend_from_slice(&some[..read]),
        }
    }
    Ok(read(&String::from_utf8_lossy(&answer)))
}

/// Whether as much has come as the head says. Servers are not asked to close the connection: webdis then forgets what came
/// in more than one piece.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    if head.contains("\r\ntransfer-encoding: chunked") {
        return answer.ends_with(b"\r\n0\r\n\r\n");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= end + 4 + length)
}

/// The status, and what stands behind the head. Chunks are left as they came: whoever looks for something finds it.
fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

/// The string that a JSON text has under a name.
pub(crate) fn member<'j>(json: &'j str, name: &str) -> Option<&'j str> {
    let (_, behind) = json.split_once(&format!("\"{name}\""))?;
    let behind = behind.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    behind.split_once('"').map(|(value, _)| value)
}

/// Bytes in base64, as HTTP Basic and etcd want them.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let index = (group >> (18 - 6 * digit)) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }

    #[test]
    fn a_request_says_how_long_its_body_is_with_the_key() {
        let request = Request::post("/a", format!("{{\"k\":\"{KEY}\"}}"));
        let text = request.text("0123");
        assert!(
            text.starts_with("POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"),
            "{text}"
        );
        assert!(text.contains("Content-Length: 12\r\n\r\n{"), "{text}");
        let fresh = Request::post("/a", format!("{{\"v\":\"{FRESH}\"}}")).text("");
        assert!(fresh.contains("Content-Length: 16\r\n"), "{fresh}");
        assert!(!Request::get("/a").text("k").contains("Content-Length"));
    }

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let answer = read("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nno").expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (404, "no"));
        assert!(read("nothing").is_none());
        for (text, whole) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true),
            ("HTTP/1.1 200 OK\r\n\r\nok", false),
            ("HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", false),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true),
        ] {
            assert_eq!(is_whole(text.as_bytes()), whole, "{text:?}");
        }
    }

    #[test]
    fn members_are_found_whatever_the_blanks() {
        let json = r#"{"token": {"expire_seconds":300,"token":"abc"}, "x" : "y"}"#;
        assert_eq!(member(json, "x"), Some("y"));
        assert_eq!(member(&json[10..], "token"), Some("abc"));
        assert_eq!(member(json, "none"), None);
    }
}
