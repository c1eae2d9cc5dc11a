//! Addresses of mail and of the web, and whether an address of the web has a secret in it.
//!
//! Letters of other alphabets are letters here too. A plain address of the web is noted, but is
//! not private alone.

use crate::secrets::is_placeholder;
use crate::{Finding, Kind};

/// No address is longer before or behind its `@`.
const LONGEST: usize = 254;

/// Notes the e-mail address around the `@` at `at`, which is `length` bytes long.
pub(crate) fn email(text: &[u8], at: usize, length: usize, found: &mut Vec<Finding>) {
    let local = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || **byte >= 0x80 || b".!#$&'*+/=?^_`{|}~%-".contains(byte)
    };
    let before = text[..at].iter().rev().take(LONGEST).take_while(local).count();
    let mut start = whole_letters(text, at - before, at);
    // What stands in quotes or after a sign of a link belongs to the text around.
    let apart = |place: usize| match text[place] {
        // O'Brien has one within the name, a quotation has one before it.
        b'\'' => place == start || !text[place - 1].is_ascii_alphanumeric(),
        byte => b"=/`{|}#*?&".contains(&byte),
    };
    if let Some(cut) = (start..at).rev().find(|place| apart(*place)) {
        start = cut + 1;
    }
    while start < at && b".!-_~%+".contains(&text[start]) {
        start += 1;
    }
    let end = domain(text, at + length);
    // `git@host:path` is how code is fetched.
    let fetched = &text[start..at] == b"git" && text.get(end).is_some_and(|byte| *byte == b':');
    if start < at && end > at + length && text[at - 1] != b'.' && !fetched {
        let why = "e-mail address";
        found.push(Finding { kind: Kind::Email, span: start..end, score: 0.95, why });
    }
}

/// Moves `start` past letters that belong to no word of Latin, Greek or Cyrillic script.
fn whole_letters(text: &[u8], start: usize, at: usize) -> usize {
    let foreign = text[start..at].iter().rposition(|byte| *byte >= 0xd5);
    let mut from = foreign.map_or(start, |place| start + place + 1);
    while from < at && (0x80..0xc0).contains(&text[from]) {
        from += 1;
    }
    from
}

/// Returns where the domain ends that begins at `from`; `from` itself where none does.
fn domain(text: &[u8], from: usize) -> usize {
    let part = |byte: &&u8| {
        byte.is_ascii_alphanumeric() || (0x80..0xd5).contains(*byte) || matches!(byte, b'.' | b'-')
    };
    let mut end = from + text[from..].iter().take(LONGEST).take_while(part).count();
    while end > from && matches!(text[end - 1], b'.' | b'-') {
        end -= 1;
    }
    let name = &text[from..end];
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return from };
    let letters =
        name[dot + 1..].iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80);
    let letters = letters.count();
    let empty = name.windows(2).any(|pair| pair == b"..") || name[0] == b'.' || name[0] == b'-';
    if letters < 2 || empty { from } else { from + dot + 1 + letters }
}

/// Notes the web address whose `://` stands at `at`, and returns where it ends.
pub(crate) fn url(text: &[u8], at: usize, found: &mut Vec<Finding>) -> usize {
    let scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    let before = text[..at].iter().rev().take(24).take_while(scheme).count();
    let start = at - before;
    let end = end_of_url(text, at + 3);
    if before == 0 || end <= at + 3 {
        return end;
    }
    let (whole, rest) = (start..end, &text[at + 3..end]);
    let authority =
        rest.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next().unwrap_or_default();
    if let Some(user) = authority.iter().rposition(|byte| *byte == b'@')
        && is_credential(&authority[..user], &authority[user + 1..])
    {
        let why = "address with a user and a password in it";
        found.push(Finding { kind: Kind::SecretUrl, span: whole, score: 0.92, why });
    } else if rest
        .iter()
        .position(|byte| *byte == b'?')
        .is_some_and(|query| has_token(&rest[query + 1..]))
    {
        let why = "address with a token in it";
        found.push(Finding { kind: Kind::SecretUrl, span: whole, score: 0.88, why });
    } else if matches!(&text[start..at], b"http" | b"https" | b"ftp" | b"HTTP" | b"HTTPS") {
        found.push(Finding { kind: Kind::Url, span: whole, score: 0.9, why: "address on the web" });
    }
    end
}

/// Returns where an address ends: at a blank, a quote, or the end of its sentence.
fn end_of_url(text: &[u8], from: usize) -> usize {
    const LONGEST_URL: usize = 4096;
    let part =
        |byte: &&u8| !byte.is_ascii_whitespace() && !b"\"<>`\\^".contains(byte) && **byte != 0;
    let mut end = from + text[from..].iter().take(LONGEST_URL).take_while(part).count();
    // No sentence ends in more signs.
    for _ in 0..8.min(end - from) {
        let open = |open: u8, close: u8| {
            let count = |sign: u8| text[from..end].iter().filter(|byte| **byte == sign).count();
            count(close) > count(open)
        };
        let cut = match text[end - 1] {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' => true,
            b')' => open(b'(', b')'),
            b']' => open(b'[', b']'),
            b'}' => open(b'{', b'}'),
            _ => false,
        };
        if !cut {
            break;
        }
        end -= 1;
    }
    end
}

/// Says whether `user:password` before a host opens something.
fn is_credential(user: &[u8], host: &[u8]) -> bool {
    let Some(colon) = user.iter().position(|byte| *byte == b':') else {
        // A long word alone is a token: `https://TOKEN@host`.
        return user.len() >= 20 && crate::secrets::is_random(user);
    };
    let (name, password) = (&user[..colon], &user[colon + 1..]);
    let local = host.starts_with(b"localhost") || host.starts_with(b"127.0.0.1");
    let default = local && name == password;
    let there = !password.is_empty() && !host.is_empty();
    there && !default && !is_placeholder(password)
}

/// Says whether a query hands over something that opens: `?sig=…`, `&access_token=…`.
fn has_token(query: &[u8]) -> bool {
    const NAMES: [&str; 16] = [
        "token",
        "access_token",
        "api_key",
        "apikey",
        "key",
        "sig",
        "signature",
        "secret",
        "password",
        "auth",
        "x-amz-signature",
        "code",
        "client_secret",
        "refresh_token",
        "sv_sig",
        "id_token",
    ];
    query.split(|byte| matches!(byte, b'&' | b'#' | b';')).any(|pair| {
        let Some(at) = pair.iter().position(|byte| *byte == b'=') else { return false };
        let named = NAMES.iter().any(|name| pair[..at].eq_ignore_ascii_case(name.as_bytes()));
        let value = &pair[at + 1..];
        named && value.len() >= 12 && !is_placeholder(value) && crate::secrets::is_random(value)
    })
}

/// Notes the web address without a scheme whose last dot stands at `at`: `example.com/path`.
pub(crate) fn bare_domain(text: &[u8], at: usize, found: &mut Vec<Finding>) {
    const ENDS: [&[u8]; 26] = [
        b"com", b"org", b"net", b"edu", b"gov", b"mil", b"int", b"info", b"biz", b"io", b"co",
        b"uk", b"de", b"fr", b"nl", b"it", b"es", b"pt", b"ch", b"eu", b"ca", b"au", b"us", b"br",
        b"jp", b"dev",
    ];
    let letters =
        text[at + 1..].iter().take(5).take_while(|byte| byte.is_ascii_lowercase()).count();
    let end = at + 1 + letters;
    let ended = text
        .get(end)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'('));
    if !ended || !ENDS.contains(&&text[at + 1..end]) {
        return;
    }
    // More of the name follows, or it was an address of mail.
    if text.get(end) == Some(&b'.') && text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
        || text.get(end) == Some(&b'@')
    {
        return;
    }
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let before = text[..at].iter().rev().take(LONGEST).take_while(part).count();
    let start = at - before;
    let clear =
        start == 0 || !matches!(text[start - 1], b'@' | b'/' | b'_' | b'\\' | b'$' | 0x80..);
    let www = text[start..at].starts_with(b"www.");
    let path = text.get(end) == Some(&b'/');
    let name =
        text[start..at].iter().rposition(|byte| *byte == b'.').map_or(start, |dot| start + dot + 1);
    let worded = at - name >= 2 && text[name..at].iter().any(u8::is_ascii_alphabetic);
    let telling = www
        || path
        || matches!(
            &text[at + 1..end],
            b"com" | b"org" | b"net" | b"edu" | b"gov" | b"io" | b"co" | b"biz" | b"info"
        );
    if clear && worded && telling && text[start] != b'.' {
        let end = if path { end_of_url(text, end) } else { end };
        found.push(Finding {
            kind: Kind::Url,
            span: start..end,
            score: 0.7,
            why: "address on the web",
        });
    }
}
