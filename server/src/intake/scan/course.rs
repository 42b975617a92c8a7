//! How far a scan of files got. It is written down while what is found is filed, so that a scan that was cut off goes on
//! there.

use super::Order;
use crate::{house::House, store};
use app::model::{
    fault::Fault,
    moment::{Moment, SECOND},
};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// How often it is written down how far a scan got, in milliseconds.
pub const NOTED: i64 = 2 * SECOND;

/// A scan of files on its way.
pub struct Course {
    place: String,
    /// Of the names of all files that are done. Where it is another one the next time, files came among them.
    done: Sha256,
    last: Option<String>,
    noted: Moment,
    /// Whether a file could not be read that may be readable later: nothing after it counts as done.
    stopped: bool,
}

impl Course {
    /// Begins a scan of these files, or goes on with it: then those that are done are taken away, and the last of them is
    /// returned.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn begin(
        house: &House,
        order: &Order,
        files: &mut Vec<PathBuf>,
    ) -> Result<(Self, Option<String>), Fault> {
        let place = place(order);
        let mut tx = house.store.begin().await?;
        if order.anew {
            store::scans::end(&mut tx, &place).await?;
        }
        let note = store::scans::after_key(&mut tx, &place).await?;
        tx.commit().await?;
        let mut course = Self { place, done: Sha256::new(), last: None, noted: house.now(), stopped: false };
        let Some(note) = note else { return Ok((course, None)) };
        let mut done = Sha256::new();
        for index in 0..files.len() {
            let Some(name) = files.get(index).map(|path| name(path)) else { break };
            add(&mut done, &name);
            if note.ends_with(&name) && written(&done, &name) == note {
                files.drain(..=index);
                course.done = done;
                return Ok((course, Some(name)));
            }
        }
        Ok((course, None))
    }

    /// Everything in this file is filed, or what of it can be read; `later` says that the file itself may be readable later.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn done(&mut self, house: &House, path: &Path, later: bool) -> Result<(), Fault> {
        if self.stopped {
            return Ok(());
        }
        if later {
            self.stopped = true;
            return self.note(house).await;
        }
        let name = name(path);
        add(&mut self.done, &name);
        self.last = Some(name);
        if house.now().since(self.noted) < NOTED {
            return Ok(());
        }
        self.note(house).await
    }

    async fn note(&mut self, house: &House) -> Result<(), Fault> {
        let Some(last) = &self.last else { return Ok(()) };
        self.noted = house.now();
        let mut tx = house.store.begin().await?;
        store::scans::reached(&mut tx, &self.place, &written(&self.done, last), self.noted).await?;
        Ok(tx.commit().await?)
    }

    /// The scan is over: the same begins anew the next time, unless a file is left.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn end(self, house: &House) -> Result<(), Fault> {
        if self.stopped {
            return Ok(());
        }
        let mut tx = house.store.begin().await?;
        store::scans::end(&mut tx, &self.place).await?;
        Ok(tx.commit().await?)
    }
}

/// The name of this very scan: of the same paths, wherever it is started from, and the same days.
fn place(order: &Order) -> String {
    let mut paths = Sha256::new();
    for path in &order.paths {
        add(&mut paths, &name(&std::path::absolute(path).unwrap_or_else(|_| path.clone())));
    }
    // As a digest: so many paths can be named that no index of a database takes them.
    format!("files {} {}", hex::encode(paths.finalize()), order.days)
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn add(to: &mut Sha256, name: &str) {
    to.update(name);
    // No path holds it, so that no two lists of names are the same text.
    to.update([0]);
}

fn written(done: &Sha256, last: &str) -> String {
    format!("{} {last}", hex::encode(done.clone().finalize()))
}
