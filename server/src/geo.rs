//! Where an address is: by files in MaxMind's format that the operator gives, and by nothing else. Nothing is looked up
//! on the net.
//!
//! A file that was replaced is read again: at most once a minute its time of change is looked at. One that cannot be
//! read then is said in the log, and the one before stays in use.

use app::model::{
    hit::{Geo, Hit},
    moment::{MINUTE, Moment},
};
use maxminddb::{Reader, path};
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

/// How often files are looked at, in milliseconds.
const EVERY: i64 = MINUTE;

/// The longest name of an organisation that is kept, in characters.
const LONGEST: usize = 100;

/// Knows where addresses are.
#[derive(Default)]
pub struct Atlas {
    files: Vec<File>,
    looked_at: AtomicI64,
}

struct File {
    path: PathBuf,
    held: RwLock<Arc<Held>>,
}

struct Held {
    reader: Reader<Vec<u8>>,
    changed: Option<SystemTime>,
}

impl Atlas {
    /// Reads these files.
    ///
    /// # Errors
    /// The first one that cannot be read, and why.
    pub fn open(files: &[PathBuf], now: Moment) -> Result<Self, String> {
        let files = files.iter().map(|path| {
            let held = read(path)?;
            Ok(File { path: path.clone(), held: RwLock::new(Arc::new(held)) })
        });
        Ok(Self { files: files.collect::<Result<_, String>>()?, looked_at: AtomicI64::new(now.0) })
    }

    /// What the files say about an address; `None` where they say nothing, or it is no address.
    pub fn of(&self, address: &str, now: Moment) -> Option<Geo> {
        if self.files.is_empty() {
            return None;
        }
        let address: IpAddr = address.trim().parse().ok()?;
        self.look(now);
        let mut geo = Geo::default();
        for file in &self.files {
            let held = Arc::clone(&file.held.read().unwrap_or_else(PoisonError::into_inner));
            fill(&mut geo, &held.reader, address.to_canonical());
        }
        (geo != Geo::default()).then_some(geo)
    }

    /// Says of a hit where it came from.
    pub fn locate(&self, hit: &mut Hit, now: Moment) {
        hit.geo = self.of(&hit.source_ip, now);
    }

    /// Reads what was replaced, if it is time to look.
    fn look(&self, now: Moment) {
        let before = self.looked_at.load(Ordering::Relaxed);
        let due = now.since(Moment(before)) >= EVERY;
        // Of those who come at the same time, one looks.
        if !due || self.looked_at.compare_exchange(before, now.0, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        for file in &self.files {
            let known = file.held.read().unwrap_or_else(PoisonError::into_inner).changed;
            if changed(&file.path) == known {
                continue;
            }
            match read(&file.path) {
                Ok(held) => {
                    tracing::info!(path = %file.path.display(), "a file of places was read again");
                    *file.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
                }
                Err(error) => tracing::warn!(error, "a file of places could not be read again; the one before is used"),
            }
        }
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|about| about.modified()).ok()
}

fn read(path: &Path) -> Result<Held, String> {
    let changed = changed(path);
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let reader = Reader::from_source(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Held { reader, changed })
}

/// Takes from a file what it says and what was not known before. A file that is damaged says nothing.
fn fill(geo: &mut Geo, reader: &Reader<Vec<u8>>, address: IpAddr) {
    let Ok(found) = reader.lookup(address) else { return };
    let text = |path: &[maxminddb::PathElement<'_>]| {
        let text = found.decode_path::<&str>(path).ok().flatten()?;
        let line: String = crate::mail::letter::one_line(text).chars().take(LONGEST).collect();
        Some(line).filter(|line| !line.is_empty())
    };
    if geo.country.is_none() {
        // The second form is that of files which have the code alone.
        let code = text(&path!["country", "iso_code"]).or_else(|| text(&path!["country_code"]));
        geo.country = code.filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()));
    }
    if geo.asn.is_none() {
        let number = found.decode_path::<u32>(&path!["autonomous_system_number"]).ok().flatten();
        geo.asn = number.map(i64::from);
    }
    if geo.organisation.is_none() {
        geo.organisation = text(&path!["autonomous_system_organization"]);
    }
}
