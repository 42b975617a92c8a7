//! A webhook's other end: HTTP/1.1 by hand, so that it can also misbehave.

use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What arrived, challenges left out.
#[derive(Clone, Debug)]
pub struct Seen {
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// How an alert is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With this status, these further headers, and this body.
    Status(u16, &'static str, String),
    /// With this status, and with half of the body that its head announces; then the connection ends.
    Half(u16),
    /// Not at all: the connection ends.
    Close,
    /// Not at all: the connection stays open.
    Silence,
}

/// How a challenge is answered.
#[derive(Clone, Copy, Debug)]
pub enum Echo {
    Right,
    Wrong,
    Nothing,
}

#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    script: VecDeque<Answer>,
    /// Of so many requests half of the body is read, and then the connection ends.
    cut: usize,
    challenges: usize,
    code: String,
}

pub struct Receiver {
    pub url: String,
    log: Arc<Mutex<Log>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub async fn start() -> Self {
        Self::that(Echo::Right).await
    }

    pub async fn that(echo: Echo) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=s3cret", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Log::default()));
        let task = tokio::spawn({
            let log = Arc::clone(&log);
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    let log = Arc::clone(&log);
                    tokio::spawn(async move { talk(socket, echo, log).await });
                }
            }
        });
        Self { url, log, task }
    }

    /// What the next alerts are answered with; afterwards everything is accepted again.
    pub fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.log.lock().unwrap().script.extend(answers);
    }

    /// Dies while the next request is being read.
    pub fn die_reading(&self) {
        self.log.lock().unwrap().cut += 1;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.log.lock().unwrap().seen.clone()
    }

    /// The code of the latest challenge.
    pub fn code(&self) -> String {
        self.log.lock().unwrap().code.clone()
    }

    pub fn challenges(&self) -> usize {
        self.log.lock().unwrap().challenges
    }
}

async fn talk(socket: TcpStream, echo: Echo, log: Arc<Mutex<Log>>) -> Option<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let (mut id, mut timestamp, mut signature, mut length) = Default::default();
        let mut line = String::new();
        while socket.read_line(&mut line).await.ok()? > 2 {
            if let Some((name, value)) = line.trim_end().split_once(": ") {
                match name.to_ascii_lowercase().as_str() {
                    "webhook-id" => id = value.to_owned(),
                    "webhook-timestamp" => timestamp = value.parse().unwrap(),
                    "webhook-signature" => signature = value.to_owned(),
                    "content-length" => length = value.parse().unwrap(),
                    _ => {}
                }
            }
            line.clear();
        }
        if line.is_empty() {
            return None;
        }
        let dies = {
            let mut log = log.lock().unwrap();
            let dies = log.cut > 0;
            log.cut = log.cut.saturating_sub(1);
            dies
        };
        let mut body = vec![0; if dies { length / 2 } else { length }];
        socket.read_exact(&mut body).await.ok()?;
        if dies {
            return None;
        }
        let body = String::from_utf8(body).unwrap();
        let parsed: Value = serde_json::from_str(&body).unwrap();
        let answer = {
            let mut log = log.lock().unwrap();
            if parsed["type"] == "aviary.challenge" {
                log.challenges += 1;
                log.code = parsed["code"].as_str().unwrap().to_owned();
                match echo {
                    Echo::Right => ok(serde_json::json!({ "challenge": parsed["challenge"] }).to_string()),
                    Echo::Wrong => ok(serde_json::json!({ "challenge": "another" }).to_string()),
                    Echo::Nothing => ok("hello".into()),
                }
            } else {
                log.seen.push(Seen { id, timestamp, signature, body });
                log.script.pop_front().unwrap_or_else(|| ok("thanks".into()))
            }
        };
        match answer {
            Answer::Status(status, headers, body) => {
                let head = format!("HTTP/1.1 {status} It\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
                socket.write_all(head.as_bytes()).await.ok()?;
            }
            Answer::Half(status) => {
                let head = format!("HTTP/1.1 {status} It\r\ncontent-length: 1000\r\n\r\n{}", "x".repeat(500));
                socket.write_all(head.as_bytes()).await.ok()?;
                return None;
            }
            Answer::Close => return None,
            Answer::Silence => std::future::pending().await,
        }
    }
}

pub fn ok(body: String) -> Answer {
    Answer::Status(200, "", body)
}

pub fn status(status: u16) -> Answer {
    Answer::Status(status, "", String::new())
}
