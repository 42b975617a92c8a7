//! Gzip (RFC 1952), inflated whole into memory and never beyond a bound.

use libdeflater::{DecompressionError, Decompressor, crc32};

/// The two bytes that every gzip file begins with (RFC 1952, section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Whether these bytes begin as gzip does.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Why bytes could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// It is cut off or damaged.
    #[error("it begins as gzip, but is cut off or damaged")]
    Damaged,
    /// It grows beyond what is accepted.
    #[error("it inflates to more than {0} MiB")]
    TooLarge(usize),
}

/// Inflates, with a buffer that is kept from one file to the next.
pub struct Inflater {
    inner: Decompressor,
    buffer: Vec<u8>,
    bound: usize,
}

impl Inflater {
    /// Accepts what inflates to at most `bound` bytes.
    pub fn new(bound: usize) -> Self {
        Self { inner: Decompressor::new(), buffer: Vec::new(), bound }
    }

    /// The content of a gzip file, also of one that was put together from several members. What stands after the last
    /// member and is no member is ignored, as gzip itself does.
    ///
    /// # Errors
    /// Where it is damaged, or too large.
    pub fn inflate(&mut self, file: &[u8]) -> Result<&[u8], InflateError> {
        let mut rest = file;
        let mut end = 0;
        loop {
            let start = end;
            end = self.member(rest, start)?;
            let Some(next) = self.after(rest, start, end) else { break };
            rest = next;
        }
        Ok(self.buffer.get(..end).unwrap_or_default())
    }

    /// Inflates the first member of `rest` into the buffer from `start` on; returns where it ends there.
    fn member(&mut self, rest: &[u8], start: usize) -> Result<usize, InflateError> {
        // The last four bytes hold the size of the last member: a good guess, and no more than that.
        let stated = rest.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let stated = usize::try_from(stated).unwrap_or(usize::MAX);
        // Deflate cannot grow by more than 1032 to 1, so a file that states more lies.
        let mut room = stated.min(rest.len().saturating_mul(1032)).max(1024);
        loop {
            let want = start.saturating_add(room).min(self.bound);
            if self.buffer.len() < want {
                self.buffer.resize(want, 0);
            }
            let space = self.buffer.get_mut(start..).unwrap_or_default();
            match self.inner.gzip_decompress(rest, space) {
                Ok(size) if start + size <= self.bound => return Ok(start + size),
                Err(DecompressionError::BadData) => return Err(InflateError::Damaged),
                Err(DecompressionError::InsufficientSpace) if want < self.bound => room = room.saturating_mul(2),
                _ => return Err(InflateError::TooLarge(self.bound >> 20)),
            }
        }
    }

    /// What follows the first member of `rest`, if that is another member. The library does not say how much it read,
    /// so the member's end is found by its trailer: checksum and size of what came out.
    fn after<'a>(&self, rest: &'a [u8], start: usize, end: usize) -> Option<&'a [u8]> {
        memchr::memmem::find(rest.get(2..)?, &MAGIC)?;
        let content = self.buffer.get(start..end)?;
        let mut trailer = [0; 8];
        let size = u32::try_from(content.len() & 0xffff_ffff).unwrap_or_default();
        for (to, from) in trailer.iter_mut().zip(crc32(content).to_le_bytes().into_iter().chain(size.to_le_bytes())) {
            *to = from;
        }
        let next = rest.get(memchr::memmem::find(rest, &trailer)? + 8..)?;
        is_gzip(next).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libdeflater::{CompressionLvl, Compressor};

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::default());
        let mut out = vec![0; compressor.gzip_compress_bound(content.len())];
        let size = compressor.gzip_compress(content, &mut out).unwrap();
        out.truncate(size);
        out
    }

    #[test]
    fn what_was_compressed_comes_back() {
        let mut inflater = Inflater::new(1 << 20);
        for content in [&b""[..], b"short", &vec![b'x'; 500_000]] {
            assert_eq!(inflater.inflate(&gzip(content)), Ok(content));
        }
    }

    #[test]
    fn several_members_are_read_one_after_the_other() {
        let mut file = gzip(b"first, ");
        file.extend(gzip(b"second, "));
        file.extend(gzip(b"second, "));
        file.extend(gzip(&[b'x'; 70_000]));
        file.extend(b"padding");
        let mut expected = b"first, second, second, ".to_vec();
        expected.extend([b'x'; 70_000]);
        assert_eq!(Inflater::new(1 << 20).inflate(&file), Ok(&expected[..]));
    }

    #[test]
    fn a_bomb_is_refused_before_it_grows() {
        let bomb = gzip(&vec![0; 3 << 20]);
        assert_eq!(Inflater::new(1 << 20).inflate(&bomb), Err(InflateError::TooLarge(1)));
    }

    #[test]
    fn what_is_cut_off_is_said_to_be() {
        let file = gzip(&[b'x'; 1000]);
        for length in [2, 10, file.len() - 9, file.len() - 1] {
            assert_eq!(Inflater::new(1 << 20).inflate(&file[..length]), Err(InflateError::Damaged), "{length}");
        }
    }
}
