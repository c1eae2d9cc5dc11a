//! Entities of HTML and XML: by number, and the names of signs that numbers and addresses need.
//!
//! Names of letters with accents are left: they hide nothing.

const NAMES: [(&[u8], char); 22] = [
    (b"amp", '&'),
    (b"lt", '<'),
    (b"gt", '>'),
    (b"quot", '"'),
    (b"apos", '\''),
    (b"nbsp", ' '),
    (b"commat", '@'),
    (b"period", '.'),
    (b"colon", ':'),
    (b"sol", '/'),
    (b"lowbar", '_'),
    (b"hyphen", '-'),
    (b"dash", '-'),
    (b"ndash", '-'),
    (b"mdash", '-'),
    (b"num", '#'),
    (b"percnt", '%'),
    (b"plus", '+'),
    (b"equals", '='),
    (b"comma", ','),
    (b"shy", '\u{ad}'),
    (b"zwnj", '\u{200c}'),
];

/// Reads the entity at the beginning of `rest`; returns its length and what it stands for.
pub(super) fn entity(rest: &[u8]) -> Option<(usize, char)> {
    const LONGEST: usize = 12;
    let body = rest
        .iter()
        .take(LONGEST)
        .skip(1)
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#');
    let end = 1 + body.count();
    let closed = usize::from(rest.get(end) == Some(&b';'));
    let character = match &rest[1..end] {
        [b'#', b'x' | b'X', digits @ ..] => numbered(digits, 16),
        [b'#', digits @ ..] => numbered(digits, 10),
        name if closed == 1 => {
            NAMES.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign)
        }
        _ => None,
    };
    Some((end + closed, character?))
}

fn numbered(digits: &[u8], base: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    char::from_u32(u32::from_str_radix(digits, base).ok()?)
}
