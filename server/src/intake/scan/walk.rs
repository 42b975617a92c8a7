//! Which files are scanned.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// How the names of log files end, before a `.gz`.
const ENDINGS: [&str; 4] = [".json", ".jsonl", ".ndjson", ".log"];

/// The log files among these paths, sorted within each: files that are named are taken whatever their name, folders with
/// all that is below them. What cannot be opened is told with the reason.
pub fn files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match fs::metadata(path) {
            Ok(of) if of.is_dir() => folder(path, &mut files, &mut problems),
            Ok(_) => files.push(path.clone()),
            Err(error) => problems.push((path.clone(), error.to_string())),
        }
    }
    (files, problems)
}

fn folder(path: &Path, files: &mut Vec<PathBuf>, problems: &mut Vec<(PathBuf, String)>) {
    let entries = fs::read_dir(path).and_then(|entries| {
        entries
            .map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))))
            .collect::<Result<Vec<_>, _>>()
    });
    match entries {
        Ok(mut entries) => {
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            for (path, sort) in entries {
                // Links to folders are not followed: they could lead in a circle.
                if sort.is_dir() {
                    folder(&path, files, problems);
                } else if is_log(&path) {
                    files.push(path);
                }
            }
        }
        Err(error) => problems.push((path.to_owned(), error.to_string())),
    }
}

fn is_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}
