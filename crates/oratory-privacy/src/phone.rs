//! Telephone numbers: with the code of a country, in a layout of a country, or named as one.
//!
//! How long numbers are in which country is in `plans`.

mod plans;

use crate::checks::number as value;
use crate::context::{Context, Tag};
use crate::documents::{is_day, is_sum};
use crate::run::{Piece, Run};
use crate::{Finding, Kind};

const INTERNATIONAL: &str = "telephone, with the code of a country";
const LAID: &str = "telephone, by its layout";
const NAMED: &str = "telephone, named beside it";

/// Notes the telephone number that a run begins with.
pub(crate) fn judge(text: &[u8], run: &Run, found: &mut Vec<Finding>) {
    let mut context = None;
    let mut best: Option<(Piece<'_>, f32, &'static str)> = None;
    for piece in run.pieces().filter_map(without_extension) {
        let length = piece.compact.len();
        if !(7..=17).contains(&length) || !is_dialled(&piece) {
            continue;
        }
        let better = if is_international(text, &piece) {
            Some((0.9, INTERNATIONAL))
        } else if !piece.is_joined(text) && !is_day(&piece) && is_laid_out(text, &piece) {
            Some((0.7, LAID))
        } else if length <= 15
            && !is_named_by_machine(text, &piece)
            && !is_sum(text, &piece)
            && !is_day(&piece)
        {
            let context =
                context.get_or_insert_with(|| Context::around(text, piece.start, piece.end));
            context.nearest(&[Tag::Phone]).map(|far| (0.75 - f32::from(far) / 1000.0, NAMED))
        } else {
            None
        };
        if let Some((score, why)) = better
            && best.as_ref().is_none_or(|(_, other, _)| score > *other - 0.06)
        {
            best = Some((piece, score, why));
        }
    }
    if let Some((piece, score, why)) = best {
        let span = opening(text, piece.start)..extension(text, piece.end);
        found.push(Finding { kind: Kind::Phone, span, score, why });
    }
}

/// Cuts off `x123` behind the number's last group.
fn without_extension(piece: Piece<'_>) -> Option<Piece<'_>> {
    if piece.is_number() {
        return Some(piece);
    }
    let at = piece.compact.iter().position(|byte| *byte == b'X')?;
    let rest = piece.compact.len() - at;
    let fits = (2..=7).contains(&rest) && piece.compact[..at].iter().all(u8::is_ascii_digit);
    let digits = piece.compact[at + 1..].iter().all(u8::is_ascii_digit);
    let laid = piece.laid.len().checked_sub(rest)?;
    let joined = piece.laid[laid..].iter().all(u8::is_ascii_alphanumeric);
    (fits && digits && joined && at > 0).then(|| Piece {
        compact: &piece.compact[..at],
        laid: &piece.laid[..laid],
        end: piece.end - rest,
        ..piece
    })
}

/// Says whether only signs stand between the digits that people put into telephone numbers.
fn is_dialled(piece: &Piece<'_>) -> bool {
    let sign = |byte: &u8| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')');
    piece.groups <= 7 && piece.laid.iter().all(|byte| byte.is_ascii_digit() || sign(byte))
}

/// Says whether a program has given it as a name: `call_1234567890`.
fn is_named_by_machine(text: &[u8], piece: &Piece<'_>) -> bool {
    piece.start > 0 && matches!(text[piece.start - 1], b'_' | b'#')
}

fn is_international(text: &[u8], piece: &Piece<'_>) -> bool {
    let trunk = usize::from(piece.laid.windows(3).any(|three| three == b"(0)"));
    if plus_before(text, piece.start).is_some() {
        return plans::fits(piece.compact, trunk);
    }
    let prefix = [&b"00"[..], b"011"].into_iter().find(|prefix| piece.compact.starts_with(prefix));
    let rest = prefix.map(|prefix| &piece.compact[prefix.len()..]);
    rest.is_some_and(|rest| piece.groups > 1 && !piece.is_joined(text) && plans::fits(rest, trunk))
}

/// Returns where the plus before a number stands, if it is no sum.
fn plus_before(text: &[u8], start: usize) -> Option<usize> {
    let open = start.checked_sub(1)?;
    let plus = if text[open] == b'(' { open.checked_sub(1)? } else { open };
    let summed = plus > 0 && text[plus - 1].is_ascii_alphanumeric();
    (text[plus] == b'+' && !summed).then_some(plus)
}

fn is_laid_out(text: &[u8], piece: &Piece<'_>) -> bool {
    let open = piece.start > 0 && text[piece.start - 1] == b'(';
    let in_brackets = piece.laid.iter().position(|byte| *byte == b')');
    let balanced = open == in_brackets.is_some_and(|at| !piece.laid[..at].contains(&b'('));
    balanced && (plans::is_national(piece) || is_with_trunk(piece))
}

/// Says whether it begins with the zero that most countries dial first.
fn is_with_trunk(piece: &Piece<'_>) -> bool {
    let mut groups =
        piece.laid.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty());
    let first = groups.next().unwrap_or_default();
    (9..=12).contains(&piece.compact.len())
        && piece.groups > 1
        && matches!(first, [b'0', b'1'..=b'9', ..])
        && (2..=6).contains(&first.len())
        && groups.all(|group| group.len() >= 2)
        && value(first) > 0
}

/// Returns where a number begins, its plus and its bracket included.
fn opening(text: &[u8], start: usize) -> usize {
    let plus = plus_before(text, start).unwrap_or(start);
    if plus > 0 && text[plus - 1] == b'(' && text[start..].iter().take(16).any(|byte| *byte == b')')
    {
        plus - 1
    } else {
        plus
    }
}

/// Returns where the extension ends that follows a number, or the number.
fn extension(text: &[u8], end: usize) -> usize {
    const WORDS: [&[u8]; 6] = [b"extension", b"ext.", b"ext", b"x", b"#", b"durchwahl"];
    let blanks =
        |at: usize| at + text[at..].iter().take(2).take_while(|byte| **byte == b' ').count();
    let at = blanks(if text.get(end) == Some(&b',') { end + 1 } else { end });
    let ahead = &text[at..];
    let starts =
        |word: &&[u8]| ahead.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let Some(word) = WORDS.into_iter().find(starts) else { return end };
    let from = blanks(at + word.len());
    match text[from..].iter().take(7).take_while(|byte| byte.is_ascii_digit()).count() {
        digits @ 1..=6 => from + digits,
        _ => end,
    }
}
