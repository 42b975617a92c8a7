//! A line: a connection that is kept, on which messages are handed over one after the other to somebody who never answers
//! (RFC 5425 has no acknowledgements).
//!
//! A write to a connection that the other side has ended vanishes without an error: the answer to it, a reset, comes later.
//! So it is always listened whether the other side ends the line. After the first message on a line that was not used for
//! a moment it is waited for that; those that follow closely are remembered until it is clear that the line outlived them.
//! What a line may have swallowed when it ended is sent again on another one. That way a message comes twice rather than
//! never, as far as the network tells. What the other side took off the network and lost itself, nobody can know.

use super::{
    NetError,
    stream::{Dialler, Place, Stream},
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

/// How long a line that is not used is kept.
const IDLE: Duration = Duration::from_secs(60);

/// How long after a write the other side's end of the line may still be due to it. Long enough for the way there and back;
/// TLS 1.3, too, tells only afterwards that it does not want us.
const SETTLE: Duration = Duration::from_millis(500);

/// How many messages may be handed over before it is looked again whether the line has swallowed them.
const UNSURE: usize = 100;

/// How long to wait before what a line swallowed is tried again on another one, and how often.
const AGAIN: Duration = Duration::from_secs(5);
const TRIES: u32 = 120;

/// A message for a line.
pub(super) struct Asked {
    /// What to hand over.
    pub bytes: Vec<u8>,
    /// How long that may take.
    pub limit: Duration,
    /// What came of it.
    pub answer: oneshot::Sender<Result<(), NetError>>,
}

/// What was heard on a line.
enum Heard {
    /// Nothing: it is open, as far as one can know.
    Nothing,
    /// The other side ended it in good order.
    End,
    /// It broke.
    Break(io::Error),
    /// The other side says something, which what is meant never does.
    Answer(String),
}

struct Line {
    dialler: Dialler,
    place: Place,
    stream: Option<Box<dyn Stream>>,
    /// Whether something was handed over a moment ago.
    warm: bool,
    /// What was handed over, and may have vanished if the line ends now.
    recent: Vec<Vec<u8>>,
    /// How often it was tried in vain to send that again.
    tries: u32,
}

/// Keeps the line to a place until nobody has used it for a while.
pub(super) async fn keep(dialler: Dialler, place: Place, mut asked: mpsc::Receiver<Asked>) {
    let mut line = Line { dialler, place, stream: None, warm: false, recent: Vec::new(), tries: 0 };
    loop {
        let next = match &mut line.stream {
            Some(stream) => tokio::select! {
                biased;
                heard = listen(stream) => {
                    line.ended(heard).await;
                    continue;
                }
                next = asked.recv() => next,
                () = sleep(SETTLE), if line.warm => {
                    line.settled();
                    continue;
                }
                () = sleep(IDLE) => break,
            },
            None if line.recent.is_empty() => match timeout(IDLE, asked.recv()).await {
                Ok(next) => next,
                Err(_) => break,
            },
            None => tokio::select! {
                next = asked.recv() => next,
                () = sleep(AGAIN) => {
                    line.again().await;
                    continue;
                }
            },
        };
        let Some(Asked { bytes, limit, answer }) = next else { break };
        let done = timeout(limit, line.hand_over(bytes)).await.unwrap_or_else(|_| {
            line.stream = None;
            Err(NetError::Late(limit))
        });
        let _ = answer.send(done);
    }
    if let Some(mut stream) = line.stream {
        let _ = timeout(SETTLE, stream.shutdown()).await;
    }
}

impl Line {
    /// Hands a message over, on the line that is there or, where that has ended, on another one.
    async fn hand_over(&mut self, bytes: Vec<u8>) -> Result<(), NetError> {
        if let Some(stream) = &mut self.stream {
            let put = put(stream, &bytes).await;
            if put.is_ok() && self.warm && self.recent.len() < UNSURE {
                self.recent.push(bytes);
                return Ok(());
            }
            match (put, settle(stream).await) {
                (Ok(()), Heard::Nothing) => {
                    self.settled();
                    self.warm = true;
                    return Ok(());
                }
                (_, Heard::Answer(said)) => return Err(self.answered(&said)),
                // It had ended before, or with this message.
                (_, Heard::Nothing | Heard::End | Heard::Break(_)) => self.stream = None,
            }
        }
        self.begin(Some(bytes.as_slice())).await
    }

    /// Begins another line, with what the one before may have swallowed, and with a message.
    async fn begin(&mut self, bytes: Option<&[u8]>) -> Result<(), NetError> {
        let broken = |error: io::Error| NetError::Broken(error.to_string());
        let mut stream = self.dialler.open(&self.place).await?;
        for message in self.recent.iter().map(Vec::as_slice).chain(bytes) {
            put(&mut stream, message).await.map_err(broken)?;
        }
        match settle(&mut stream).await {
            Heard::Nothing => self.stream = Some(stream),
            // Whoever ends a new line in good order has read it to its end: there are those that take one message each.
            Heard::End => {}
            Heard::Break(error) => return Err(broken(error)),
            Heard::Answer(said) => return Err(self.answered(&said)),
        }
        self.settled();
        self.warm = true;
        Ok(())
    }

    /// The line outlived all that was handed over on it.
    fn settled(&mut self) {
        self.recent.clear();
        (self.warm, self.tries) = (false, 0);
    }

    /// Whoever is there is not who is meant, so that nothing of it was meant for them.
    fn answered(&mut self, said: &str) -> NetError {
        self.stream = None;
        self.settled();
        NetError::Broken(format!("it answered, which what is meant never does: {said}"))
    }

    /// The other side ended the line while nothing was being handed over.
    async fn ended(&mut self, heard: Heard) {
        self.stream = None;
        if let Heard::Answer(said) = heard {
            tracing::warn!(host = self.place.host, said, "a line was answered, which what is meant never does");
            self.settled();
        }
        self.warm = false;
        if !self.recent.is_empty() {
            self.again().await;
        }
    }

    /// Sends again what the line before may have swallowed.
    async fn again(&mut self) {
        let messages = self.recent.len();
        match timeout(AGAIN, self.begin(None)).await {
            Ok(Ok(())) => {
                tracing::info!(host = self.place.host, messages, "what a line may have swallowed was sent again")
            }
            Ok(Err(_)) | Err(_) if self.tries < TRIES => self.tries += 1,
            _ => {
                tracing::error!(
                    host = self.place.host,
                    messages,
                    "what a line may have swallowed could not be sent again"
                );
                self.settled();
            }
        }
    }
}

async fn put(stream: &mut Box<dyn Stream>, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Waits a moment for what the other side has to say about what was written.
async fn settle(stream: &mut Box<dyn Stream>) -> Heard {
    timeout(SETTLE, listen(stream)).await.unwrap_or(Heard::Nothing)
}

/// Waits until something is heard. Nothing is lost of what was heard if this is given up.
async fn listen(stream: &mut Box<dyn Stream>) -> Heard {
    let mut rest = [0; 64];
    match stream.read(&mut rest).await {
        Ok(0) => Heard::End,
        Ok(read) => Heard::Answer(String::from_utf8_lossy(rest.get(..read).unwrap_or_default()).into_owned()),
        // Many close without TLS's own goodbye.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Heard::End,
        Err(error) => Heard::Break(error),
    }
}
