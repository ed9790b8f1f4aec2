//! A client that sends the bytes it is told to, and nothing else, and looks at what becomes of the connection.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::http::Answer;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request to which every server that still listens has an answer.
const PROBE: &[u8] = b"GET /probe HTTP/1.1\r\nHost: keybin\r\n\r\n";

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The server said that it has no more to say.
    Closed,
    /// The server did not take what was sent, and said so to whoever went on.
    Reset,
}

/// What became of a request and its connection.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// `None` when the connection ended without one.
    pub(crate) answer: Option<Answer>,
    /// Whether all was sent before the answer was read.
    pub(crate) all_sent: bool,
    /// `None` when another request on the same connection was answered.
    pub(crate) end: Option<End>,
}

impl Exchange {
    /// The answer, which there must be.
    pub(crate) fn answer(&self) -> &Answer {
        self.answer.as_ref().unwrap_or_else(|| panic!("no answer: {self:?}"))
    }

    /// Whether somebody who sends everything first and reads afterwards gets the answer, and can go on or is told that
    /// the connection is over.
    pub(crate) fn is_in_good_order(&self) -> bool {
        self.answer.is_some() && self.all_sent && self.end != Some(End::Reset)
    }
}

/// Sends everything, reads the answer, and tries the connection once more.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Exchange {
    let mut socket = Socket::open(address).await;
    let all_sent = socket.send(request).await;
    let (answer, end) = match socket.answer(request.starts_with(b"HEAD ")).await {
        Ok(answer) => (Some(answer), socket.end().await),
        Err(end) => (None, Some(end)),
    };
    Exchange { answer, all_sent, end }
}

/// A request with a `Host`, and with a `Content-Length` where there is a body.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: keybin\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// A body in chunks of this many bytes (RFC 9112, 7.1).
pub(crate) fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut chunks = Vec::with_capacity(body.len() + body.len() / size * 16 + 16);
    for chunk in body.chunks(size) {
        chunks.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunks.extend_from_slice(chunk);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    chunks
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    /// What came and was not yet looked at.
    received: Vec<u8>,
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.expect("connects"), received: Vec::new() }
    }

    /// Whether all was taken.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the server reads").is_ok()
    }

    /// Says that there is no more to come, and goes on listening.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.expect("the connection is there");
    }

    /// The next final answer; `to_head` when it is one to HEAD, which has no body whatever its headers say; nor have 204 and 304.
    pub(crate) async fn answer(&mut self, to_head: bool) -> Result<Answer, End> {
        loop {
            let mut answer = self.head().await?;
            if (100..200).contains(&answer.status) {
                continue;
            }
            let is_chunked = answer.header("transfer-encoding") == Some("chunked");
            let length = answer.header("content-length").map(|length| length.parse().expect("a length"));
            answer.body = match length {
                _ if to_head || matches!(answer.status, 204 | 304) => Vec::new(),
                Some(length) => self.take(length).await?,
                None if is_chunked => self.chunks().await?,
                None => self.rest().await?,
            };
            return Ok(answer);
        }
    }

    /// How the connection ended, if it did: the server may have said so, and else it is tried.
    pub(crate) async fn end(&mut self) -> Option<End> {
        self.send(PROBE).await;
        self.answer(false).await.err()
    }

    async fn head(&mut self) -> Result<Answer, End> {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            self.more().await?;
        };
        let head: Vec<u8> = self.received.drain(..end + 4).collect();
        let head = String::from_utf8(head).expect("ASCII");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status line");
        let header = |line: &str| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Ok(Answer { status, headers: lines.map(header).collect(), body: Vec::new() })
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, End> {
        while self.received.len() < length {
            self.more().await?;
        }
        Ok(self.received.drain(..length).collect())
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, End> {
        let mut body = Vec::new();
        loop {
            while !self.received.contains(&b'\n') {
                self.more().await?;
            }
            let line = self.received.iter().position(|byte| *byte == b'\n').unwrap_or_default();
            let line = self.take(line + 1).await?;
            let length = std::str::from_utf8(&line).ok().and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
            let length = length.expect("the length of a chunk");
            let chunk = self.take(length + 2).await?;
            if length == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }

    async fn rest(&mut self) -> Result<Vec<u8>, End> {
        loop {
            match self.more().await {
                Ok(()) => {}
                Err(End::Closed) => return Ok(std::mem::take(&mut self.received)),
                Err(reset) => return Err(reset),
            }
        }
    }

    async fn more(&mut self) -> Result<(), End> {
        match timeout(PATIENCE, self.stream.read_buf(&mut self.received)).await.expect("the server answers") {
            Ok(0) => Err(End::Closed),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Err(End::Reset),
            Err(error) => panic!("{error}"),
        }
    }
}
