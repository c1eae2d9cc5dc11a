//! Decides where findings meet: the graver thing stands, what is proved stands before a guess.
//!
//! A guess that reaches over a proved thing keeps what is left and right of it, so that in
//! `Ada <ada@example.org>` both are found. Surrogates are nobody's.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::{Custom, Finding, Kind};

/// What is less sure gives way to what is sure, however long it is.
const SURE: f32 = 0.7;

/// Orders what patterns have found and leaves out what overlaps something graver, surer or longer.
pub(crate) fn settled(text: &[u8], mut found: Vec<Finding>, custom: &Custom) -> Vec<Finding> {
    if found.is_empty() {
        return found;
    }
    for finding in &mut found {
        finding.span = whole(text, &finding.span);
    }
    let sure = |finding: &Finding| finding.score >= SURE;
    found.sort_by(|one, other| {
        let grave = other.kind.sensitivity().cmp(&one.kind.sensitivity());
        let surer = || sure(other).cmp(&sure(one));
        let longer = || other.span.len().cmp(&one.span.len());
        let score = || other.score.total_cmp(&one.score);
        grave.then_with(surer).then_with(longer).then_with(score)
    });
    let mut taken = Taken::default();
    for span in surrogates(text, custom) {
        taken.takes(&span);
    }
    found.retain(|finding| taken.takes(&finding.span));
    found.sort_by_key(|finding| finding.span.start);
    found
}

/// Moves bounds out of the middle of characters.
fn whole(text: &[u8], span: &Range<usize>) -> Range<usize> {
    let within = |at: usize| text.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    let start = (0..=span.start).rev().take(4).find(|at| !within(*at)).unwrap_or(span.start);
    let end = (span.end..=text.len()).take(4).find(|at| !within(*at)).unwrap_or(span.end);
    start..end
}

/// Spans that do not overlap.
#[derive(Default)]
struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// Takes a span, if it is free.
    fn takes(&mut self, span: &Range<usize>) -> bool {
        let before = self.0.range(..span.end).next_back();
        let free = before.is_none_or(|(_, end)| *end <= span.start) && !span.is_empty();
        if free {
            self.0.insert(span.start, span.end);
        }
        free
    }
}

/// Joins what patterns have proved with what was guessed, which is in order without overlaps.
pub(crate) fn resolved(
    text: &str,
    proved: Vec<Finding>,
    guessed: Vec<Finding>,
    custom: &Custom,
) -> Vec<Finding> {
    let proved = settled(text.as_bytes(), proved, custom);
    if guessed.is_empty() {
        return proved;
    }
    // A plain link is no proof against the name in it.
    let (mut all, links): (Vec<_>, Vec<_>) =
        proved.into_iter().partition(|finding| !matches!(finding.kind, Kind::Url | Kind::Bic));
    let mut taken: Vec<Range<usize>> = surrogates(text.as_bytes(), custom);
    taken.extend(all.iter().map(|finding| finding.span.clone()));
    taken.sort_by_key(|span| span.start);
    let mut guesses = around(text, guessed, &taken);
    let private = |guess: &Finding| guess.kind.is_private_alone();
    let links = parted(links, guesses.iter().filter(|guess| private(guess)));
    guesses = {
        let (private, public): (Vec<_>, Vec<_>) = guesses.into_iter().partition(private);
        private.into_iter().chain(parted(public, links.iter())).collect()
    };
    all.extend(guesses);
    all.extend(links);
    all.sort_by_key(|finding| finding.span.start);
    all
}

/// Returns what is left of guesses around what is taken, both in order.
fn around(text: &str, guessed: Vec<Finding>, taken: &[Range<usize>]) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut next = 0;
    for guess in guessed {
        while taken.get(next).is_some_and(|span| span.end <= guess.span.start) {
            next += 1;
        }
        let met = taken[next..].iter().take_while(|span| span.start < guess.span.end);
        all.extend(pieces(text, &guess, met));
    }
    all
}

/// Returns the findings that meet none of `others`; both in order.
fn parted<'a>(findings: Vec<Finding>, others: impl Iterator<Item = &'a Finding>) -> Vec<Finding> {
    let mut others = others.peekable();
    let mut apart = findings;
    apart.retain(|finding| {
        while others.next_if(|other| other.span.end <= finding.span.start).is_some() {}
        others.peek().is_none_or(|other| other.span.start >= finding.span.end)
    });
    apart
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
        Some(Finding { span, ..guess.clone() })
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
fn surrogates(text: &[u8], custom: &Custom) -> Vec<Range<usize>> {
    let starts = memchr::memchr_iter(b'<', text);
    let end = |start: usize| Some(start..start + 1 + surrogate(&text[start + 1..], custom)?);
    starts.filter_map(end).collect()
}

/// Returns how long the surrogate is whose `<` stands before `bytes`, its `>` included. Only
/// names of kinds make one: anybody may write `<JOHN_SMITH_1>`.
fn surrogate(bytes: &[u8], custom: &Custom) -> Option<usize> {
    const LONGEST: usize = 56;
    if !bytes.first()?.is_ascii_uppercase() {
        return None;
    }
    let end = bytes.iter().take(LONGEST).position(|byte| *byte == b'>')?;
    let (name, number) = bytes[..end].split_at(bytes[..end].iter().rposition(|b| *b == b'_')?);
    let known = Kind::ALL.iter().any(|kind| kind.as_str().as_bytes() == name)
        || custom.names().any(|own| own.as_bytes() == name);
    let numbered = (2..=10).contains(&number.len()) && number[1..].iter().all(u8::is_ascii_digit);
    (known && numbered).then_some(end + 1)
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
            Finding { kind: *kind, span: start..start + part.len(), score: 0.9, why: "" }
        };
        let guessed = guessed.iter().map(place).collect();
        let proved = proved.iter().map(place).collect();
        let all = resolved(text, proved, guessed, Custom::none());
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

    #[test]
    fn what_only_looks_like_a_surrogate_hides_no_name() {
        let text = "Dear <JOHN_SMITH_1>";
        assert_eq!(resolve(text, &[], &[(Kind::Person, "JOHN_SMITH_1")]).len(), 1);
    }

    #[test]
    fn the_graver_thing_stands_then_the_longer() {
        let text = "https://example.org/?to=ada@example.org";
        let proved = [(Kind::Url, text), (Kind::Email, "ada@example.org")];
        assert_eq!(resolve(text, &proved, &[])[0].0, Kind::Email);
        let proved = [(Kind::Phone, "org/?to"), (Kind::Account, "example.org/?to")];
        assert_eq!(resolve(text, &proved, &[]), [(Kind::Account, "example.org/?to".to_owned())]);
    }
}
