//! Putting originals back: the same wherever a provider cuts its stream, in words and in what tools
//! are given.

use futures_util::{FutureExt, StreamExt};
use oratory_contract::{Answer, CallHead, CallPart, Chunk, Done, Drawer, Finish, Surrogate, Usage};
use oratory_privacy::Names;

use crate::{Note, number};

/// What stands for what.
const STANDS: [(&str, &str, &str); 4] = [
    ("EMAIL", "<EMAIL_1>", "a@example.org"),
    ("EMAIL", "<EMAIL_10>", "z@example.org"),
    ("PERSON", "<PERSON_2>", "Dwayne \"The Rock\" O'Neil & Sons"),
    ("ADDRESS", "<ADDRESS_1>", "3 Mill Lane\nLeeds"),
];

/// Surrogates, as models may write them.
pub const WORDS: &[&str] = &[
    "<EMAIL_1>",
    "<EMAIL_10>",
    "<PERSON_2>",
    "<ADDRESS_1>",
    "&lt;EMAIL_1&gt;",
    "\\u003cEMAIL_1\\u003e",
    "%3CEMAIL_1%3E",
    "\\<EMAIL\\_1\\>",
    "＜EMAIL_1＞",
    "<email 1>",
    "'s>",
    "&#60;",
    "&LT;",
    "\\\\",
    "\\\"",
    "<<",
    "\"",
    "{\"a\": \"",
    "é",
    "’s",
];

/// Tries one input: where to cut, and the text.
pub fn run(input: &[u8], note: Note<'_>) {
    let (cuts, text) = input.split_at(input.len().min(2));
    let text = String::from_utf8_lossy(text);
    let whole = names().restored(&text);
    note(number((whole.len() > text.len(), text.matches(['<', '&', '%', '\\']).count().min(8))));
    for (value, (.., original)) in STANDS.iter().enumerate() {
        note(number((value, whole.matches(original).count().min(4))));
    }
    let pieces = cut(&text, cuts);
    assert_eq!(streamed(&pieces, false), whole, "cut into {pieces:?}");
    assert_eq!(streamed(&pieces, true), streamed(&[&text], true), "a call cut into {pieces:?}");
}

fn names() -> Names {
    let entries = STANDS.map(|(kind, surrogate, original)| Surrogate {
        kind: kind.to_owned(),
        original: original.to_owned(),
        surrogate: surrogate.to_owned(),
    });
    Names::from(&Drawer { entries: entries.into(), ..Drawer::default() })
}

/// Cuts a text into pieces of a few letters, as the first bytes say.
fn cut<'t>(text: &'t str, cuts: &[u8]) -> Vec<&'t str> {
    let mut state = cuts.iter().fold(1_u64, |state, byte| state << 8 | u64::from(*byte));
    let (mut rest, mut pieces) = (text, Vec::new());
    while !rest.is_empty() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let length = rest.ceil_char_boundary(1 + (state >> 60) as usize);
        let (piece, after) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Returns what is left of an answer in these pieces, in its words or in what a tool is given.
fn streamed(pieces: &[&str], call: bool) -> String {
    let says = |(number, piece): (usize, &&str)| {
        let begins =
            (number == 0).then(|| CallHead { id: "call_1".to_owned(), name: "write".to_owned() });
        match call {
            true => Chunk::Call(CallPart { index: 0, begins, arguments: (*piece).to_owned() }),
            false => Chunk::Text((*piece).to_owned()),
        }
    };
    let done = Chunk::Done(Done { finish: Finish::Stop, usage: Usage::default() });
    let chunks: Vec<_> = pieces.iter().enumerate().map(says).chain([done]).map(Ok).collect();
    let answer = Answer {
        place: "cloud".into(),
        model: "m".into(),
        chunks: futures_util::stream::iter(chunks).boxed(),
    };
    let chunks: Vec<_> =
        names().restore(answer).chunks.collect().now_or_never().expect("nothing waits");
    let words = chunks.into_iter().map(|chunk| match chunk.expect("no failure was put in") {
        Chunk::Text(text) => text,
        Chunk::Call(part) => part.arguments,
        _ => String::new(),
    });
    words.collect()
}
