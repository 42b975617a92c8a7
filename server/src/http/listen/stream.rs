//! A connection's bytes, with an eye on how long they take.

use super::guest::Guest;
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep, sleep_until},
};

/// A stream that fails when a head drips in, or when the other side takes nothing of what is sent.
pub(super) struct Watched {
    stream: TcpStream,
    guest: Arc<Guest>,
    head: Duration,
    stall: Duration,
    /// How many heads were complete when this was last looked at.
    heads: u64,
    /// By when the head that has begun has to be here.
    until: Option<Instant>,
    /// Wakes the connection then. Most heads come in one piece and never need it.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Wakes the connection when nothing was taken for too long.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, guest: Arc<Guest>, head: Duration, stall: Duration) -> Self {
        Self { stream, guest, head, stall, heads: 0, until: None, alarm: None, stalled: None }
    }

    /// What became of an attempt to send, after a look at the time.
    fn sent<T>(&mut self, context: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stalled = None;
            return sent;
        }
        let stall = self.stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(stall)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let heads = this.guest.heads();
        if heads != this.heads {
            // What had begun is complete. Its body is watched as such.
            (this.heads, this.until, this.alarm) = (heads, None, None);
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if this.guest.is_busy() {
            return read;
        }
        if buffer.filled().len() > before && this.until.is_none() {
            this.until = Some(Instant::now() + this.head);
        }
        if let Some(until) = this.until
            && (read.is_pending() || this.alarm.is_some())
        {
            let alarm = this.alarm.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if alarm.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.sent(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.sent(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
