//! Letters and digits that look like those of ASCII, and characters that cannot be seen.
//!
//! What Unicode calls compatible comes from its own tables. Letters of other alphabets are
//! folded only within words that have ASCII in them: Russian is no disguise.

use std::sync::LazyLock;

const AMONG_LETTERS: usize = 0;
const AMONG_DIGITS: usize = 1;

/// The first digit of each other script, whose ten digits follow each other.
const ZEROS: [u32; 36] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0,
];

/// Letters of other alphabets and the letters they look like.
const LOOK_ALIKES: &str = "аaвbсcԁdеeһhіiјjкkӏlмmоoрpԛqгrѕsтtυuѵvԝwхxуyАAВBСCЕEНHІIЈJКKМMОOРPԚQЅSТTԜWХXУY\
    αaεeιiκkνvοoρpτtυuχxγyΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXոnսuօoցgհhɡgɑaɩiʟLıiӀI";

/// Letters of other alphabets that look like digits among digits.
const DIGIT_ALIKES: &str = "О0о0Ο0ο0օ0З3з3Ӡ3б6Ч4Ѕ5І1Ӏ1ӏ1Ι1";

/// Returns the character that `bytes` begin with.
pub(super) fn decoded(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return None,
    };
    std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

/// Returns what a character reads as, as bytes and their number: none where it cannot be seen.
/// `None` where it is what it looks like.
pub(super) fn folded(
    character: char,
    before: Option<u8>,
    after: &[u8],
) -> Option<([u8; 4], usize)> {
    let code = character as u32;
    // Most of Chinese, Japanese and Korean.
    if matches!(code, 0x3165..=0xa61f | 0xac00..=0xd7a3) {
        return None;
    }
    if is_unseen(code) {
        return Some(([0; 4], 0));
    }
    if let Some(ascii) = hidden_ascii(code).or_else(|| digit(code)) {
        return Some(([ascii, 0, 0, 0], 1));
    }
    if is_compatible(code) {
        return compatible(character);
    }
    if is_lettered(code) {
        let ascii = look_alike(character, before, after)?;
        return Some(([ascii, 0, 0, 0], 1));
    }
    None
}

/// Characters without a width, marks upon letters, and what turns the direction of writing.
fn is_unseen(code: u32) -> bool {
    matches!(
        code,
        0xad | 0x300..=0x36f | 0x61c | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180e | 0x1ab0..=0x1aff
            | 0x1dc0..=0x1dff | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x20d0..=0x20ff
            | 0x3164 | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f | 0xfeff | 0xffa0 | 0xe0100..=0xe01ef
    )
}

/// Characters that carry ASCII where nobody sees it, and letters in boxes.
fn hidden_ascii(code: u32) -> Option<u8> {
    let ascii = match code {
        0xe0020..=0xe007e => code - 0xe0000,
        0x1f150..=0x1f169 => code - 0x1f150 + 0x41,
        0x1f170..=0x1f189 => code - 0x1f170 + 0x41,
        0x1f1e6..=0x1f1ff => code - 0x1f1e6 + 0x41,
        0x2776..=0x277e => code - 0x2776 + 0x31,
        0x2780..=0x2788 => code - 0x2780 + 0x31,
        0x278a..=0x2792 => code - 0x278a + 0x31,
        0x24eb..=0x24f4 => return None,
        0x24ff => 0x30,
        _ => return None,
    };
    u8::try_from(ascii).ok()
}

fn digit(code: u32) -> Option<u8> {
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    u8::try_from(code - zero).ok().map(|digit| b'0' + digit)
}

/// Blocks whose letters and digits Unicode maps to those of ASCII.
fn is_compatible(code: u32) -> bool {
    matches!(
        code,
        0xaa | 0xb2 | 0xb3 | 0xb9 | 0xba | 0x2070..=0x209f | 0x2100..=0x218f | 0x2460..=0x24ff | 0xfb00..=0xfb06
            | 0xfe50..=0xfe6b | 0xff01..=0xff5e | 0x1d400..=0x1d7ff | 0x1f100..=0x1f14f
    )
}

fn compatible(character: char) -> Option<([u8; 4], usize)> {
    let (mut bytes, mut count, mut plain) = ([0; 4], 0, true);
    unicode_normalization::char::decompose_compatible(character, |part| {
        // Brackets and full stops around a number in a list are part of its picture.
        if part.is_ascii() && count < 4 {
            bytes[count] = part as u8;
            count += 1;
        } else {
            plain = false;
        }
    });
    (plain && count > 0).then_some((bytes, count))
}

/// Alphabets with letters like the Latin ones.
fn is_lettered(code: u32) -> bool {
    matches!(code, 0x131 | 0x250..=0x2af | 0x370..=0x3ff | 0x400..=0x52f | 0x561..=0x587)
}

fn look_alike(character: char, before: Option<u8>, after: &[u8]) -> Option<u8> {
    let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
    if (digit(before) || digit(after.first().copied()))
        && let Some(ascii) = alike(AMONG_DIGITS, character)
    {
        return Some(ascii);
    }
    let ascii = alike(AMONG_LETTERS, character)?;
    let joins = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'@';
    (before.is_some_and(joins) || reaches_ascii(after)).then_some(ascii)
}

/// Says whether letters that look Latin lead up to letters that are.
fn reaches_ascii(mut after: &[u8]) -> bool {
    const FAR: usize = 12;
    for _ in 0..FAR {
        match decoded(after) {
            Some(character) if character.is_ascii_alphanumeric() || character == '@' => {
                return true;
            }
            Some(character) if alike(AMONG_LETTERS, character).is_some() => {
                after = &after[character.len_utf8()..];
            }
            _ => return false,
        }
    }
    false
}

/// What letters look like, by their numbers: as letters, and among digits.
static LOOKS: LazyLock<Vec<[u8; 2]>> = LazyLock::new(|| {
    let mut looks = vec![[0; 2]; BEYOND];
    for (place, pairs) in [LOOK_ALIKES, DIGIT_ALIKES].into_iter().enumerate() {
        let letters: Vec<char> = pairs.chars().filter(|letter| !letter.is_whitespace()).collect();
        for pair in letters.chunks_exact(2) {
            looks[pair[0] as usize][place] = pair[1] as u8;
        }
    }
    looks
});

/// No letter that looks like a Latin one has a higher number.
const BEYOND: usize = 0x590;

/// Returns what a letter looks like: among letters, or among digits.
fn alike(among: usize, character: char) -> Option<u8> {
    let look = LOOKS.get(character as usize)?[among];
    (look != 0).then_some(look)
}
