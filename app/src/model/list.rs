//! Lists come in pages that are read on with a cursor, so that nothing ever loads a whole table.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The entries of this page, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; absent on the last one. Opaque to callers.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The page with each entry made into something else.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next: self.next }
    }
}

/// How many entries a page holds if nobody asks for another number.
pub const PAGE: u32 = 50;
/// The most entries that a page holds.
pub const PAGE_MAX: u32 = 500;
