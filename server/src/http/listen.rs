//! Accepting connections, and ending those that keep others from being answered.
//!
//! Everybody can open a connection, so nothing may wait for them without end: a head has to arrive within seconds once
//! it has begun, a body as a whole, and what is sent has to be taken. Where there is no more room, the connection that has
//! rested longest makes place for the new one; those that are being answered stay.

mod body;
mod guest;
mod stream;

pub use body::Late;

use crate::serve::stopped;
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::Response,
};
use body::{InTime, Told};
use guest::{Place, Room, Stay};
use hyper::{body::Body as _, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};
use stream::Watched;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tower::ServiceExt as _;

/// What one listener bears.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections may be open.
    pub connections: usize,
    /// How many of them from one address (of IPv6: from one network of 64 bits, which one subscriber has to themselves).
    pub per_address: usize,
    /// How long a connection may rest before a request, and between two. Longer than the minute of common load
    /// balancers: else they send into connections that are about to be closed.
    pub idle: Duration,
    /// How long the head of a request may take from its first byte on.
    pub head: Duration,
    /// How long the body of a request may take, as a whole.
    pub body: Duration,
    /// How long the other side may take nothing of what is sent.
    pub stall: Duration,
    /// How long answers that are under way have when the program is to stop.
    pub goodbye: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4_096,
            per_address: 1_024,
            idle: Duration::from_secs(75),
            head: Duration::from_secs(10),
            body: Duration::from_secs(25),
            stall: Duration::from_secs(30),
            goodbye: Duration::from_secs(5),
        }
    }
}

/// The largest head of a request, in bytes. A head has at most a hundred headers: that is hyper's own limit.
const LARGEST_HEAD: usize = 32 * 1024;
/// The largest buffer of a connection, in bytes.
const BUFFER: usize = 64 * 1024;
/// How long a connection on which nothing is asked has for what is still in its buffers.
const FLUSH: Duration = Duration::from_millis(100);
/// How long to wait where the machine gives no more connections.
const RESPITE: Duration = Duration::from_millis(250);
/// How many resting connections are ended then.
const MANY: usize = 16;
/// What somebody hears for whom there is no place.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Answers on this listener until `stop` becomes true; then what is under way has its time, and the rest ends.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: watch::Receiver<bool>) {
    let room = Arc::new(Room::new(limits.connections, limits.per_address));
    let mut talks = JoinSet::new();
    let mut stopping = pin!(stopped(stop.clone()));
    loop {
        let accepted = tokio::select! {
            () = &mut stopping => break,
            Some(ended) = talks.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection was cut off");
                }
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match room.admit(peer.ip()) {
                Some(place) => {
                    talks.spawn(talk(stream, peer, router.clone(), place, limits, stop.clone()));
                }
                None => refuse(stream, peer),
            },
            Err(error) if is_theirs(error.kind()) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                room.send_away(MANY);
                tokio::time::sleep(RESPITE).await;
            }
        }
    }
    drop(listener);
    // Those that are left then are cut off where they are: dropping the set ends them.
    let _ = timeout(limits.goodbye, async { while talks.join_next().await.is_some() {} }).await;
}

/// Whether accepting failed because the other side has gone again.
fn is_theirs(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

/// Says that there is no place. Whoever does not read it is not waited for.
fn refuse(stream: TcpStream, peer: SocketAddr) {
    // Not a warning for each: whoever knocks that often would fill the log.
    metrics::counter!("aviary_connections_turned_away_total").increment(1);
    tracing::debug!(address = %peer.ip(), "a connection was turned away: there is no place, and none is resting");
    // The runtime does not know yet that it can be written to, but the buffer of a new connection is empty.
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write_all(NO_PLACE);
    }
}

/// One connection, from its beginning to its end.
async fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: Place,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    // Small answers go out at once.
    let _ = stream.set_nodelay(true);
    let guest = Arc::clone(place.guest());
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&guest), limits.head, limits.stall));
    let service = {
        let guest = Arc::clone(&guest);
        // The stay begins here and not in the future, so that nothing comes between the head and it.
        service_fn(move |request| answer(request, peer, router.clone(), guest.stay(), limits.body))
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.idle).max_header_size(LARGEST_HEAD).max_buf_size(BUFFER);
    let mut talk = pin!(http.serve_connection(io, service));
    tokio::select! {
        done = talk.as_mut() => {
            if let Err(error) = done {
                tracing::debug!(%error, address = %peer.ip(), "a connection broke off");
            }
            return;
        }
        () = guest.sent_away() => {}
        () = stopped(stop) => {}
    }
    talk.as_mut().graceful_shutdown();
    if guest.is_busy() {
        let _ = talk.await;
    } else {
        let _ = timeout(FLUSH, talk).await;
    }
}

/// One request. Its body and the body of its answer are watched.
async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    router: Router,
    stay: Stay,
    limit: Duration,
) -> Result<Response<Told>, Infallible> {
    let (mut head, body) = request.into_parts();
    let late = Late::default();
    head.extensions.insert(ConnectInfo(peer));
    head.extensions.insert(late.clone());
    let body = if body.is_end_stream() { Body::empty() } else { Body::new(InTime::new(body, limit, late)) };
    let response = router.oneshot(Request::from_parts(head, body)).await?;
    Ok(response.map(|body| Told::new(body, stay)))
}
