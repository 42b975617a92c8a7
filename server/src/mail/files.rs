//! Mail as `.eml` files, for an installation without a mail server. Their names sort by time.

use app::model::moment::Moment;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::io::AsyncWriteExt as _;

/// A folder of mail.
pub struct Files {
    folder: PathBuf,
    /// Tells mails of the same millisecond apart.
    written: AtomicU64,
}

impl Files {
    /// This folder, which is made when the first mail is written.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, written: AtomicU64::new(0) }
    }

    /// Writes a mail. The file appears whole or not at all, and only its owner can read it: links in mails open doors.
    pub async fn write(&self, now: Moment, message: &[u8]) -> std::io::Result<()> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let count = self.written.fetch_add(1, Ordering::Relaxed);
        // The process's number tells two processes of one installation apart.
        let name = format!("{}-{:06}-{}.eml", stamp(now), count, std::process::id());
        let part = self.folder.join(format!("{name}.part"));
        let mut file = tokio::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).await?;
        file.write_all(message).await?;
        file.sync_all().await?;
        tokio::fs::rename(&part, self.folder.join(name)).await
    }
}

/// `20261121T140309.000Z`
fn stamp(now: Moment) -> String {
    let text = now.exact().replace(['-', ':'], "").replace(" UTC", "").replace(' ', "T");
    format!("{text}.{:03}Z", now.0.rem_euclid(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_sort_by_time() {
        let moment = Moment::parse("2026-11-21T14:03:09Z").unwrap();
        assert_eq!(stamp(moment), "20261121T140309.000Z");
        assert_eq!(stamp(moment.plus(7)), "20261121T140309.007Z");
    }
}
