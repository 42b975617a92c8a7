//! Bodies that are watched: a request's, which has to arrive in time, and an answer's, until it is told.

use super::guest::Stay;
use axum::{
    BoxError,
    body::{Body, Bytes},
};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// Whether the body of a request did not arrive in time. Each request carries one, for whoever answers it.
#[derive(Clone, Debug, Default)]
pub struct Late(Arc<AtomicBool>);

impl Late {
    /// Whether it did not.
    pub fn happened(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body that has to have arrived as a whole by a certain time: a byte now and then keeps it from nothing.
pub(super) struct InTime {
    body: Incoming,
    until: Instant,
    /// Made when there is something to wait for.
    end: Option<Pin<Box<Sleep>>>,
    late: Late,
}

impl InTime {
    pub(super) fn new(body: Incoming, limit: Duration, late: Late) -> Self {
        Self { body, until: Instant::now() + limit, end: None, late }
    }
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if this.late.happened() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let until = this.until;
        let end = this.end.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if end.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        this.late.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err("the body took too long to arrive".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer: as long as it is there, its connection is not resting.
pub(super) struct Told {
    body: Body,
    _stay: Stay,
}

impl Told {
    pub(super) fn new(body: Body, stay: Stay) -> Self {
        Self { body, _stay: stay }
    }
}

impl HttpBody for Told {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
