//! Secrets by what they are assigned to: `password = …`, `"api_key": "…"`, `Bearer …`.
//!
//! The word before says how much the value must look like a secret. Names of variables, calls,
//! paths and placeholders are none.

use std::ops::Range;

use super::placeholders::{entropy, is_placeholder, is_random, is_uuid};
use crate::{Finding, Kind};

/// How a word announces a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announces {
    /// A password: any value that is no word.
    Password,
    /// A key or token: a value that is random.
    Key,
    /// A header or scheme, with the value behind a blank.
    Scheme,
}

/// The words, in small letters; they are looked for in capitals too.
pub(crate) const WORDS: &[(&str, Announces)] = &[
    ("password", Announces::Password),
    ("passwd", Announces::Password),
    ("passphrase", Announces::Password),
    ("passcode", Announces::Password),
    ("pwd", Announces::Password),
    ("pass", Announces::Password),
    ("passwort", Announces::Password),
    ("kennwort", Announces::Password),
    ("contraseña", Announces::Password),
    ("mot de passe", Announces::Password),
    ("wachtwoord", Announces::Password),
    ("senha", Announces::Password),
    ("secret", Announces::Key),
    ("token", Announces::Key),
    ("api_key", Announces::Key),
    ("api-key", Announces::Key),
    ("api key", Announces::Key),
    ("apikey", Announces::Key),
    ("access_key", Announces::Key),
    ("access key", Announces::Key),
    ("accesskey", Announces::Key),
    ("auth_key", Announces::Key),
    ("private_key", Announces::Key),
    ("privatekey", Announces::Key),
    ("encryption_key", Announces::Key),
    ("encryptionkey", Announces::Key),
    ("signing_key", Announces::Key),
    ("master_key", Announces::Key),
    ("account_key", Announces::Key),
    ("accountkey", Announces::Key),
    ("secret_key", Announces::Key),
    ("secretkey", Announces::Key),
    ("service_key", Announces::Key),
    ("license_key", Announces::Key),
    ("app_key", Announces::Key),
    ("appkey", Announces::Key),
    ("credential", Announces::Key),
    ("_auth", Announces::Key),
    ("bearer", Announces::Scheme),
    ("authorization: basic", Announces::Scheme),
];

/// Words that, behind another, make it a name of something else: `token_count`, `secret_name`.
const NO_SECRET: &[&str] = &[
    "count", "name", "type", "id", "limit", "length", "len", "size", "url", "uri", "file", "path",
    "ttl", "expiry", "expires", "expire", "policy", "reset", "field", "usage", "usages", "_at",
    "arn", "version", "min", "max", "hint", "label", "used", "price", "prices", "cost", "per",
    "index", "endpoint", "scheme", "required", "enabled", "strength", "prefix",
];

/// Words that, before another, make it harmless: `max_tokens`, `public_key`.
const HARMLESS: &[&str] = &[
    "max",
    "min",
    "num",
    "public",
    "next_page",
    "page",
    "continuation",
    "sync",
    "prompt",
    "completion",
    "total",
    "input",
    "output",
    "special",
    "eos",
    "bos",
    "pad",
    "n",
    "by",
    "stop",
    "cancel",
    "cancellation",
    "compass",
];

/// Notes what is assigned to the word at `word`.
pub(crate) fn judge(text: &[u8], word: Range<usize>, how: Announces, found: &mut Vec<Finding>) {
    let name = whole_name(text, &word);
    if word.len() == 4 && how == Announces::Password && !is_field(text, &word) {
        return;
    }
    let value = match how {
        Announces::Scheme => after_blank(text, word.end),
        _ if is_harmless(text, &word, &name) => None,
        _ => assigned(text, name.end).or_else(|| in_login(text, &word, how)),
    };
    let Some((value, quoted)) = value else { return };
    let bytes = &text[value.clone()];
    let secret = match how {
        Announces::Password => is_password(bytes, quoted),
        Announces::Key => is_key(bytes) && !called(text, value.end, quoted),
        Announces::Scheme => {
            is_key(bytes) || bytes.len() >= 20 && entropy(bytes) > 3.2 && has_digit(bytes)
        }
    };
    if secret
        && !is_placeholder(bytes)
        && !(how == Announces::Password && called(text, value.end, quoted))
    {
        let (kind, score, why) = match how {
            Announces::Password => (Kind::Password, 0.8, "password, named before it"),
            _ => (Kind::ApiKey, 0.75, "key or token, named before it and random"),
        };
        found.push(Finding { kind, span: value, score, why });
    }
}

/// Says whether `pass` is a field and no ticket or verb: `DB_PASS`, `pass=`, `"pass":`.
fn is_field(text: &[u8], word: &Range<usize>) -> bool {
    let joined = word.start > 0 && matches!(text[word.start - 1], b'_' | b'-' | b'.');
    joined || matches!(text.get(word.end), Some(b'=' | b'"' | b'\''))
}

/// Returns the whole name that the word is part of: `DB_PASSWORD_PROD`.
fn whole_name(text: &[u8], word: &Range<usize>) -> Range<usize> {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = text[..word.start].iter().rev().take(40).take_while(part).count();
    let after = text[word.end..].iter().take(40).take_while(part).count();
    word.start - before..word.end + after
}

fn is_harmless(text: &[u8], word: &Range<usize>, name: &Range<usize>) -> bool {
    let small = |range: Range<usize>| text[range].to_ascii_lowercase();
    let (before, after) = (small(name.start..word.start), small(word.end..name.end));
    let joined = |byte: &u8| matches!(byte, b'_' | b'-' | b'.');
    // `passenger`, `compass` and `secretary` are other words.
    let other = after
        .first()
        .is_some_and(|byte| byte.is_ascii_lowercase() && text[word.end].is_ascii_lowercase())
        && after != b"s";
    let inside = before.last().is_some_and(u8::is_ascii_lowercase)
        && text[word.start].is_ascii_lowercase()
        && text[word.start - 1].is_ascii_lowercase()
        && word.end - word.start < 6;
    let after_words = after.split(|byte| joined(byte)).filter(|part| !part.is_empty());
    let mut before_words = before.rsplit(|byte| joined(byte)).filter(|part| !part.is_empty());
    other
        || inside
        || after_words.into_iter().any(|part| NO_SECRET.iter().any(|word| part == word.as_bytes()))
        || before_words
            .next()
            .is_some_and(|part| HARMLESS.iter().any(|word| part == word.as_bytes()))
}

/// Returns the value behind `=`, `:`, `=>`, `:=`, `>` of XML, or " is ", and whether it is quoted.
fn assigned(text: &[u8], from: usize) -> Option<(Range<usize>, bool)> {
    let blanks = |at: usize| {
        at + text[at..].iter().take(4).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    };
    // The name's own quotes and brackets: `"password":`, `['password'] =`.
    let mut at =
        from + text[from..].iter().take(3).take_while(|byte| b"\"'`])\\*".contains(byte)).count();
    at = blanks(at);
    if let Some(typed) = annotation(&text[at..]) {
        at += typed;
    }
    let sign = [
        &b"=>"[..],
        b":=",
        b"==",
        b"=",
        b":",
        b">",
        b"is:",
        b"is ",
        b"ist ",
        b"est ",
        b"es ",
        b"-> ",
    ];
    let sign = sign.into_iter().find(|sign| text[at..].starts_with(sign))?;
    let spoken = sign.len() > 2;
    at = blanks(at + sign.len());
    let escaped = text[at..].starts_with(b"\\\"") || text[at..].starts_with(b"\\'");
    at += usize::from(escaped);
    match text.get(at)? {
        quote @ (b'"' | b'\'' | b'`') => {
            let until =
                |byte: &&u8| **byte != *quote && **byte != b'\n' && !(escaped && **byte == b'\\');
            let length = text[at + 1..].iter().take(512).take_while(until).count();
            Some((at + 1..at + 1 + length, true))
        }
        _ => {
            let stop = |byte: &&u8| !byte.is_ascii_whitespace() && !b"\"'`<,;)}]|\\".contains(byte);
            let mut length = text[at..].iter().take(512).take_while(stop).count();
            length = query_part(&text[at..at + length]);
            while length > 0 && matches!(text[at + length - 1], b'.' | b'?' | b'!' | b':') {
                length -= 1;
            }
            let value = at..at + length;
            // What is said in a sentence must look like nothing else.
            (!spoken || has_digit(&text[value.clone()])).then_some((value, false))
        }
    }
}

/// Returns how long the first value of a query is: up to `&name=`.
fn query_part(value: &[u8]) -> usize {
    let names = |at: &usize| {
        let rest = &value[at + 1..];
        let name =
            rest.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_').count();
        name > 0 && rest.get(name) == Some(&b'=')
    };
    memchr::memchr_iter(b'&', value).find(names).unwrap_or(value.len())
}

/// Returns how long a type is that stands before the sign: `password: str = "…"`.
fn annotation(text: &[u8]) -> Option<usize> {
    const TYPES: [&[u8]; 5] =
        [b": str ", b": String ", b": string ", b": &str ", b": &'static str "];
    TYPES.into_iter().find(|kind| text.starts_with(kind)).map(<[u8]>::len)
}

/// Returns the value behind a blank, as in `Bearer …`.
fn after_blank(text: &[u8], from: usize) -> Option<(Range<usize>, bool)> {
    let start = from + usize::from(text.get(from) == Some(&b' '));
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._-+/=~".contains(byte);
    let length = text[start..].iter().take(4096).take_while(part).count();
    (start > from && length >= 12).then_some((start..start + length, false))
}

/// Returns the value of `.netrc`: `machine x login y password z`.
fn in_login(text: &[u8], word: &Range<usize>, how: Announces) -> Option<(Range<usize>, bool)> {
    let before = &text[word.start.saturating_sub(120)..word.start];
    let login = memchr::memmem::find(before, b"login ").is_some();
    if how != Announces::Password || !login || text.get(word.end) != Some(&b' ') {
        return None;
    }
    let start = word.end + 1;
    let length =
        text[start..].iter().take(128).take_while(|byte| !byte.is_ascii_whitespace()).count();
    Some((start..start + length, true))
}

/// Says whether the value is what a program asks for: `password = read(…)`, `= config.password`.
fn called(text: &[u8], end: usize, quoted: bool) -> bool {
    !quoted && matches!(text.get(end), Some(b'(' | b'[')) || text.get(end) == Some(&b'(')
}

fn has_digit(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit)
}

/// Says whether a value can be a password: no word, no name, no sentence, no path.
fn is_password(value: &[u8], quoted: bool) -> bool {
    let letters =
        value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'));
    let blanks = value.iter().filter(|byte| **byte == b' ').count();
    let capital = |byte: &u8| byte.is_ascii_uppercase();
    let mixed = value.iter().skip(1).any(capital) && value.iter().any(u8::is_ascii_lowercase);
    let special = value.iter().any(|byte| b"!@#$%^&*?+~".contains(byte));
    let name =
        !special && (value.starts_with(b"self.") || value.contains(&b'(') || is_chain(value));
    let path = value.starts_with(b"/") || value.starts_with(b"./") || value.starts_with(b"http");
    if value.len() < 5 || value.len() > 256 || blanks > if quoted { 6 } else { 0 } || name || path {
        return false;
    }
    let number = value.iter().all(u8::is_ascii_digit);
    match (quoted, letters) {
        (true, true) => mixed && entropy(value) > 2.5 && !value.contains(&b'_'),
        (true, false) => !number || value.len() >= 6,
        (false, true) => {
            mixed
                && value.len() >= 8
                && entropy(value) > 3.0
                && !value.contains(&b'_')
                && !is_camel(value)
        }
        (false, false) => has_digit(value) && (!number || value.len() >= 6) || special,
    }
}

/// Says whether it is a name of fields: `config.database.password`.
fn is_chain(value: &[u8]) -> bool {
    value.contains(&b'.')
        && value.split(|byte| *byte == b'.').all(|part| {
            part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
                && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        })
        && entropy(value) < 4.0
}

/// Says whether capitals only begin words: `newPasswordField`.
fn is_camel(value: &[u8]) -> bool {
    let capitals = value.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    capitals * 4 <= value.len()
}

/// Says whether a value can be a key: random, and no name that machines give to things.
fn is_key(value: &[u8]) -> bool {
    let signs = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-+/=.~:!@#$%^&*".contains(byte);
    let digest = [b"sha256:".as_slice(), b"sha512-", b"sha1:", b"md5:", b"sha384-"];
    value.len() >= 12
        && value.len() <= 4096
        && value.iter().all(signs)
        && is_random(value)
        && !digest.iter().any(|head| value.starts_with(head))
        && !value.starts_with(b"/")
        && !value.starts_with(b"http")
        && !value.starts_with(b"arn:")
        && !is_chain(value)
        && (!is_uuid(value) || value.len() == 36)
}
