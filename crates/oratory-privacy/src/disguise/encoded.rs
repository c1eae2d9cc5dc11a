//! Runs of letters that stand for other text: base 64 and base 16, compressed or not.
//!
//! Only what gives readable text counts, so keys and check sums stay what they are.

use std::ops::Range;

use super::inflate::inflated;

/// Shorter runs hold nothing that could be told.
const SHORTEST: usize = 12;
/// Lines of wrapped base 64 are at least this long.
const LINE: usize = 40;
/// The fewest pairs of base 16 with signs between.
const PAIRS: usize = 6;

/// A run that may stand for other text.
pub(super) struct Run {
    pub(super) span: Range<usize>,
    pairs: bool,
}

/// Returns the runs of `text` that are long enough, in order.
pub(super) fn runs(text: &[u8]) -> impl Iterator<Item = Run> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            if !is_base_64(text[at]) {
                at += 1;
                continue;
            }
            let start = at;
            at += text[at..].iter().take_while(|byte| is_base_64(**byte)).count();
            let length = at - start;
            if length >= SHORTEST {
                at = wrapped(text, start, at);
                return Some(Run { span: start..at, pairs: false });
            }
            if let Some(end) = pairs(text, start, length) {
                at = end;
                return Some(Run { span: start..end, pairs: true });
            }
        }
        None
    })
}

fn is_base_64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Returns where a run ends whose first line ends at `end`: with its `=`, or after more lines.
fn wrapped(text: &[u8], start: usize, end: usize) -> usize {
    let padded =
        |end: usize| end + text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    let (mut line_start, mut line_end) = (start, end);
    while line_end - line_start >= LINE {
        let next = match text[line_end..] {
            [b'\n', ..] => line_end + 1,
            [b'\r', b'\n', ..] => line_end + 2,
            _ => break,
        };
        let next = next + text[next..].iter().take(16).take_while(|byte| **byte == b' ').count();
        let length = text[next..].iter().take_while(|byte| is_base_64(**byte)).count();
        // The last line may be short, but is no word of prose.
        let last =
            text.get(next + length).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'=' | b'"'));
        if length == 0 || length > line_end - line_start || !last {
            break;
        }
        (line_start, line_end) = (next, next + length);
    }
    padded(line_end)
}

/// Returns where pairs of base 16 end that begin at `start`: `34 31 31`, `34:31`, `0x34, 0x31`.
fn pairs(text: &[u8], start: usize, length: usize) -> Option<usize> {
    let prefix = if text[start..].starts_with(b"0x") { 2 } else { 0 };
    if length != prefix + 2 {
        return None;
    }
    let mut at = start;
    let mut count = 0;
    let mut sign: Option<&[u8]> = None;
    loop {
        let pair = text.get(at + prefix..at + prefix + 2)?;
        let prefixed = prefix == 0 || text[at..].starts_with(b"0x");
        if !(prefixed && pair.iter().all(u8::is_ascii_hexdigit)) {
            break;
        }
        count += 1;
        at += prefix + 2;
        let between = text[at..].iter().take(2).take_while(|byte| b" ,:;-".contains(byte)).count();
        let between = &text[at..at + between];
        let more = text.get(at + between.len() + prefix + 1).is_some_and(u8::is_ascii_hexdigit);
        if between.is_empty() || !more || *sign.get_or_insert(between) != between {
            break;
        }
        at += between.len();
    }
    let ended = text.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (count >= PAIRS && ended).then_some(at)
}

impl Run {
    /// Returns the text that the run stands for, if it is readable.
    pub(super) fn undone(&self, text: &[u8], left: usize) -> Option<Vec<u8>> {
        let run = &text[self.span.clone()];
        if self.pairs {
            let prefix = if run.starts_with(b"0x") { 2 } else { 0 };
            let pairs = run.split(|byte| b" ,:;-".contains(byte)).filter(|pair| !pair.is_empty());
            let digits: Vec<u8> = pairs.flat_map(|pair| &pair[prefix..]).copied().collect();
            return base_16(&digits).and_then(|bytes| readable(bytes, left));
        }
        let prefixed = run.strip_prefix(b"0x").unwrap_or(run);
        base_16(prefixed)
            .and_then(|bytes| readable(bytes, left))
            .or_else(|| base_64(run).and_then(|bytes| readable(bytes, left)))
            .or_else(|| within_path(run, left))
    }
}

fn base_16(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |byte: u8| (byte as char).to_digit(16);
    if digits.len() < 2 * PAIRS || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| Some((value(pair[0])? * 16 + value(pair[1])?) as u8))
        .collect()
}

/// Decodes both alphabets, over line ends, with padding or without.
fn base_64(run: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(run.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for sign in run {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\r' | b'\n' | b' ' | b'=' => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
            // Text shows itself at once; most runs are something else.
            if bytes.len() == 8 && !may_begin(&bytes) {
                return None;
            }
        }
    }
    Some(bytes)
}

/// Says whether bytes may begin a text or something compressed.
fn may_begin(bytes: &[u8]) -> bool {
    let text = |byte: &u8| *byte >= 0x20 && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r');
    bytes.starts_with(&[0x1f, 0x8b]) || bytes[0] == 0x78 || bytes.iter().all(text) || is_wide(bytes)
}

/// A link may have one in its path or behind a name: `/verify/BASE64`.
fn within_path(run: &[u8], left: usize) -> Option<Vec<u8>> {
    let parts = run.split(|byte| matches!(byte, b'/' | b'-' | b'_'));
    let mut parts = parts.filter(|part| part.len() >= 16 && part.len() < run.len());
    parts.find_map(|part| base_64(part).and_then(|bytes| readable(bytes, left)))
}

/// Returns bytes that are text, unpacked if they are compressed.
fn readable(bytes: Vec<u8>, left: usize) -> Option<Vec<u8>> {
    if let Some(plain) = inflated(&bytes, left) {
        return Some(plain);
    }
    if is_wide(&bytes) {
        return Some(bytes.into_iter().step_by(2).collect());
    }
    let control =
        |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b) || *byte == 0x7f;
    let whole = match std::str::from_utf8(&bytes) {
        Ok(_) => true,
        // The end may be cut off.
        Err(error) => error.valid_up_to() + 3 >= bytes.len() && error.valid_up_to() > 8,
    };
    (bytes.len() >= 6 && whole && !bytes.iter().any(control)).then_some(bytes)
}

/// Says whether it is text of two bytes a letter, as Windows writes commands.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes.chunks_exact(2).take(32).all(|pair| pair[1] == 0 && pair[0] >= 9)
}
