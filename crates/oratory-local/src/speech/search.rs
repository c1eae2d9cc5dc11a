//! Finds marks in text that comes in pieces, and what may yet become one.
//!
//! Text is held back only while it could still be the beginning of a mark.

/// What a text holds of some marks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// This mark, beginning here.
    Mark(usize, &'a str),
    /// None, and from here on the text could be the beginning of one.
    Perhaps(usize),
}

/// Returns the first mark in `text`; where two begin together, the longer.
pub(super) fn find<'a>(text: &str, marks: &[&'a str]) -> Found<'a> {
    let mut first: Option<(usize, &'a str)> = None;
    for &mark in marks {
        let Some(at) = text.find(mark) else { continue };
        let better = first
            .is_none_or(|(best, chosen)| at < best || (at == best && mark.len() > chosen.len()));
        if better {
            first = Some((at, mark));
        }
    }
    let open = marks.iter().map(|mark| begun(text, mark)).min().unwrap_or(text.len());
    match first {
        // A longer mark that is still coming and began earlier wins over a shorter one.
        Some((at, mark)) if at <= open => Found::Mark(at, mark),
        Some(_) | None => Found::Perhaps(open),
    }
}

/// Returns where a suffix of `text` begins that is a proper beginning of `mark`.
pub(super) fn begun(text: &str, mark: &str) -> usize {
    let longest = text.len().min(mark.len().saturating_sub(1));
    let lengths = (1..=longest).rev();
    let mut fitting = lengths
        .filter(|&length| text.is_char_boundary(text.len() - length))
        .filter(|&length| mark.as_bytes().starts_with(&text.as_bytes()[text.len() - length..]));
    text.len() - fitting.next().unwrap_or(0)
}

/// How a text begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begins<'a> {
    /// With this mark.
    With(&'a str),
    /// Perhaps with one of them: it is too short to say.
    Perhaps,
    /// With none.
    No,
}

/// Says which of the marks `text` begins with; the longest, if several.
pub(super) fn begins<'a>(text: &str, marks: &[&'a str]) -> Begins<'a> {
    if marks.iter().any(|mark| mark.len() > text.len() && mark.starts_with(text)) {
        return Begins::Perhaps;
    }
    let with = marks.iter().filter(|mark| text.starts_with(**mark));
    with.max_by_key(|mark| mark.len()).map_or(Begins::No, |mark| Begins::With(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_longest_mark_is_found_and_only_its_beginnings_are_held() {
        let marks = ["<tool>", "<think>"];
        assert_eq!(find("a <think> b", &marks), Found::Mark(2, "<think>"));
        assert_eq!(find("a < b", &marks), Found::Perhaps(5));
        assert_eq!(find("a <t", &marks), Found::Perhaps(2));
        assert_eq!(find("grün <", &marks), Found::Perhaps("grün ".len()));
        assert_eq!(find("ab", &["ab", "abc"]), Found::Mark(0, "ab"));
        assert_eq!(begins("<t", &marks), Begins::Perhaps);
        assert_eq!(begins("<tool>x", &marks), Begins::With("<tool>"));
        assert_eq!(begins("x", &marks), Begins::No);
    }
}
