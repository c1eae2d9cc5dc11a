//! Ends numbers that would go on for ever: a grammar of JSON allows digits without end, and some
//! models make use of it.
//!
//! Digits are held back only where something else may come, so that whatever a schema lists by
//! itself can still be written.

use llguidance::toktrie::SimpleVob;

use super::Environment;

/// The most digits before the point: more than any whole number that machines hold has.
const WHOLE: usize = 20;
/// The most behind it: as many as tell every number apart that machines hold.
const FRACTION: usize = 17;
/// The most of an exponent.
const EXPONENT: usize = 3;

/// Takes tokens that begin with a digit out of a mask, where a number is as long as it may be.
pub(super) fn hold_back(environment: &Environment, written: &[u8], mask: &mut SimpleVob) {
    if !is_full(written) {
        return;
    }
    let mut digits = environment.none();
    for token in mask.iter() {
        if environment.bytes(token).first().is_some_and(u8::is_ascii_digit) {
            digits.allow_token(token);
        }
    }
    let mut rest = mask.clone();
    rest.sub(&digits);
    if !rest.is_zero() {
        *mask = rest;
    }
}

/// Says whether JSON ends in a number that has as many digits as it may have.
fn is_full(written: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let run = digits(written);
    let before = &written[..written.len() - run];
    let most = match before {
        [.., b'e' | b'E'] | [.., b'e' | b'E', b'+' | b'-'] => EXPONENT,
        [.., b'.'] => FRACTION,
        _ => WHOLE,
    };
    run >= most && is_json(written) && !is_in_a_string(before)
}

/// Says whether what was written is JSON, and not a call with tags around free text.
fn is_json(written: &[u8]) -> bool {
    const MESSAGE: &[u8] = b"<|message|>";
    let header = written.windows(MESSAGE.len()).rposition(|part| part == MESSAGE);
    let text = header.map_or(written, |at| &written[at + MESSAGE.len()..]);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'-' | b'0'..=b'9'))
}

fn is_in_a_string(json: &[u8]) -> bool {
    let (mut inside, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            _ => {}
        }
    }
    inside
}
