//! The tables, read.

use app::model::viewer::Scope;
use std::{collections::BTreeSet, fmt};

/// Where the key of an admin of the whole installation stands among the keys.
pub const KEY_OF_ADMIN: usize = 11;

const WORDS: [&str; 5] = ["ok", "in", "401", "403", "404"];

/// What a row says.
pub enum Cells {
    /// Everybody gets the same.
    Open,
    /// Each gets what their column says; at the REST API also the scope that opens it.
    Each { cells: Vec<String>, scope: Option<Scope> },
}

/// A row: an address, and who gets what there.
pub struct Row {
    pub method: String,
    pub path: String,
    pub cells: Cells,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A table.
pub struct Table {
    file: &'static str,
    pub rows: Vec<Row>,
}

impl Table {
    pub fn console() -> Self {
        Self::read("matrix/console.txt", include_str!("console.txt"), false, 15)
    }

    pub fn rest() -> Self {
        Self::read("matrix/rest.txt", include_str!("rest.txt"), true, 13)
    }

    fn read(file: &'static str, text: &str, has_scope: bool, columns: usize) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rows = lines.map(|line| {
            let mut words = line.split_whitespace().filter(|word| *word != "|").map(str::to_owned);
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let mut cells: Vec<String> = words.collect();
            if cells == ["open"] {
                return Row { method, path, cells: Cells::Open };
            }
            let scope = has_scope.then(|| cells.remove(0));
            let scope = scope.map(|word| Scope::parse(&word).unwrap_or_else(|| panic!("{file}: {word} in: {line}")));
            assert!(
                cells.len() == columns && cells.iter().all(|cell| WORDS.contains(&cell.as_str())),
                "{file}: {line}"
            );
            Row { method, path, cells: Cells::Each { cells, scope } }
        });
        Self { file, rows: rows.collect() }
    }

    /// Fails where there is a route without a row, or a row without a route.
    pub fn must_name(&self, routes: &BTreeSet<(String, String)>) {
        let named: BTreeSet<_> = self.rows.iter().map(|row| (row.method.clone(), row.path.clone())).collect();
        let missing: Vec<_> = routes.difference(&named).collect();
        assert!(
            missing.is_empty(),
            "{} has no row for {missing:?}; the head of matrix.rs says how to add one",
            self.file
        );
        let gone: Vec<_> = named.difference(routes).collect();
        assert!(gone.is_empty(), "{} has rows for what is not there: {gone:?}", self.file);
        assert_eq!(named.len(), self.rows.len(), "{} has two rows for one route", self.file);
    }
}
