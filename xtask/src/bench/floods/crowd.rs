//! Clients that take their time: some send nothing, the others a byte of a body each second. Who is cut off comes again.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::super::load::Statuses;
use crate::step::{Failure, Result};

/// How often the slow ones send a byte.
const EACH: Duration = Duration::from_secs(1);

/// How long the body would be.
const BODY: u32 = 4096;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) idle: u32,
    pub(super) dripping: u32,
}

struct Client {
    stream: TcpStream,
    drips: bool,
}

/// Connects them all, says `ready`, and keeps them there until `over`. Gives what they were told, under 0 how often a
/// connection ended without a word.
pub(super) fn hold(port: u16, size: Size, ready: &Sender<()>, over: &Receiver<()>) -> Result<Statuses> {
    let mut clients = Vec::new();
    for number in 0..size.idle + size.dripping {
        clients.push(Client::new(port, number >= size.idle, number).map_err(|error| failed(&error))?);
    }
    // Whoever waits for it may have failed.
    let _ = ready.send(());
    let mut told = Statuses::new();
    loop {
        for (number, client) in (0..).zip(&mut clients) {
            if let Some(status) = client.go_on() {
                *told.entry(status).or_default() += 1;
                *client = Client::new(port, client.drips, number).map_err(|error| failed(&error))?;
            }
        }
        if over.recv_timeout(EACH) != Err(RecvTimeoutError::Timeout) {
            return Ok(told);
        }
    }
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::Told(format!("a slow client cannot connect: {error}"))
}

impl Client {
    fn new(port: u16, drips: bool, number: u32) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        if drips {
            let path = if number.is_multiple_of(2) { "/token" } else { "/register" };
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                 Content-Length: {BODY}\r\n\r\n{{"
            );
            stream.write_all(head.as_bytes())?;
        }
        stream.set_nonblocking(true)?;
        Ok(Self { stream, drips })
    }

    /// Sends a byte where it drips; gives the status where an answer or an end has come.
    fn go_on(&mut self) -> Option<u16> {
        let mut some = [0; 64];
        match self.stream.read(&mut some) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(length) => return Some(status(&some[..length])),
            Err(_) => return Some(0),
        }
        match self.drips.then(|| self.stream.write(b" ")) {
            Some(Err(_)) => Some(0),
            _ => None,
        }
    }
}

/// The status in the first bytes of an answer; 0 where there is none.
fn status(answer: &[u8]) -> u16 {
    let text = String::from_utf8_lossy(answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_begins_with_its_status() {
        for (answer, number) in [(&b"HTTP/1.1 408 Request Timeout\r\nA: b"[..], 408), (b"", 0), (b"SSH-2.0 x", 0)] {
            assert_eq!(status(answer), number);
        }
    }
}
