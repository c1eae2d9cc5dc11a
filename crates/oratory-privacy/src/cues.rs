//! Words and heads that announce something, all looked for in one pass by one automaton.
//!
//! What follows a cue is read by those who know its shape.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::documents::passports;
use crate::secrets::assigned::{self, Announces};
use crate::secrets::headings::{self, Keys};
use crate::secrets::shape::Shape;
use crate::secrets::{self, is_random};
use crate::{Finding, Kind, banks, web};

/// What a cue announces.
#[derive(Clone, Copy)]
enum Cue {
    Shape(&'static Shape),
    Assigned(Announces),
    PrivateKey,
    Putty,
    Url,
    Lines,
    Bank,
    PasswordFile,
}

static CUES: LazyLock<Vec<(String, Cue)>> = LazyLock::new(|| {
    let shapes = secrets::SHAPES.iter().flat_map(|table| table.iter());
    let shapes = shapes.map(|shape| (shape.head.to_owned(), Cue::Shape(shape)));
    let assigned = assigned::WORDS
        .iter()
        .flat_map(|(word, how)| cases(word).map(|word| (word, Cue::Assigned(*how))));
    let banks = ["bic", "swift", "BIC", "SWIFT", "Swift"].map(|word| (word.to_owned(), Cue::Bank));
    let signs = [
        (headings::BEGIN, Cue::PrivateKey),
        (headings::PUTTY, Cue::Putty),
        ("://", Cue::Url),
        ("<<", Cue::Lines),
        (":5432:", Cue::PasswordFile),
    ];
    let signs = signs.map(|(sign, cue)| (sign.to_owned(), cue));
    shapes.chain(assigned).chain(banks).chain(signs).collect()
});

/// Returns a word as programs and people write it: `api_key`, `Api_key`, `apiKey`, `API_KEY`.
fn cases(word: &str) -> impl Iterator<Item = String> + use<> {
    let mut capital = word.to_owned();
    capital[..1].make_ascii_uppercase();
    let camel = word.split_once('_').map(|(first, second)| {
        let (head, tail) = second.split_at(1);
        format!("{first}{}{tail}", head.to_ascii_uppercase())
    });
    let mut all = vec![word.to_owned(), capital, word.to_ascii_uppercase()];
    all.extend(camel);
    all.dedup();
    all.into_iter()
}

fn automaton() -> &'static AhoCorasick {
    static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
        AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(CUES.iter().map(|(text, _)| text))
            .expect("the cues are constants, few enough for any automaton")
    });
    &AUTOMATON
}

/// Notes what is announced in `text`.
pub(crate) fn follow(text: &[u8], found: &mut Vec<Finding>) {
    let mut keys = Keys::default();
    let mut key_end = 0;
    let mut lines_end = 0;
    let mut links = Links::default();
    // Up to where each shape has read: what is all heads would be read from every one of them.
    let mut read: Vec<usize> = vec![0; CUES.len()];
    for cue in automaton().find_overlapping_iter(text) {
        let (start, end) = (cue.start(), cue.end());
        match CUES[cue.pattern().as_usize()].1 {
            Cue::Shape(shape) => {
                let read = &mut read[cue.pattern().as_usize()];
                if start >= *read {
                    *read = shape.read_to(text, start);
                    shaped(text, shape, start, found);
                }
            }
            Cue::Assigned(how) => assigned::judge(text, start..end, how, found),
            Cue::PrivateKey if start >= key_end => {
                if let Some(span) = keys.at(text, start) {
                    key_end = span.end;
                    let why = "private key, between its lines";
                    found.push(Finding { kind: Kind::PrivateKey, span, score: 0.99, why });
                }
            }
            Cue::Putty => {
                let (span, why) = (headings::putty(text, start), "private key of PuTTY");
                found.push(Finding { kind: Kind::PrivateKey, span, score: 0.97, why });
            }
            Cue::Url if links.follows(start) => links.end = web::url(text, start, found),
            Cue::Lines if start >= lines_end => {
                lines_end = start + 44;
                passports::line_around(text, start, found);
            }
            Cue::Bank => banks::bic_after(text, end, found),
            Cue::PasswordFile => password_file(text, start, found),
            Cue::PrivateKey | Cue::Lines | Cue::Url => {}
        }
    }
}

/// Links within links, of which a few are followed.
#[derive(Default)]
struct Links {
    end: usize,
    within: usize,
}

impl Links {
    fn follows(&mut self, start: usize) -> bool {
        const MOST: usize = 8;
        self.within = if start < self.end { self.within + 1 } else { 0 };
        self.within < MOST
    }
}

fn shaped(text: &[u8], shape: &'static Shape, head: usize, found: &mut Vec<Finding>) {
    let Some(span) = shape.matched(text, head) else { return };
    if shape.head.starts_with("AKIA") || shape.head.starts_with("ASIA") {
        secret_beside(text, span.end, found);
    }
    // The longer the head, the surer whose key it is.
    let score = 0.9 + shape.head.len().min(16) as f32 / 200.0;
    found.push(Finding { kind: shape.kind, span, score, why: shape.why });
}

/// Notes the secret that follows an access key of AWS within a line or two.
fn secret_beside(text: &[u8], from: usize, found: &mut Vec<Finding>) {
    const NEAR: usize = 160;
    const LENGTH: usize = 40;
    let ahead = &text[from..text.len().min(from + NEAR)];
    let sign = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut at = 0;
    for word in ahead.split(|byte| !sign(byte)) {
        if word.len() == LENGTH && is_random(word) && !word.iter().all(u8::is_ascii_hexdigit) {
            let (span, why) = (from + at..from + at + LENGTH, "AWS secret, beside its access key");
            found.push(Finding { kind: Kind::ApiKey, span, score: 0.95, why });
        }
        at += word.len() + 1;
    }
}

/// Notes the password of a line of `.pgpass`: host, port, database, user, password.
fn password_file(text: &[u8], port: usize, found: &mut Vec<Finding>) {
    let end =
        port + text[port..].iter().take(300).take_while(|byte| !byte.is_ascii_whitespace()).count();
    let fields = text[port + 1..end].splitn(4, |byte| *byte == b':');
    let fields: Vec<&[u8]> = fields.collect();
    if let [_, _, _, password] = fields[..]
        && password.len() >= 4
        && !secrets::is_placeholder(password)
    {
        let (span, why) = (end - password.len()..end, "password of a line of .pgpass");
        found.push(Finding { kind: Kind::Password, span, score: 0.85, why });
    }
}
