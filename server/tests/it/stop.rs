//! Stopping: what goes on by itself ends, and the program with it.

use crate::house::{Folder, PASSWORD, TestHouse, beginning};
use app::model::viewer::{Role, Viewer};
use aviary::{
    people::persons,
    serve::{self, Listeners},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::watch,
};

/// Less than the patience with answers that do not end by themselves.
const SOON: Duration = Duration::from_secs(4);

#[tokio::test]
async fn an_open_live_page_does_not_hold_up_a_stop() {
    let folder = Folder::new();
    let (house, _) = TestHouse::build(&folder, &[], beginning()).await;
    persons::create(&house, &Viewer::system("test"), "ana@example.com", PASSWORD, "", Role::Admin).await.unwrap();
    let address = house.config.listen;
    let listeners = Listeners::open(&house.config).await.unwrap();
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(serve::run(Arc::clone(&house), listeners, stopping));

    let form = serde_urlencoded::to_string([("email", "ana@example.com"), ("password", PASSWORD)]).unwrap();
    let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
    let sign_in = format!(
        "POST /sign-in HTTP/1.1\r\nhost: {address}\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    socket.write_all(sign_in.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let cookie =
        answer.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).find(|it| it.starts_with("aviary="));
    let cookie = cookie.unwrap();
    let cookie = cookie.split(';').next().unwrap();

    let mut live = BufReader::new(TcpStream::connect(address).await.unwrap());
    let ask = format!("GET /live HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\naccept: text/event-stream\r\n\r\n");
    live.write_all(ask.as_bytes()).await.unwrap();
    let mut line = String::new();
    while line.trim_end() != ": listening" {
        line.clear();
        assert!(live.read_line(&mut line).await.unwrap() > 0, "the stream ended before it began");
    }

    stop.send(true).unwrap();
    let mut rest = String::new();
    tokio::time::timeout(SOON, live.read_to_string(&mut rest)).await.expect("the stream ends").unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "it ends as it should, and is not cut off: {rest:?}");
    tokio::time::timeout(SOON, running).await.expect("the program ends").unwrap().unwrap();
}
