//! What the ways in know from one message to the next, in this process.

use super::{files::Reading, heard::Written, last_used::Refused, queues::state::Queues, sns::Trust};

/// The memory of the ways in. It carries no truth: a process that begins anew learns it again.
#[derive(Debug, Default)]
pub struct Ears {
    /// When each way was last written down.
    pub written: Written,
    /// What the readers of log files share.
    pub reading: Reading,
    /// How each queue is doing.
    pub queues: Queues,
    /// Keys of which IAM does not say when they were last used.
    pub refused: Refused,
    /// Whom SNS's signatures are checked against.
    pub sns: Trust,
}
