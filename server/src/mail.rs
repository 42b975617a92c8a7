//! The way out by mail: SMTP, or files where no server is set.

/// Sends mail.
#[derive(Clone, Debug)]
pub struct Mailer;
