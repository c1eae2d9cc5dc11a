//! Secrets that say themselves what they are: private keys between their lines, and hashes of
//! passwords.
//!
//! A key without its last line is still a key.

use std::ops::Range;

use super::shape::{Shape, key};
use crate::Kind;

const fn hash(why: &'static str, head: &'static str, tail: &'static str) -> Shape {
    Shape { kind: Kind::Password, ..key(why, head, tail) }
}

/// What passwords are turned into.
pub(crate) static HASHES: &[Shape] = &[
    hash("bcrypt hash of a password", "$2a$", "d2 '$' c53"),
    hash("bcrypt hash of a password", "$2b$", "d2 '$' c53"),
    hash("bcrypt hash of a password", "$2y$", "d2 '$' c53"),
    hash("crypt hash of a password", "$1$", "c24+"),
    hash("crypt hash of a password", "$5$", "c40+"),
    hash("crypt hash of a password", "$6$", "c80+"),
    hash("crypt hash of a password", "$y$", "c40+"),
    hash("crypt hash of a password", "$apr1$", "c20+"),
    hash("Argon2 hash of a password", "$argon2id$", "c40+"),
    hash("Argon2 hash of a password", "$argon2i$", "c40+"),
    hash("scrypt hash of a password", "$scrypt$", "c30+"),
    hash("LDAP hash of a password", "{SSHA}", "b28+"),
    hash("LDAP hash of a password", "{SHA}", "b27+"),
    hash("hash of a password", "pbkdf2_sha256$", "c40+"),
    hash("hash of a password", "pbkdf2:sha256:", "d4+ '$' c40+"),
];

/// What stands before a private key; which sort comes next.
pub(crate) const BEGIN: &str = "-----BEGIN ";
/// What stands before a private key of PuTTY's.
pub(crate) const PUTTY: &str = "PuTTY-User-Key-File-";

/// Looks for private keys from the front to the back of one text.
#[derive(Default)]
pub(crate) struct Keys {
    no_more_ends: bool,
}

impl Keys {
    /// Returns where the private key lies whose first line begins at `start`.
    pub(crate) fn at(&mut self, text: &[u8], start: usize) -> Option<Range<usize>> {
        const LONGEST_NAME: usize = 48;
        let name = start + BEGIN.len();
        let ahead = &text[name..text.len().min(name + LONGEST_NAME)];
        let dashes = memchr::memmem::find(ahead, b"-----")?;
        let kind = &ahead[..dashes];
        let letters =
            kind.iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'0'..=b'9'));
        let private = memchr::memmem::find(kind, b"PRIVATE KEY").is_some();
        (letters && private).then(|| start..self.end(text, name + dashes + 5))
    }

    /// Returns where a key ends whose first line ends at `from`. That there is no last line is
    /// found out once, however many first lines there are.
    fn end(&mut self, text: &[u8], from: usize) -> usize {
        const LAST_LINE: &[u8] = b"-----END ";
        let found =
            if self.no_more_ends { None } else { memchr::memmem::find(&text[from..], LAST_LINE) };
        let Some(at) = found else {
            self.no_more_ends = true;
            return without_end(text, from);
        };
        let name = from + at + LAST_LINE.len();
        let dashes = memchr::memmem::find(&text[name..], b"-----");
        dashes.map_or(name, |dashes| name + dashes + 5)
    }
}

/// Returns where the letters of a key end that was cut off, which may be escaped line by line.
fn without_end(text: &[u8], from: usize) -> usize {
    const LONGEST_KEY: usize = 1 << 14;
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=\\\r\n".contains(byte);
    from + text[from..].iter().take(LONGEST_KEY).take_while(part).count()
}

/// Returns where PuTTY's key ends that begins at `start`: behind its check sum.
pub(crate) fn putty(text: &[u8], start: usize) -> Range<usize> {
    const LAST_LINE: &[u8] = b"Private-MAC: ";
    const LONGEST_KEY: usize = 1 << 14;
    let ahead = &text[start..text.len().min(start + LONGEST_KEY)];
    let Some(at) = memchr::memmem::find(ahead, LAST_LINE) else {
        return start..start + PUTTY.len();
    };
    let sum = start + at + LAST_LINE.len();
    start..sum + text[sum..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count()
}
