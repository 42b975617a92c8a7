//! `aviary backup FILE`, `aviary restore FILE`

use super::{Done, Failure, TheHouse, operator};
use crate::{
    audit::{self, Subject},
    store::dump,
};
use clap::Args;
use std::{
    fs::File,
    io::{BufReader, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

/// Write everything in the database to a file.
#[derive(Debug, Args)]
pub struct BackupCommand {
    /// The file; it must not be there yet.
    file: PathBuf,
}

/// Read such a file into an empty database.
#[derive(Debug, Args)]
pub struct RestoreCommand {
    /// The file.
    file: PathBuf,
}

fn at(file: &std::path::Path) -> impl Fn(std::io::Error) -> Failure {
    let name = file.display().to_string();
    move |error| Failure::Other(format!("{name}: {error}"))
}

/// Notes that everything leaves the house, or comes into it.
async fn note(house: &TheHouse, act: &str, file: &std::path::Path) -> Done {
    let mut tx = house.store.begin().await.map_err(app::model::fault::Fault::from)?;
    let file = file.display().to_string();
    audit::note_on(house, &mut tx, &operator(), (act, file.as_str()), Subject::new("backup", "", "Database")).await?;
    tx.commit().await.map_err(app::model::fault::Fault::from)?;
    Ok(())
}

impl BackupCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Done {
        // Hashes of passwords and sealed secrets are nobody else's business.
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.file)
            .map_err(at(&self.file))?;
        // Before it is written, so that the backup says of itself that it was made.
        note(house, "backup.write", &self.file).await?;
        let mut out = BufWriter::new(file);
        let rows = dump::write(&house.store, &mut out).await.map_err(|error| Failure::Other(error.to_string()))?;
        out.flush().and_then(|()| out.get_ref().sync_all()).map_err(at(&self.file))?;
        eprintln!("{rows} rows are in {}.", self.file.display());
        if let Some(key) = &house.config.sealing_kms_key {
            eprintln!("The secrets in it are sealed, and their key is wrapped: it needs {key} of KMS to be opened.");
        } else if house.config.sealing_key.is_none() {
            let key = house.config.data_dir.join("sealing.key");
            eprintln!("The secrets in it are sealed: keep {} as well, and in another place.", key.display());
        }
        Ok(())
    }
}

impl RestoreCommand {
    /// Does it.
    pub async fn run(self, house: &TheHouse) -> Done {
        let file = File::open(&self.file).map_err(at(&self.file))?;
        let rows =
            dump::read(&house.store, BufReader::new(file)).await.map_err(|error| Failure::Other(error.to_string()))?;
        // What an older Aviary wrote down gets its place in the chain now.
        audit::begin(house).await?;
        note(house, "backup.restore", &self.file).await?;
        eprintln!("{rows} rows were read from {}.", self.file.display());
        Ok(())
    }
}
