//! Text that was compressed: gzip, zlib and bare deflate, up to a limit.
//!
//! What goes on beyond the limit is looked at up to there.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// What one compressed piece may grow to.
const MOST: usize = 1 << 20;

/// Returns what was compressed, at most `left` bytes of it.
pub(super) fn inflated(bytes: &[u8], left: usize) -> Option<Vec<u8>> {
    let body = match bytes {
        [0x1f, 0x8b, 8, flags, ..] => &bytes[gzip_header(bytes, *flags)?..],
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => &bytes[2..],
        _ => return None,
    };
    match decompress_to_vec_with_limit(body, MOST.min(left)) {
        Ok(plain) => Some(plain),
        // Cut off, or longer than the limit: what there is counts.
        Err(error) => Some(error.output).filter(|output| !output.is_empty()),
    }
}

/// Returns where the data begins, behind the fields that the flags announce.
fn gzip_header(bytes: &[u8], flags: u8) -> Option<usize> {
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*bytes.get(at)?) + usize::from(*bytes.get(at + 1)?) * 256;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    (at < bytes.len()).then_some(at)
}
