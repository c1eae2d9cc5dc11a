//! Numbers and codes as people write them: groups of letters and digits with signs between.
//!
//! Cuts them out of a text and keeps three readings: without the signs, as laid out, and where
//! each group ends. Judges nothing.

/// No number that means something has more letters and digits.
pub(crate) const LONGEST: usize = 44;
/// More groups than a card's digits one by one.
pub(crate) const GROUPS: usize = 24;
/// The most signs between two groups: `) -` and the like.
const SIGNS: usize = 3;

/// One number or code and what follows it, group by group.
pub(crate) struct Run {
    start: usize,
    compact: [u8; LONGEST],
    laid: [u8; LONGEST + GROUPS * SIGNS],
    groups: [Group; GROUPS],
    count: usize,
}

#[derive(Clone, Copy, Default)]
struct Group {
    compact: usize,
    laid: usize,
    end: usize,
}

/// The first groups of a run.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'r> {
    /// Letters as capitals, and digits, without what stands between.
    pub(crate) compact: &'r [u8],
    /// As written, with every kind of space a space and every kind of dash a dash.
    pub(crate) laid: &'r [u8],
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// How many groups it has.
    pub(crate) groups: usize,
}

impl Run {
    /// Reads a run that begins with the letter or digit at `start`.
    pub(crate) fn at(text: &[u8], start: usize) -> Self {
        let mut run = Self {
            start,
            compact: [0; LONGEST],
            laid: [0; LONGEST + GROUPS * SIGNS],
            groups: [Group::default(); GROUPS],
            count: 0,
        };
        let mut next = Some((start, 0));
        while let Some((at, signs)) = next {
            let Some(group) = run.group(text, at, signs) else { break };
            run.groups[run.count] = group;
            run.count += 1;
            next = if run.count < GROUPS { run.past_signs(text, group) } else { None };
        }
        run
    }

    /// Reads the group at `at`, unless it is a word of prose or too long.
    fn group(&mut self, text: &[u8], at: usize, signs: usize) -> Option<Group> {
        let before = if self.count == 0 { Group::default() } else { self.groups[self.count - 1] };
        let mut group = Group { compact: before.compact, laid: before.laid + signs, end: at };
        let mut digits = 0;
        while let Some(byte) = text.get(group.end).filter(|byte| byte.is_ascii_alphanumeric()) {
            if group.compact == LONGEST {
                return None;
            }
            digits += usize::from(byte.is_ascii_digit());
            self.compact[group.compact] = byte.to_ascii_uppercase();
            self.laid[group.laid] = *byte;
            group = Group { compact: group.compact + 1, laid: group.laid + 1, end: group.end + 1 };
        }
        let letters = group.compact - before.compact - digits;
        // A letter of another script ends the word, not the number.
        let cut = text.get(group.end).is_some_and(|byte| (0xc3..0xe2).contains(byte));
        let small = text[at..group.end].iter().any(u8::is_ascii_lowercase);
        let word = digits == 0 && (letters > 4 || cut || small && letters > 1);
        (self.count == 0 || !word).then_some(group)
    }

    /// Reads the signs behind a group, if few enough and a group follows.
    fn past_signs(&mut self, text: &[u8], group: Group) -> Option<(usize, usize)> {
        let mut at = group.end;
        for signs in 0..=SIGNS {
            if signs > 0 && text.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                return Some((at, signs));
            }
            let (sign, length) = sign(&text[at.min(text.len())..])?;
            if signs < SIGNS {
                self.laid[group.laid + signs] = sign;
            }
            at += length;
        }
        None
    }

    /// Returns the first group, the first two, and so on.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.groups[..self.count].iter().enumerate().map(|(at, group)| Piece {
            compact: &self.compact[..group.compact],
            laid: &self.laid[..group.laid],
            start: self.start,
            end: group.end,
            groups: at + 1,
        })
    }
}

/// Returns the sign at the beginning of `text` and its length, if numbers are cut by such.
fn sign(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [
            byte @ (b' ' | b'-' | b'.' | b'/' | b'_' | b'(' | b')' | b'\t' | b'\n' | b'\r' | b','
            | b':' | b';' | b'*' | b'~' | b'|' | b'\'' | b'+'),
            ..,
        ] => Some((*byte, 1)),
        [0xc2, 0xa0, ..] => Some((b' ', 2)),
        [0xc2, 0xb7, ..] => Some((b'.', 2)),
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] | [0xe2, 0x81, 0x9f, ..] | [0xe3, 0x80, 0x80, ..] => {
            Some((b' ', 3))
        }
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] => Some((b'-', 3)),
        [0xe2, 0x80, 0xa2, ..] => Some((b'*', 3)),
        _ => None,
    }
}

impl Piece<'_> {
    /// Says whether it is all digits.
    pub(crate) fn is_number(&self) -> bool {
        self.compact.iter().all(u8::is_ascii_digit)
    }

    /// Says whether it is written with small letters.
    pub(crate) fn is_small(&self) -> bool {
        self.laid.iter().any(u8::is_ascii_lowercase)
    }

    /// Says whether lines end in it.
    pub(crate) fn is_broken(&self) -> bool {
        self.laid.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
    }

    /// Says whether signs stand between its groups that people put into one number, and not
    /// such as part the numbers of a list.
    pub(crate) fn is_one(&self) -> bool {
        let mut signs = self.laid.iter().filter(|byte| !byte.is_ascii_alphanumeric());
        let first = signs.clone().next().copied().unwrap_or(b' ');
        let usual = signs.clone().all(|sign| matches!(sign, b' ' | b'-' | b'.' | b'/'));
        let uniform = signs.all(|sign| *sign == first);
        let single = self.groups == self.compact.len();
        usual || uniform && (first != b',' || single)
    }

    /// Says whether it is laid out as `shape` shows; other signs may stand for the shape's, if
    /// one sign stands for all.
    pub(crate) fn is_laid(&self, shape: &str) -> bool {
        let shape = shape.as_bytes();
        if shape.len() != self.laid.len() {
            return false;
        }
        let mut signs =
            self.laid.iter().zip(shape).filter(|(byte, _)| !byte.is_ascii_alphanumeric());
        let mut same = || {
            let first = signs.next();
            first.is_some_and(|first| signs.all(|sign| sign == first))
        };
        fits(shape, self.laid, |shape, byte| shape == byte)
            || (fits(shape, self.laid, |shape, byte| {
                !shape.is_ascii_alphanumeric() && is_joint(byte)
            }) && same())
    }

    /// Says whether, without signs, it is as `shape` shows.
    pub(crate) fn is(&self, shape: &str) -> bool {
        shape.len() == self.compact.len() && fits(shape.as_bytes(), self.compact, |a, b| a == b)
    }

    /// Says whether more digits are joined to it on either side, as in `1.234-56` or `3.1415`.
    pub(crate) fn is_joined(&self, text: &[u8]) -> bool {
        let tight = |sign: Option<&u8>, beyond: Option<&u8>| {
            matches!(sign, Some(b'-' | b'.')) && beyond.is_some_and(u8::is_ascii_digit)
        };
        let before = self.start.checked_sub(2).map(|at| (&text[at], &text[at + 1]));
        before.is_some_and(|(beyond, sign)| tight(Some(sign), Some(beyond)))
            || tight(text.get(self.end), text.get(self.end + 1))
    }
}

/// Says whether a sign holds the parts of one number together, instead of parting two.
fn is_joint(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/' | b'_' | b'*' | b'~' | b'|' | b':' | b',')
}

/// Compares with a shape: `9` is a digit, `A` a letter, `?` either, anything else as `same` says.
fn fits(shape: &[u8], bytes: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    shape.iter().zip(bytes).all(|(shape, byte)| match shape {
        b'9' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_alphabetic(),
        b'?' => byte.is_ascii_alphanumeric(),
        literal if literal.is_ascii_alphanumeric() => literal == &byte.to_ascii_uppercase(),
        _ => same(*shape, *byte),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(String, String)> {
        let string = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is ASCII");
        let run = Run::at(text.as_bytes(), 0);
        run.pieces().map(|piece| (string(piece.compact), string(piece.laid))).collect()
    }

    #[test]
    fn every_number_of_groups_is_a_piece() {
        let found = pieces("12\u{a0}34\u{2013}ab5 word 6");
        let expected = [("12", "12"), ("1234", "12 34"), ("1234AB5", "12 34-ab5")];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn too_many_signs_or_letters_end_it() {
        assert_eq!(pieces("1    2").len(), 1);
        assert_eq!(pieces(&"1".repeat(LONGEST + 1)).len(), 0);
        assert_eq!(pieces("1 LONGER 2").len(), 1);
    }

    #[test]
    fn one_sign_may_stand_for_another() {
        let laid = |text: &str, shape: &str| {
            let run = Run::at(text.as_bytes(), 0);
            run.pieces().any(|piece| piece.is_laid(shape))
        };
        assert!(laid("123-45-6789", "999-99-9999") && laid("123.45.6789", "999-99-9999"));
        assert!(!laid("123-45.6789", "999-99-9999") && !laid("123456789", "999-99-9999"));
    }
}
