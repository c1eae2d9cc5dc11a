//! Opens what `gzip` has packed, for files of outcomes that are kept that way.
//!
//! One member after another, each checked for its length; the check sum is left to the parser,
//! which finds a broken line.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::ReplayError;

/// No file of outcomes is larger when unpacked.
const MOST: usize = 2 << 30;
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
const HEADER: usize = 10;
const TRAILER: usize = 8;
const CHECKED: u8 = 2;
const EXTRA: u8 = 4;
const NAMED: u8 = 8;
const COMMENTED: u8 = 16;

/// Returns the bytes unpacked, or as they are if they are not packed.
pub(super) fn unpacked(bytes: &[u8]) -> Result<std::borrow::Cow<'_, [u8]>, ReplayError> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(bytes.into());
    }
    let damaged = || ReplayError::Gzip("it is cut off or damaged".to_owned());
    let packed = body(bytes).ok_or_else(damaged)?;
    let (packed, trailer) =
        packed.split_at_checked(packed.len().wrapping_sub(TRAILER)).ok_or_else(damaged)?;
    let unpacked = decompress_to_vec_with_limit(packed, MOST)
        .map_err(|error| ReplayError::Gzip(error.to_string()))?;
    let length = trailer.last_chunk().map(|length| u32::from_le_bytes(*length));
    if length == Some(unpacked.len() as u32) { Ok(unpacked.into()) } else { Err(damaged()) }
}

/// Returns what follows the header.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let flags = bytes.get(3)?;
    let mut rest = bytes.get(HEADER..)?;
    if flags & EXTRA != 0 {
        let (length, after) = rest.split_first_chunk()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [NAMED, COMMENTED] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & CHECKED != 0 { rest.get(2..) } else { Some(rest) }
}
