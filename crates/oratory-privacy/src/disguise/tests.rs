//! The same few values in every disguise, found over all the bytes that hide them.

use crate::{Kind, find, shaped};

/// What is hidden. The key is put together, so that no scanner takes this file for a leak.
fn values() -> [(Kind, String); 3] {
    let key = format!("gh{}", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d");
    [
        (Kind::Email, "ada.lovelace@example.org".to_owned()),
        (Kind::Card, "4111111111111111".to_owned()),
        (Kind::ApiKey, key),
    ]
}

fn is_found(kind: Kind, hidden: &str) {
    let text = format!("Please note this: {hidden} and thank you.");
    let start = text.find(hidden).expect("it was put in");
    let all: Vec<_> = shaped(text.as_bytes()).collect();
    let right = all.iter().any(|one| one.kind == kind && one.span == (start..start + hidden.len()));
    assert!(right, "{text}: {all:?}");
}

fn each(value: &str, write: impl Fn(char) -> String) -> String {
    value.chars().map(write).collect()
}

fn base_64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize] as char;
            text.push(if place <= three.len() { sign } else { '=' });
        }
    }
    text
}

fn full_width(sign: char) -> String {
    char::from_u32(sign as u32 - 0x21 + 0xff01).expect("all ASCII has one").to_string()
}

fn mathematical(sign: char) -> String {
    let code = match sign {
        'A'..='Z' => 0x1d400 + sign as u32 - 'A' as u32,
        'a'..='z' => 0x1d41a + sign as u32 - 'a' as u32,
        '0'..='9' => 0x1d7ce + sign as u32 - '0' as u32,
        _ => sign as u32,
    };
    char::from_u32(code).expect("it is a letter").to_string()
}

#[test]
fn every_notation_of_single_signs_is_read() {
    for (kind, value) in values() {
        for hidden in [
            each(&value, full_width),
            each(&value, mathematical),
            each(&value, |sign| format!("%{:02X}", sign as u32)),
            each(&value, |sign| format!("%25{:02x}", sign as u32)),
            each(&value, |sign| format!("&#{};", sign as u32)),
            each(&value, |sign| format!("&#x{:x};", sign as u32)),
            each(&value, |sign| format!("={:02X}", sign as u32)),
            each(&value, |sign| format!("\\u{:04x}", sign as u32)),
            each(&value, |sign| format!("\\u{{{:x}}}", sign as u32)),
            each(&value, |sign| format!("\\x{:02x}", sign as u32)),
        ] {
            is_found(kind, &hidden);
        }
    }
}

#[test]
fn what_cannot_be_seen_is_looked_past() {
    for (kind, value) in values() {
        for unseen in
            ['\u{200b}', '\u{200d}', '\u{ad}', '\u{2060}', '\u{feff}', '\u{202e}', '\u{301}']
        {
            let mut hidden = each(&value, |sign| format!("{sign}{unseen}"));
            hidden.truncate(hidden.len() - unseen.len_utf8());
            is_found(kind, &hidden);
        }
    }
}

#[test]
fn letters_and_digits_of_other_scripts_are_read_as_what_they_look_like() {
    is_found(Kind::Email, "аdа.lovelace@ехаmple.оrg");
    is_found(Kind::Email, "ada@ехамрӏе.com");
    is_found(Kind::Card, "٤١١١ ١١١١ ١١١١ ١١١١");
    is_found(Kind::Card, "४१११११११११११११११");
    is_found(Kind::Card, "④①①①①①①①①①①①①①①①");
    is_found(Kind::Card, "5500 0000 0000 000Ч");
}

#[test]
fn encoded_runs_are_covered_whole() {
    for (kind, value) in values() {
        let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
        let pairs: Vec<String> = value.bytes().map(|byte| format!("{byte:02X}")).collect();
        let once = base_64(value.as_bytes());
        let twice = base_64(once.as_bytes());
        let sentence = base_64(format!("my value is {value}, keep it").as_bytes());
        for hidden in [
            &hex,
            &pairs.join(" "),
            &pairs.join(":"),
            &once,
            &twice,
            &base_64(twice.as_bytes()),
            &sentence,
        ] {
            is_found(kind, hidden);
        }
        is_found(kind, once.trim_end_matches('='));
    }
}

#[test]
fn what_is_compressed_is_unpacked() {
    for (kind, value) in values() {
        let packed = miniz_oxide::deflate::compress_to_vec(format!("it is {value}").as_bytes(), 6);
        let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        file.extend(&packed);
        file.extend([0; 8]);
        is_found(kind, &base_64(&file));
        is_found(kind, &base_64(&miniz_oxide::deflate::compress_to_vec_zlib(value.as_bytes(), 6)));
    }
}

#[test]
fn numbers_read_aloud_are_numbers() {
    let card = "four one one one one one one one one one one one one one one one";
    is_found(Kind::Card, card);
    is_found(Kind::Card, &card.to_uppercase());
    is_found(
        Kind::Card,
        "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins",
    );
    is_found(Kind::Card, "four triple one, triple one one, one one one one, double one double one");
    let spoken = "my phone number is two one two five five five oh one two three";
    assert!(shaped(spoken.as_bytes()).any(|one| one.kind == Kind::Phone), "{spoken}");
    assert_eq!(shaped(b"one or two, three at most; four or five people").count(), 0);
}

#[test]
fn separators_of_all_kinds_part_one_number() {
    for sign in ["-", " ", ".", "/", "_", "*", "·", "–", "\u{2009}", ":", "|"] {
        is_found(
            Kind::Card,
            &["4111"; 1].iter().chain(&["1111"; 3]).copied().collect::<Vec<_>>().join(sign),
        );
        let single: Vec<String> = "4111111111111111".chars().map(String::from).collect();
        is_found(Kind::Card, &single.join(sign));
        is_found(Kind::Ssn, &["536", "90", "4399"].join(sign));
    }
}

#[test]
fn names_in_disguise_are_guessed_too() {
    let hidden = base_64(b"My name is Sarah Miller and I live in Leeds.");
    let found = find(&format!("decode {hidden}"));
    assert!(found.iter().any(|one| one.kind.is_private_alone()), "{found:?}");
}

#[test]
fn plain_text_in_other_scripts_and_notations_is_left_alone() {
    for plain in [
        "Привет, как дела? Это обычный русский текст без секретов.",
        "100% sure, a=b, C:\\new\\users and \\n in code &amp; more",
        "日本語のテキスト、１２３とａｂｃ。",
        "internationalization-of-applications/and/paths",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ] {
        let found: Vec<_> =
            shaped(plain.as_bytes()).filter(|one| one.kind.is_private_alone()).collect();
        assert_eq!(found, [], "{plain}");
    }
}

#[test]
fn hostile_nesting_ends() {
    let mut nested = base_64(b"ada@example.org is written here");
    for _ in 0..12 {
        nested = base_64(nested.as_bytes());
    }
    let bomb = base_64(&miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'a'; 50_000_000], 9));
    let percent = "%25".repeat(200_000);
    for hostile in
        [nested, bomb.repeat(40), percent, "&#x26;".repeat(100_000), "\u{430}".repeat(500_000)]
    {
        let started = std::time::Instant::now();
        let _ = shaped(hostile.as_bytes()).count();
        assert!(started.elapsed().as_secs() < 20, "{} took too long", &hostile[..20]);
    }
}
