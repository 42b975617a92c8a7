//! What a connection may do to the others: drip, rest, take nothing, come in crowds. Spoken in raw bytes, as no browser would.

use crate::{
    house::{Folder, TestHouse, beginning},
    skipped::skipped,
};
use aviary::{
    house::House,
    http::listen::Limits,
    serve::{self, Listeners},
};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

/// Far more than anything here takes, and less than the limits that people get.
const LONG: Duration = Duration::from_secs(8);
/// The limit that a test lets somebody run into.
const BRIEF: Duration = Duration::from_millis(300);

/// A house whose listeners bear this.
struct Open {
    house: Arc<House>,
    stop: watch::Sender<bool>,
    _folder: Folder,
}

impl Open {
    async fn with(limits: Limits) -> Self {
        let folder = Folder::new();
        let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
        let mut listeners = Listeners::open(&house.config).await.unwrap();
        listeners.limits = limits;
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(serve::run(Arc::clone(&house), listeners, stopping));
        Self { house, stop, _folder: folder }
    }

    fn console(&self) -> SocketAddr {
        self.house.config.listen
    }

    fn sandbox(&self) -> SocketAddr {
        self.house.config.sandbox_listen.unwrap()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Sends all of it and reads until the other side closes.
async fn ask(address: SocketAddr, request: &str) -> String {
    let mut socket = connect(address).await;
    // Whoever is turned away may not be able to send all of it.
    let _ = socket.write_all(request.as_bytes()).await;
    to_the_end(&mut socket).await
}

/// Sends a head and waits until the server asks for the body: from then on it is being answered.
async fn begin(address: SocketAddr, head: &str) -> TcpStream {
    let mut socket = connect(address).await;
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"\r\n\r\n") {
        assert!(timeout(LONG, socket.read_buf(&mut said)).await.unwrap().unwrap() > 0, "it was closed");
    }
    assert!(said.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&said));
    socket
}

/// What comes until the other side closes, in whichever way it does.
async fn to_the_end(socket: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let ended = timeout(LONG, socket.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "still open after {LONG:?}: {}", String::from_utf8_lossy(&read));
    String::from_utf8_lossy(&read).into_owned()
}

/// Sends a byte every few milliseconds until the other side has had enough; what it said.
async fn drip(socket: TcpStream, bytes: impl Iterator<Item = u8> + Send + 'static) -> (String, Duration) {
    const EVERY: Duration = Duration::from_millis(20);
    let began = Instant::now();
    let (mut reader, mut writer) = socket.into_split();
    let dripping = tokio::spawn(async move {
        for byte in bytes {
            if writer.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(EVERY).await;
        }
        writer
    });
    let mut said = Vec::new();
    let ended = timeout(LONG, reader.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "still open after {LONG:?}");
    dripping.abort();
    (String::from_utf8_lossy(&said).into_owned(), began.elapsed())
}

#[tokio::test]
async fn a_head_that_drips_in_is_cut_off() {
    let open = Open::with(Limits { head: BRIEF, ..Limits::default() }).await;
    for address in [open.console(), open.sandbox()] {
        let head = "GET /healthz HTTP/1.1\r\nx: ".bytes().chain(std::iter::repeat(b'x'));
        let (said, after) = drip(connect(address).await, head).await;
        assert_eq!(said, "", "{address}");
        assert!(after >= BRIEF, "{address}: after {after:?}");
    }
}

#[tokio::test]
async fn a_second_head_on_the_same_connection_has_its_own_time_and_no_more() {
    let open = Open::with(Limits { head: BRIEF, ..Limits::default() }).await;
    let mut socket = connect(open.console()).await;
    for _ in 0..3 {
        socket.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"ok\n") {
            assert!(timeout(LONG, socket.read_buf(&mut said)).await.unwrap().unwrap() > 0, "it was closed");
        }
        // Resting is no dripping: the connection outlives the time of a head.
        let rest = timeout(BRIEF * 2, socket.read_buf(&mut said)).await;
        assert!(rest.is_err(), "{rest:?}: {}", String::from_utf8_lossy(&said));
    }
    let (said, _) = drip(socket, "GET /healthz HTTP/1.1\r\nx: ".bytes().chain(std::iter::repeat(b'x'))).await;
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_body_that_drips_in_is_cut_off_and_told_why() {
    let open = Open::with(Limits { body: BRIEF, ..Limits::default() }).await;
    let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 50000\r\n\r\n";
    let (said, after) = drip(begin(open.console(), head).await, std::iter::repeat(b'x')).await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert!(said.contains("content-security-policy: default-src 'none'"), "{said}");
    assert!(after >= BRIEF / 2, "after {after:?}");
}

#[tokio::test]
async fn who_asks_nothing_is_disconnected_after_a_while() {
    let open = Open::with(Limits { idle: BRIEF, ..Limits::default() }).await;
    assert_eq!(to_the_end(&mut connect(open.console()).await).await, "");
    let mut again = connect(open.console()).await;
    again.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(to_the_end(&mut again).await.ends_with("ok\n"));
}

#[tokio::test]
async fn who_takes_nothing_of_the_answers_is_disconnected() {
    let open = Open::with(Limits { stall: BRIEF, ..Limits::default() }).await;
    let (_reader, mut writer) = connect(open.console()).await.into_split();
    let asking = async {
        // The answers are large, and nobody reads them: soon nothing can be sent any more in either direction.
        while writer.write_all(b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {}
    };
    timeout(LONG, asking).await.expect("the connection ends");
}

#[tokio::test]
async fn a_thousand_resting_connections_keep_nobody_from_being_answered() {
    // Each connection is two open files of this process.
    let files = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = files.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
    let files: usize = files.and_then(|files| files.parse().ok()).unwrap_or(1_024);
    let many = 1_000.min(files.saturating_sub(200) / 2);
    if many < 1_000 {
        skipped(&format!("{many} resting connections instead of 1000: `ulimit -n` is {files}"));
    }
    let open = Open::with(Limits::default()).await;
    let mut resting = Vec::new();
    for at in 0..many {
        let mut socket = connect(open.console()).await;
        if at % 2 == 0 {
            socket.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        }
        resting.push(socket);
    }
    let began = Instant::now();
    let said = ask(open.console(), "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with("ok\n"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(2), "after {:?}", began.elapsed());
}

#[tokio::test]
async fn where_there_is_no_more_room_those_who_rest_go_and_those_who_are_answered_stay() {
    let open = Open::with(Limits { connections: 10, ..Limits::default() }).await;
    let form = "email=ana%40example.com&password=wrong";
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        form.len()
    );
    // This one came first, and is in the middle of its request.
    let mut busy = begin(open.console(), &head).await;
    let healthy = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut resting = Vec::new();
    for _ in 0..50 {
        resting.push(connect(open.console()).await);
    }
    assert!(ask(open.console(), healthy).await.starts_with("HTTP/1.1 200 "));
    for mut one in resting.drain(..40) {
        assert_eq!(to_the_end(&mut one).await, "", "the ones that rested longest are gone");
    }
    busy.write_all(form.as_bytes()).await.unwrap();
    let said = to_the_end(&mut busy).await;
    assert!(said.starts_with("HTTP/1.1 401 "), "{said}");
}

#[tokio::test]
async fn where_all_are_being_answered_the_next_one_hears_that_there_is_no_place() {
    let open = Open::with(Limits { per_address: 3, ..Limits::default() }).await;
    let head = "POST /sign-in HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
    let mut busy = Vec::new();
    for _ in 0..3 {
        busy.push(begin(open.console(), head).await);
    }
    let said = to_the_end(&mut connect(open.console()).await).await;
    assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("retry-after: 1"), "{said}");
    busy.pop();
    let healthy = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let deadline = Instant::now() + LONG;
    while !ask(open.console(), healthy).await.starts_with("HTTP/1.1 200 ") {
        assert!(Instant::now() < deadline, "the place that became free was not given away");
    }
}

#[tokio::test]
async fn heads_addresses_and_bodies_have_their_largest_size() {
    let open = Open::with(Limits::default()).await;
    let get =
        |path: &str, headers: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    let post = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{}",
            "x".repeat(length)
        )
    };
    let many: String = (0..120).map(|number| format!("x-{number}: 1\r\n")).collect();
    for (what, request, status) in [
        ("an address that fits", get(&format!("/healthz?{}", "q".repeat(8_000)), ""), 200),
        ("an address that does not", get(&format!("/healthz?{}", "q".repeat(8_300)), ""), 414),
        ("a head that fits", get("/healthz", &format!("x: {}\r\n", "x".repeat(30_000))), 200),
        ("a head that does not", get("/healthz", &format!("x: {}\r\n", "x".repeat(33_000))), 431),
        ("too many headers", get("/healthz", &many), 431),
        ("a form that does not fit", post("/sign-in", (64 << 10) + 1), 413),
        ("a hook that fits and means nothing", post("/api/v1/hooks/jira/none", (64 << 10) + 1), 401),
        ("a hook that does not fit", post("/api/v1/hooks/jira/none", (1 << 20) + 1), 413),
        ("a message that does not fit", post("/ingest/sns", (1 << 20) + 1), 413),
    ] {
        let said = ask(open.console(), &request).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {said}");
    }
}
