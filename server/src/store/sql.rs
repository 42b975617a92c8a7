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

/// `%text%` for `LIKE … ESCAPE '\'`, with the text's own wildcards made harmless.
pub fn like(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
