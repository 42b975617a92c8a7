//! Cursors: where the next page of a list starts, as an opaque text.

use app::model::fault::Fault;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The place of an entry in a list that is sorted by a number, then by identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// What the list is sorted by; 0 in lists sorted by identifier alone.
    pub key: i64,
    /// The entry's identifier.
    pub id: String,
}

impl Cursor {
    /// The place of the entry with this sort key and identifier.
    pub fn new(key: i64, id: &str) -> Self {
        Self { key, id: id.to_owned() }
    }

    /// As text for an address.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.key, self.id))
    }

    /// Reads [`Cursor::encode`] back.
    ///
    /// # Errors
    /// `Invalid` for field `after`, where the text is no cursor of ours.
    pub fn decode(text: &str) -> Result<Self, Fault> {
        let wrong = || Fault::field("after", "this is no cursor of this list; use the `next` of the page before");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        let (key, id) = text.split_once(':').ok_or_else(wrong)?;
        // No identifier has such a character, and PostgreSQL looks for none that has.
        if id.contains('\0') {
            return Err(wrong());
        }
        Ok(Self { key: key.parse().map_err(|_| wrong())?, id: id.to_owned() })
    }

    /// Reads an optional cursor.
    ///
    /// # Errors
    /// As [`Cursor::decode`].
    pub fn decode_option(text: Option<&str>) -> Result<Option<Self>, Fault> {
        text.filter(|text| !text.is_empty()).map(Self::decode).transpose()
    }
}

/// How many entries a page shall hold, given what was asked for (0: nothing).
pub fn page_size(asked: u32) -> u32 {
    use app::model::list::{PAGE, PAGE_MAX};
    if asked == 0 { PAGE } else { asked.min(PAGE_MAX) }
}

/// Cuts a list that was read one entry too long into a page.
pub fn page<T>(mut items: Vec<T>, size: u32, place: impl Fn(&T) -> Cursor) -> app::model::list::Page<T> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = items.len() > size;
    items.truncate(size);
    let next = if more { items.last().map(|last| place(last).encode()) } else { None };
    app::model::list::Page { items, next }
}
