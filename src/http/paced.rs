//! Bodies that must not come too slowly: whoever sends a byte now and then would hold a place for ever.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::tokio::io::{AsyncRead, ReadBuf};
use rocket::tokio::time::{Instant, Sleep, sleep};

use super::bounds::Arrival;

/// In each of these stretches of time while a body is waited for …
const STRETCH: Duration = Duration::from_secs(10);

/// … so many bytes of it must arrive: 1 KiB/s.
const LEAST: usize = 10 * 1024;

/// A body of which enough arrives in each stretch of time, or reading it fails with [`io::ErrorKind::TimedOut`].
pub(super) struct Paced<'r, R> {
    body: R,
    arrival: &'r Arrival,
    /// The end of the present stretch, once something was waited for.
    end: Option<Pin<Box<Sleep>>>,
    /// What has arrived in it.
    arrived: usize,
}

impl<'r, R> Paced<'r, R> {
    /// The body of this request.
    pub(super) fn new(request: &'r Request<'_>, body: R) -> Self {
        Sender(Arrival::of(request)).paced(body)
    }
}

/// Whoever sends a request: for handlers that read its body piece by piece.
pub(super) struct Sender<'r>(&'r Arrival);

impl<'r> Sender<'r> {
    /// The body that they send.
    pub(super) const fn paced<R>(&self, body: R) -> Paced<'r, R> {
        Paced { body, arrival: self.0, end: None, arrived: 0 }
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Sender<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Self(Arrival::of(request)))
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Paced<'_, R> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.body).poll_read(context, buffer) {
            this.arrived += buffer.filled().len() - before;
            if this.end.is_some() {
                this.arrival.note(false);
            }
            return Poll::Ready(read);
        }
        this.arrival.note(true);
        let end = this.end.get_or_insert_with(|| Box::pin(sleep(STRETCH)));
        while end.as_mut().poll(context).is_ready() {
            if this.arrived < LEAST {
                this.arrival.note(false);
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            this.arrived = 0;
            end.as_mut().reset(Instant::now() + STRETCH);
        }
        Poll::Pending
    }
}
