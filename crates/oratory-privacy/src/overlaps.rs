//! Decides where detectors meet: what a pattern has proved stands, a guess gives way.
//!
//! A guess that reaches over a proved thing keeps what is left and right of it, so that in
//! `Ada <ada@example.org>` both are found. Surrogates are nobody's.

use std::ops::Range;

use crate::Finding;

/// Joins what patterns have proved with what was guessed; both in order, neither overlapping.
pub(crate) fn resolved(
    text: &str,
    proved: impl Iterator<Item = Finding>,
    guessed: Vec<Finding>,
) -> Vec<Finding> {
    let proved: Vec<Finding> = proved.collect();
    let mut taken: Vec<Range<usize>> = surrogates(text);
    taken.extend(proved.iter().map(|finding| finding.span.clone()));
    taken.sort_by_key(|span| span.start);
    let mut all = proved;
    let mut next = 0;
    for guess in guessed {
        while taken.get(next).is_some_and(|span| span.end <= guess.span.start) {
            next += 1;
        }
        let met = taken[next..].iter().take_while(|span| span.start < guess.span.end);
        all.extend(pieces(text, &guess, met));
    }
    all.sort_by_key(|finding| finding.span.start);
    all
}

/// Returns what is left of a guess around what is taken.
fn pieces<'a>(
    text: &str,
    guess: &Finding,
    taken: impl Iterator<Item = &'a Range<usize>>,
) -> Vec<Finding> {
    let mut from = guess.span.start;
    let mut pieces = Vec::new();
    for span in taken {
        pieces.push(from..span.start.max(from));
        from = from.max(span.end);
    }
    let whole = pieces.is_empty();
    pieces.push(from.min(guess.span.end)..guess.span.end);
    let pieces = pieces.into_iter().filter_map(|piece| {
        let span = if whole { piece } else { trimmed(text, piece)? };
        Some(Finding { kind: guess.kind, span })
    });
    pieces.collect()
}

/// Returns a piece without the signs at its ends, if there are letters or digits left.
fn trimmed(text: &str, piece: Range<usize>) -> Option<Range<usize>> {
    let part = text.get(piece.clone())?;
    let start = part.find(char::is_alphanumeric)?;
    let end = part.trim_end_matches(|sign: char| !sign.is_alphanumeric()).len();
    (end - start > 1).then(|| piece.start + start..piece.start + end)
}

/// Returns where surrogates such as `<EMAIL_1>` stand.
fn surrogates(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let starts = memchr::memchr_iter(b'<', bytes);
    starts.filter_map(|start| Some(start..start + 1 + surrogate(&bytes[start + 1..])?)).collect()
}

/// Returns how long the surrogate is whose `<` stands before `bytes`, its `>` included.
fn surrogate(bytes: &[u8]) -> Option<usize> {
    const LONGEST: usize = 32;
    let end = bytes.iter().take(LONGEST).position(|byte| *byte == b'>')?;
    let (name, number) = bytes[..end].split_at(bytes[..end].iter().rposition(|b| *b == b'_')?);
    let named = !name.is_empty() && name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    let numbered = number.len() > 1 && number[1..].iter().all(u8::is_ascii_digit);
    (named && numbered).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn resolve(
        text: &str,
        proved: &[(Kind, &str)],
        guessed: &[(Kind, &str)],
    ) -> Vec<(Kind, String)> {
        let place = |(kind, part): &(Kind, &str)| {
            let start = text.find(part).expect("the part is in the text");
            Finding { kind: *kind, span: start..start + part.len() }
        };
        let guessed = guessed.iter().map(place).collect();
        let all = resolved(text, proved.iter().map(place), guessed);
        all.into_iter().map(|finding| (finding.kind, text[finding.span].to_owned())).collect()
    }

    #[test]
    fn a_guess_keeps_what_a_pattern_leaves_of_it() {
        let text = "Ada Lovelace <ada@example.org>, London";
        let found = resolve(text, &[(Kind::Email, "ada@example.org")], &[(Kind::Person, text)]);
        let person = |name: &str| (Kind::Person, name.to_owned());
        let email = (Kind::Email, "ada@example.org".to_owned());
        assert_eq!(found, [person("Ada Lovelace"), email, person("London")]);
    }

    #[test]
    fn a_guess_within_what_is_proved_is_dropped() {
        let text = "to ada@example.org";
        let proved = [(Kind::Email, "ada@example.org")];
        assert_eq!(resolve(text, &proved, &[(Kind::UserName, "ada")]).len(), 1);
    }

    #[test]
    fn a_surrogate_is_never_taken_for_a_name() {
        let text = "Dear <PERSON_1> Smith and <b> <_1>";
        let found =
            resolve(text, &[], &[(Kind::Person, "<PERSON_1> Smith"), (Kind::Person, "<b>")]);
        let person = |name: &str| (Kind::Person, name.to_owned());
        assert_eq!(found, [person("Smith"), person("<b>")]);
    }
}
