//! What stands where a secret will stand, and what is random enough to be one.
//!
//! Judges single words.

/// Words of which placeholders are made.
const WORDS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "your",
    "dummy",
    "sample",
    "redacted",
    "insert",
    "replace",
    "todo",
    "fixme",
    "undefined",
    "process.env",
    "os.environ",
    "getenv",
    "foobar",
    "notreal",
    "not-a-real",
    "fake",
    "mock",
    "abcdef",
    "12345678",
    "00000000",
    "deadbeef",
    "lorem",
    "masked",
    "hidden",
    "removed",
    "secret_here",
    "key_here",
    "token_here",
    "goes-here",
    "goes_here",
];

/// Values that are words of programs or of manuals.
const WHOLE: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "test",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "string",
    "str",
    "optional",
    "required",
    "admin",
    "root",
    "user",
    "default",
    "empty",
    "bearer",
    "basic",
    "api_key",
    "apikey",
    "value",
    "text",
    "hash",
    "prompt",
    "input",
    "any",
    "void",
    "unset",
    "tbd",
    "yes",
    "no",
    "on",
    "off",
    "enabled",
    "disabled",
    "postgres",
    "mysql",
    "guest",
    "username",
    "xxx",
    "abc",
    "mypassword",
    "mysecret",
    "mytoken",
    "pw",
    "pass123",
    "test123",
    "testing",
    "localhost",
];

/// Says whether a value only stands for a secret: `changeme`, `${TOKEN}`, `<your-key>`, `xxxx`.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let small = value.to_ascii_lowercase();
    let Ok(small) = std::str::from_utf8(&small) else { return false };
    value.len() < 4
        || is_filled_in_later(value)
        || is_filler(value)
        || WHOLE.contains(&small)
        || WORDS.iter().any(|word| small.contains(word))
}

/// Says whether a program will fill it in.
fn is_filled_in_later(value: &[u8]) -> bool {
    let pairs: [(&[u8], &[u8]); 7] = [
        (b"${", b"}"),
        (b"{{", b"}"),
        (b"<", b">"),
        (b"{", b"}"),
        (b"%(", b""),
        (b"$(", b""),
        (b"[", b"]"),
    ];
    pairs.iter().any(|(open, close)| value.starts_with(open) && value.ends_with(close))
        || value.windows(2).any(|pair| pair == b"${" || pair == b"{{" || pair == b"$(")
        || value.contains(&b'<') && value.contains(&b'>')
        || value[0] == b'$'
            && value[1..].iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
        || value[0] == b'%' && value.len() > 2 && value.ends_with(b"%")
        || value.windows(3).any(|three| three == b"..." || three == b"***")
}

/// Says whether what follows the head of a published shape is no key at all: `xxxxxxxx`, or a name
/// such as `something-like-this`. Anything else counts as one, however dull: the head has said so.
pub(crate) fn is_blank(value: &[u8]) -> bool {
    is_name(value) || value.len() >= 12 && distinct(value) <= 2
}

/// Says whether a run of signs is a filler: `xxxxxxxx`, `0000`, or one word after another.
pub(crate) fn is_filler(value: &[u8]) -> bool {
    if value.len() < 6 {
        return false;
    }
    let run = longest_run(value);
    let few = distinct(value) <= 4 && value.len() >= 12;
    few || run >= 8 && run * 3 > value.len() || is_name(value)
}

/// Returns how many letters, digits and signs there are, large or small.
fn distinct(value: &[u8]) -> usize {
    let mut there = [false; 256];
    for byte in value {
        there[usize::from(byte.to_ascii_lowercase())] = true;
    }
    there.iter().filter(|there| **there).count()
}

/// Says whether it is a name such as `sk-something-like-this`, with neither digits nor capitals.
fn is_name(value: &[u8]) -> bool {
    let upper = value.iter().any(u8::is_ascii_uppercase);
    let lower = value.iter().any(u8::is_ascii_lowercase);
    value.len() >= 16
        && !value.iter().any(u8::is_ascii_digit)
        && !(upper && lower)
        && value.iter().any(|b| matches!(b, b'-' | b'_'))
}

/// Returns how long the longest run is of one sign, or of signs that count up.
fn longest_run(value: &[u8]) -> usize {
    let (mut longest, mut same, mut up) = (1, 1, 1);
    for pair in value.windows(2) {
        same = if pair[0] == pair[1] { same + 1 } else { 1 };
        up = if pair[1] == pair[0].wrapping_add(1) { up + 1 } else { 1 };
        longest = longest.max(same).max(up);
    }
    longest
}

/// Says whether a word is random rather than said: sorts of signs change often within it.
pub(crate) fn is_random(value: &[u8]) -> bool {
    if value.len() < 8 || is_uuid(value) && value.len() != 36 {
        return false;
    }
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if digits == 0 || letters == 0 {
        return letters >= 20 && entropy(value) > 3.8 && is_mixed(value);
    }
    entropy(value) >= if value.len() < 16 { 2.6 } else { 3.0 }
}

fn is_mixed(value: &[u8]) -> bool {
    let changes = value
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    changes.count() * 6 > value.len()
}

/// Says whether it is a name that a machine has drawn for a thing: `8-4-4-4-12` signs.
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    let lengths = value.split(|byte| *byte == b'-').map(<[u8]>::len);
    lengths.eq([8, 4, 4, 4, 12])
        && value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// Returns how many bits each sign of a word tells.
pub(crate) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let total = value.len() as f32;
    let part = |count: &u32| {
        let share = *count as f32 / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(part).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_none() {
        for placeholder in [
            "changeme",
            "${DB_PASSWORD}",
            "<your-api-key>",
            "xxxxxxxxxxxxxxxx",
            "YOUR_KEY",
            "{{ token }}",
            "$SECRET",
            "********",
            "password",
            "000000000000",
            "example-token",
            "%PASSWORD%",
            "...",
        ] {
            assert!(is_placeholder(placeholder.as_bytes()), "{placeholder}");
        }
        for real in ["hunter2", "Tr0ub4dor&3", "S3cr3t!pass", "b7Kq9-xZ2m"] {
            assert!(!is_placeholder(real.as_bytes()), "{real}");
        }
    }

    #[test]
    fn random_words_are_told_from_names() {
        assert!(is_random(b"b7Kq9xZ2mR4t") && is_random(b"f3a9c81b7d2e4a60"));
        assert!(
            !is_random(b"application") && !is_random(b"my-service-name") && !is_random(b"11111111")
        );
    }
}
