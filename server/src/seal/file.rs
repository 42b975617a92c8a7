//! The key file: a key per line. The first one seals; a line `next KEY` has one that will.

use super::{SealError, SealingKey};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};
use zeroize::Zeroizing;

/// What a line begins with whose key opens, but does not seal yet.
const NEXT: &str = "next ";

/// The keys of the file: those in use, and those that will be.
pub(super) struct KeyFile {
    pub(super) used: Vec<SealingKey>,
    pub(super) next: Vec<SealingKey>,
}

impl KeyFile {
    /// Reads the file; `None` where there is none.
    pub(super) fn read(file: &Path) -> Result<Option<Self>, SealError> {
        let name = file.display().to_string();
        let text = match fs::read_to_string(file) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SealError::File(name, error)),
        };
        let (mut used, mut next) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix(NEXT) {
                Some(later) => next.push(SealingKey::parse(later, &name)?),
                None => used.push(SealingKey::parse(line, &name)?),
            }
        }
        if used.is_empty() { Err(SealError::NoKey(name)) } else { Ok(Some(Self { used, next })) }
    }

    /// Makes a file with this one key.
    ///
    /// # Errors
    /// Where there is one already: of two processes that start at the same time one has to take the other's key.
    pub(super) fn make(file: &Path, key: SealingKey) -> Result<Self, SealError> {
        let text = Zeroizing::new(format!("{}\n", *key.text()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        made.and_then(|mut made| made.write_all(text.as_bytes()).and_then(|()| made.sync_all()))
            .map_err(|error| SealError::File(file.display().to_string(), error))?;
        sync_folder(file).map_err(|error| SealError::File(file.display().to_string(), error))?;
        Ok(Self { used: vec![key], next: Vec::new() })
    }

    /// Writes it, for its owner alone. Either the former file is there afterwards or the whole new one, also after a
    /// power cut: without its key nothing opens any more.
    pub(super) fn write(&self, file: &Path) -> Result<(), SealError> {
        let wrong = |error| SealError::File(file.display().to_string(), error);
        let part = file.with_extension("part");
        let mut text = Zeroizing::new(String::with_capacity((self.used.len() + self.next.len()) * 80));
        for (start, keys) in [("", &self.used), (NEXT, &self.next)] {
            for key in keys {
                text.push_str(start);
                text.push_str(&key.text());
                text.push('\n');
            }
        }
        match fs::remove_file(&part) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(wrong(error)),
            _ => {}
        }
        let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(wrong)?;
        opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).map_err(wrong)?;
        fs::rename(&part, file).map_err(wrong)?;
        sync_folder(file).map_err(wrong)
    }
}

/// A file's name is on the disk only once its folder is.
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::{ChanceExt as _, SystemChance};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_file_is_private_and_keeps_its_order() {
        let folder = std::env::temp_dir().join(format!("aviary-keys-{}", hex::encode(SystemChance.bytes::<8>())));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("sealing.key");
        assert!(KeyFile::read(&file).unwrap().is_none());
        let [one, two, three] = [(); 3].map(|()| SealingKey::make(&SystemChance));
        KeyFile::make(&file, one.clone()).unwrap();
        assert!(KeyFile::make(&file, two.clone()).is_err(), "no key is ever written over");
        let keys = KeyFile { used: vec![one.clone(), two.clone()], next: vec![three.clone()] };
        for _ in 0..2 {
            keys.write(&file).unwrap();
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let read = KeyFile::read(&file).unwrap().unwrap();
        let names = |keys: &[SealingKey]| keys.iter().map(SealingKey::name).collect::<Vec<_>>();
        assert_eq!(names(&read.used), [one.name(), two.name()]);
        assert_eq!(names(&read.next), [three.name()]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");

        // What earlier versions wrote, and what nobody did.
        fs::write(&file, format!("{}\n", *one.text())).unwrap();
        assert_eq!(names(&KeyFile::read(&file).unwrap().unwrap().used), [one.name()]);
        for wrong in ["", "\n\n", "hello", "next 00"] {
            fs::write(&file, wrong).unwrap();
            assert!(KeyFile::read(&file).is_err(), "{wrong:?}");
        }
        fs::write(&file, format!("next {}", *one.text())).unwrap();
        assert!(matches!(KeyFile::read(&file), Err(SealError::NoKey(_))));
        fs::remove_dir_all(folder).unwrap();
    }
}
