//! Values that look private, put together at run time so that no scanner takes them for a leak.
//!
//! In inputs a control character stands for each: one byte more or less is a whole card, and the
//! corpus holds none.

/// The control character that stands for the first value.
const FIRST: u8 = 0x0e;

/// The values, each in parts.
const VALUES: [&[&str]; 18] = [
    &["ada.berg", "@example.org"],
    &["4111 1111", " 1111 1111"],
    &["DE89 3704", " 0044 0532 0130 00"],
    &["+44 7700", " 900123"],
    &["Sarah ", "Miller"],
    &["14 Larkspur Road, ", "Leeds"],
    &["my SSN is 078-05", "-1120"],
    &["gh", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d"],
    &["AK", "IAIOSFODNN7EXAMPLQ"],
    &["192.168.", "17.40"],
    &["NDExMSAxMTEx", "IDExMTEgMTExMQ=="],
    &["-----BEGIN ", "PRIVATE KEY-----\n"],
    &["https://ada:", "geheim4711@example.org/x?key=Ab3dEf6hIj9kLm2n"],
    &["1 2 3 4 5 6 7 8 9 0 ", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 "],
    &["<EMAIL", "_1>"],
    &["&lt;PERSON", "_1&gt;"],
    &["\u{ff14}\u{ff11}\u{ff11}\u{ff11}", "\u{200b}1111\u{200b}11111111"],
    &["password = \"", "Zx9!kq77Lm\""],
];

/// Words that tell what stands beside them, and signs that notations are made of.
pub const WORDS: &[&str] = &[
    "passport ",
    "tax id: ",
    "born on ",
    "Dear ",
    "IBAN ",
    "phone: ",
    "account number ",
    "lat ",
    "\n\n",
    "```",
    "\\u0034",
    "%34",
    "&#52;",
    "\u{301}",
    "\u{202e}",
    " at ",
    " dot ",
    "four one one ",
    "0x",
    "::",
    "name,born,city\n",
    "| name | id |\n|---|---|\n",
    "\"name\": \"",
    "=",
    "-",
    "00",
    "\u{0}",
    "\u{10000}",
    "é",
];

/// Returns an input with the values in place of what stands for them.
pub fn filled(input: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(input.len() * 2);
    for byte in input {
        match byte.checked_sub(FIRST).and_then(|number| VALUES.get(usize::from(number))) {
            Some(parts) => parts.iter().for_each(|part| text.extend_from_slice(part.as_bytes())),
            None => text.push(*byte),
        }
    }
    text
}
