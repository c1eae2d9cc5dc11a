//! Cuts text into the pieces that merges stay within, as llama.cpp does for `qwen2`.
//!
//! Letters are what Rust calls alphabetic, which for living languages is what Unicode calls letters.

/// Visits the pieces of a text in order.
pub(super) fn each<'t>(text: &'t str, mut visit: impl FnMut(&'t str)) {
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(first(rest));
        visit(piece);
        rest = behind;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Number,
    Break,
    Space,
    Other,
}

fn kind(letter: char) -> Kind {
    match letter {
        '\r' | '\n' => Kind::Break,
        letter if letter.is_whitespace() => Kind::Space,
        letter if letter.is_numeric() => Kind::Number,
        letter if letter.is_alphabetic() => Kind::Letter,
        _ => Kind::Other,
    }
}

/// Returns how many bytes at the start belong together as kinds of letters.
fn run(text: &str, wanted: impl Fn(Kind) -> bool) -> usize {
    text.find(|letter| !wanted(kind(letter))).unwrap_or(text.len())
}

/// Returns the length of the first piece of a text that is not empty.
fn first(text: &str) -> usize {
    let mut letters = text.chars();
    let head = letters.next().expect("the text is not empty");
    let (size, next) = (head.len_utf8(), letters.next().map(kind));
    if let Some(length) = shortened(text) {
        return length;
    }
    let words = |from: usize| from + run(&text[from..], |kind| kind == Kind::Letter);
    match kind(head) {
        Kind::Letter => words(0),
        Kind::Number => size,
        Kind::Space | Kind::Other if next == Some(Kind::Letter) => words(size),
        Kind::Other => marks(text, 0),
        Kind::Space if head == ' ' && next == Some(Kind::Other) => marks(text, 1),
        Kind::Space | Kind::Break => space(text),
    }
}

/// Returns the length of `'s` and its like, which stand alone.
fn shortened(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('\'')?;
    let ends = ["s", "t", "re", "ve", "m", "ll", "d"];
    let end = ends
        .iter()
        .find(|end| rest.get(..end.len()).is_some_and(|is| is.eq_ignore_ascii_case(end)))?;
    Some(1 + end.len())
}

/// Returns the end of a run of punctuation and the line breaks behind it.
fn marks(text: &str, from: usize) -> usize {
    let end = from + run(&text[from..], |kind| kind == Kind::Other);
    end + run(&text[end..], |kind| kind == Kind::Break)
}

/// Returns the length of a run of space: up to its last line break, or leaving one for a word.
fn space(text: &str) -> usize {
    let end = run(text, |kind| matches!(kind, Kind::Space | Kind::Break));
    if let Some(last) = text[..end].rfind(['\r', '\n']) {
        return last + 1;
    }
    let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
    if end < text.len() && end > last { end - last } else { end }
}
