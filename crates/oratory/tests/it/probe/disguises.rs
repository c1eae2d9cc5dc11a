//! Canaries, and the disguises they go out in.
//!
//! Made at run time: no scanner may take this file for a leak.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something private that nobody has sent before.
pub(super) struct Canary {
    pub(super) text: String,
    /// Whether it is a number.
    pub(super) digits: bool,
}

impl Canary {
    /// Returns a payment card's number, or an e-mail address.
    pub(super) fn new(digits: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let seed = u64::from(std::process::id());
        let number =
            seed.wrapping_mul(7919) % 90_000 + NEXT.fetch_add(1, Ordering::Relaxed) * 100_003;
        let text = if digits {
            let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let body = format!("4{:014}", mixed % 100_000_000_000_000);
            format!("{body}{}", check_digit(&body))
        } else {
            format!("c{number:x}.lark@example.org")
        };
        Self { text, digits }
    }
}

fn check_digit(body: &str) -> u32 {
    let digits = body.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
    let sum: u32 = digits
        .map(|(at, digit)| match at % 2 {
            0 if digit > 4 => digit * 2 - 9,
            0 => digit * 2,
            _ => digit,
        })
        .sum();
    (10 - sum % 10) % 10
}

/// A way to write a thing so that few programs see it.
pub(super) struct Disguise {
    pub(super) name: &'static str,
    pub(super) digits: bool,
    pub(super) hide: fn(&str) -> String,
}

const fn text(name: &'static str, hide: fn(&str) -> String) -> Disguise {
    Disguise { name, digits: false, hide }
}

const fn number(name: &'static str, hide: fn(&str) -> String) -> Disguise {
    Disguise { name, digits: true, hide }
}

pub(super) const DISGUISES: &[Disguise] = &[
    text("plain", str::to_owned),
    text("capitals", str::to_uppercase),
    text("zero-width signs", |text| text.chars().flat_map(|sign| [sign, '\u{200b}']).collect()),
    text("a look-alike letter", |text| text.replacen('a', "\u{430}", 1)),
    text("HTML entities", |text| each(text, |byte| format!("&#{byte};"))),
    text("percent", |text| text.replace('@', "%40").replace('.', "%2E")),
    text("quoted-printable", |text| text.replace('@', "=40").replace('.', "=2E")),
    text("escapes", |text| each(text, |byte| format!("\\u{byte:04x}"))),
    text("base 16", |text| each(text, |byte| format!("{byte:02x}"))),
    text("base 64", |text| base64(format!("to {text} today").as_bytes())),
    text("base 64 twice", |text| base64(base64(format!("to {text} today").as_bytes()).as_bytes())),
    text("gzip in base 64", |text| base64(&gzip(format!("to {text} today").as_bytes()))),
    number("a card", str::to_owned),
    number("a card in groups", |text| grouped(text, " ")),
    number("a card with dots", |text| grouped(text, ".")),
    number("full-width digits", |text| {
        text.chars().filter_map(|digit| char::from_u32(0xff10 + digit.to_digit(10)?)).collect()
    }),
    number("Arabic digits", |text| {
        text.chars().filter_map(|digit| char::from_u32(0x0660 + digit.to_digit(10)?)).collect()
    }),
    number("digits as words", |text| {
        const WORDS: [&str; 10] =
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        let words = text.chars().filter_map(|digit| Some(WORDS[digit.to_digit(10)? as usize]));
        words.collect::<Vec<_>>().join(" ")
    }),
];

fn each(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn grouped(text: &str, between: &str) -> String {
    let groups = [&text[..4], &text[4..8], &text[8..12], &text[12..]];
    groups.join(between)
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(three.get(at).copied().unwrap_or(0));
        }
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { sign.into() } else { '=' });
        }
    }
    out
}

/// Returns a gzip file whose one block is stored as it is.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("canaries are short");
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    out.extend((!crc).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

/// Returns the hexadecimal digits of some bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        write!(out, "{byte:02x}").expect("a string takes what is written to it");
    }
    out
}
