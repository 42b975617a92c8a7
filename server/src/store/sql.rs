//! A statement that is put together: text, and the values that its `$1`, `$2`, … stand for.
//!
//! Only constants of this program go into the text; everything else is bound.

use super::Conn;
use sqlx::{
    Any, Arguments as _, AssertSqlSafe, Encode, Type,
    any::{AnyArguments, AnyRow},
};

/// A statement in the making.
pub struct Sql {
    text: String,
    values: AnyArguments,
    count: usize,
}

impl Sql {
    /// A statement that begins so.
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: AnyArguments::default(), count: 0 }
    }

    /// A statement whose text is complete. It must be made of constants and checked names.
    pub(super) fn from_text(text: String) -> Self {
        Self { text, values: AnyArguments::default(), count: 0 }
    }

    /// The next value of a text that is complete.
    pub(super) fn value<T>(&mut self, value: T) -> &mut Self
    where
        T: for<'a> Encode<'a, Any> + Type<Any> + 'static + Send,
    {
        let _ = self.values.add(value);
        self
    }

    /// Goes on with this text.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Goes on with this value.
    pub fn bind<T>(&mut self, value: T) -> &mut Self
    where
        T: for<'a> Encode<'a, Any> + Type<Any> + 'static + Send,
    {
        // Encoding a text or a number into an argument list has no way to fail.
        let _ = self.values.add(value);
        self.count += 1;
        self.text.push_str(&format!("${}", self.count));
        self
    }

    /// Goes on with `(value, value, …)`; with `(NULL)` for none, which equals nothing.
    pub fn bind_all<T>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self
    where
        T: for<'a> Encode<'a, Any> + Type<Any> + 'static + Send,
    {
        self.text.push('(');
        let before = self.count;
        for value in values {
            if self.count > before {
                self.text.push_str(", ");
            }
            self.bind(value);
        }
        if self.count == before {
            self.text.push_str("NULL");
        }
        self.text.push(')');
        self
    }

    /// Goes on with `(value, value, …)`, filled up with the last one to one, two, four, eight … values: lists of every
    /// length would be as many statements for the database to prepare.
    pub fn bind_any_of(&mut self, mut values: Vec<String>) -> &mut Self {
        if let Some(last) = values.last().cloned() {
            values.resize(values.len().next_power_of_two(), last);
        }
        self.bind_all(values)
    }

    /// All rows.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn all(self, conn: &mut Conn) -> sqlx::Result<Vec<AnyRow>> {
        sqlx::query_with(AssertSqlSafe(self.text), self.values).fetch_all(conn).await
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn first(self, conn: &mut Conn) -> sqlx::Result<Option<AnyRow>> {
        sqlx::query_with(AssertSqlSafe(self.text), self.values).fetch_optional(conn).await
    }

    /// Runs it; how many rows it changed.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn run(self, conn: &mut Conn) -> sqlx::Result<u64> {
        Ok(sqlx::query_with(AssertSqlSafe(self.text), self.values).execute(conn).await?.rows_affected())
    }
}

/// How many rows one statement writes at most. Far below what either database takes: SQLite looks for the name of each
/// parameter among all of a statement's.
const MOST: usize = 32;

/// Rows in portions of 32, 16, 8, 4, 2 or 1 for statements that write many at once: so each such statement is prepared in
/// six lengths only, and is kept prepared.
pub fn portions<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().min(MOST).checked_ilog2()?;
        let (portion, rest) = rows.split_at_checked(length)?;
        rows = rest;
        Some(portion)
    })
}

/// `%text%` for `LIKE … ESCAPE '\'`, with the text's own wildcards made harmless.
pub fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_hold_every_row_once_and_have_few_lengths() {
        for count in 0..100 {
            let rows: Vec<usize> = (0..count).collect();
            let some: Vec<&[usize]> = portions(&rows).collect();
            assert_eq!(some.concat(), rows);
            assert!(some.iter().all(|portion| portion.len().is_power_of_two() && portion.len() <= MOST), "{some:?}");
        }
    }

    #[test]
    fn a_list_is_filled_up_with_what_stands_in_it() {
        let text = |count: usize| {
            let mut sql = Sql::new("");
            sql.bind_any_of(vec!["x".to_owned(); count]);
            sql.text
        };
        assert_eq!([text(0), text(1), text(2)], ["(NULL)", "($1)", "($1, $2)"]);
        assert_eq!(text(3), text(4));
    }
}
