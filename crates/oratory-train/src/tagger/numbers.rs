//! Dates, telephone numbers, numbers of accounts, and numbers that mean nothing.

use super::chance::Chance;

/// Returns this many digits.
pub(crate) fn digits(count: usize, chance: &mut Chance) -> String {
    (0..count).map(|_| char::from(b'0' + chance.below(10) as u8)).collect()
}

/// Returns this many capital letters.
pub(crate) fn capitals(count: usize, chance: &mut Chance) -> String {
    (0..count).map(|_| char::from(b'A' + chance.below(26) as u8)).collect()
}

pub(crate) fn hexadecimal(count: usize, chance: &mut Chance) -> String {
    (0..count).map(|_| char::from(b"0123456789abcdef"[chance.below(16)])).collect()
}

/// Writes a number by a pattern: `0` is a digit, `A` a capital letter, `x` a hexadecimal digit,
/// `?` a capital or a digit, and everything else itself.
pub(crate) fn patterned(pattern: &str, chance: &mut Chance) -> String {
    let each = pattern.chars().map(|sign| match sign {
        '0' => digits(1, chance),
        'A' => capitals(1, chance),
        'x' => hexadecimal(1, chance),
        '?' if chance.percent(50) => digits(1, chance),
        '?' => capitals(1, chance),
        other => other.to_string(),
    });
    each.collect()
}

const ACCOUNTS: [(usize, &str); 44] = [
    (8, "00000000"),
    (6, "000000000"),
    (6, "0000000000"),
    (4, "000000000000"),
    (3, "000000"),
    (2, "00000"),
    (6, "000-00-0000"),
    (2, "000 00 0000"),
    (3, "AA000000"),
    (4, "AA-000000"),
    (3, "AAA-00000"),
    (3, "A00000000"),
    (2, "AA0000000"),
    (2, "0000-0000-0000"),
    (2, "0000 0000 0000"),
    (3, "0000 0000 0000 0000"),
    (2, "0000-0000-0000-0000"),
    (2, "0000000000000000"),
    (3, "DE00 0000 0000 0000 0000 00"),
    (2, "DE00000000000000000000"),
    (2, "FR00 0000 0000 0000 0000 0000 000"),
    (2, "ES00 0000 0000 0000 0000 0000"),
    (2, "IT00 A000 0000 0000 0000 0000 000"),
    (2, "NL00 AAAA 0000 0000 00"),
    (2, "GB00AAAA00000000000000"),
    (2, "PT00000000000000000000000"),
    (2, "00-00-00 00000000"),
    (3, "???????????"),
    (3, "?????????????????"),
    (2, "AA 00 00 00 A"),
    (2, "00000000A"),
    (2, "A-0000000-A"),
    (2, "AAAAAA00A00A000A"),
    (3, "000.000.000-00"),
    (2, "00.000.000/0000-00"),
    (2, "AAA 0000"),
    (2, "AAA-0000"),
    (2, "A-AA 0000"),
    (2, "0 00 00 00 000 000 00"),
    (2, "00 000 000 000"),
    (2, "AAAAAA0A"),
    (2, "00:xx:xx:xx:xx:0x"),
    (2, "0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    (2, "00/000/00000"),
];

/// Returns a number that points to an account, a contract or a person.
pub(crate) fn account(chance: &mut Chance) -> String {
    let pattern = *chance.weighted(&ACCOUNTS);
    patterned(pattern, chance)
}

/// Returns a telephone number as it is written where the language is spoken.
pub(crate) fn phone(language: &str, chance: &mut Chance) -> String {
    let own: &[&str] = match language {
        "de" => &[
            "030 0000000",
            "+49 170 0000000",
            "0000/000000",
            "+49 (0)89 000000",
            "0170-0000000",
            "0049 221 000000",
        ],
        "fr" => &[
            "06 00 00 00 00",
            "+33 6 00 00 00 00",
            "01.00.00.00.00",
            "0600000000",
            "+33 (0)1 00 00 00 00",
        ],
        "es" => {
            &["600 00 00 00", "+34 600 000 000", "91 000 00 00", "+52 55 0000 0000", "600000000"]
        }
        "it" => &["333 0000000", "+39 02 0000000", "06 00000000", "+39 333 000 0000", "02-000000"],
        "pt" => &[
            "(11) 90000-0000",
            "+55 11 90000-0000",
            "+351 910 000 000",
            "91 000 00 00",
            "21 0000-0000",
        ],
        "nl" => &["06-00000000", "+31 6 00000000", "020 000 0000", "06 00 00 00 00", "010-0000000"],
        _ => &[
            "(000) 000-0000",
            "000-000-0000",
            "000.000.0000",
            "+1 000 000 0000",
            "+1-000-000-0000",
            "07000 000000",
            "+44 20 0000 0000",
            "020 0000 0000",
            "000-0000",
            "(000)000-0000 x000",
            "0000000000",
            "+91 00000 00000",
        ],
    };
    patterned(chance.word(own), chance)
}

pub(crate) fn time(chance: &mut Chance) -> String {
    let (hour, minute) = (chance.below(24), chance.below(60));
    match chance.below(6) {
        0 => format!("{}{}", chance.between(1, 12), chance.pick(&["pm", "am", " p.m.", " AM"])),
        1 => format!("{hour:02}:{minute:02}:{:02}", chance.below(60)),
        2 => format!("{hour}h{minute:02}"),
        3 => format!("{hour:02}.{minute:02}"),
        _ => format!("{hour:02}:{minute:02}"),
    }
}

pub(crate) fn money(chance: &mut Chance) -> String {
    let amount = chance.between(1, 99999);
    let sign = *chance.pick(&["$", "€", "£"]);
    match chance.below(7) {
        0 => format!("{sign}{amount}"),
        1 => format!("{sign}{}.{:02}", amount, chance.below(100)),
        2 => format!(
            "{amount} {}",
            chance.pick(&["EUR", "USD", "Euro", "euros", "dollars", "R$", "€"])
        ),
        3 => format!("{},{:02} €", amount, chance.below(100)),
        4 => format!("{sign}{},{}", amount / 1000 + 1, digits(3, chance)),
        5 => format!("{}.{} €", amount / 1000 + 1, digits(3, chance)),
        _ => format!("{amount}.{:02}", chance.below(100)),
    }
}

/// Returns a number as it stands in ordinary text.
pub(crate) fn small(chance: &mut Chance) -> String {
    match chance.below(10) {
        0..=5 => chance.between(1, 120).to_string(),
        6..=7 => chance.between(1, 9999).to_string(),
        8 => format!("{}.{}", chance.below(100), chance.below(1000)),
        _ => chance.between(1900, 2030).to_string(),
    }
}

/// Returns the number of a ticket, a version, an order.
pub(crate) fn reference(chance: &mut Chance) -> String {
    let pattern = *chance.pick(&[
        "#000",
        "#0000",
        "#00000",
        "v0.00.0",
        "0.0.0",
        "0.00",
        "AAA-000",
        "AA-0000",
        "PR-0000",
        "ORD-00000",
        "R0000",
        "INC0000000",
        "00-000",
        "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx",
        "A0",
        "000000",
        "20000000-00",
        "0000",
    ]);
    patterned(pattern, chance)
}

pub(crate) fn network(chance: &mut Chance) -> String {
    format!(
        "{}.{}.{}.{}",
        chance.below(255),
        chance.below(255),
        chance.below(255),
        chance.below(255)
    )
}

/// Returns a date between two years as it is written in a language.
pub(crate) fn date(
    language: &str,
    months: &[&str],
    short: &[&str],
    (first, last): (usize, usize),
    chance: &mut Chance,
) -> String {
    let (day, month, year) = (chance.between(1, 28), chance.below(12), chance.between(first, last));
    let (number, name) = (month + 1, months[month]);
    let english = language == "en";
    match chance.below(14) {
        0 | 1 => format!("{year}-{number:02}-{day:02}"),
        2 | 3 if english => format!("{number:02}/{day:02}/{year}"),
        4 if english => format!("{number}/{day}/{:02}", year % 100),
        5 | 6 if english => format!("{name} {day}, {year}"),
        7 if english => format!("{} {day}, {year}", short[month]),
        8 if english => format!("{day} {name} {year}"),
        9 if english => format!("{name} {day}{}, {year}", chance.pick(&["th", "st", "nd", "rd"])),
        2..=4 if language == "de" => format!("{day}. {name} {year}"),
        5 | 6 if language == "de" => format!("{day:02}.{number:02}.{year}"),
        2..=4 if matches!(language, "es" | "pt") => format!("{day} de {name} de {year}"),
        2..=4 => format!("{day} {name} {year}"),
        5..=7 => format!("{day:02}/{number:02}/{year}"),
        8 => format!("{day}.{number}.{year}"),
        9 => format!("{day:02}-{number:02}-{year}"),
        10 => format!("{day:02}.{number:02}.{:02}", year % 100),
        11 => format!("{day:02} {} {year}", short[month]),
        12 => format!("{day}/{number}/{year}"),
        _ if first > 2000 => format!("{day} {name}"),
        _ => format!("{day:02}/{number:02}/{:02}", year % 100),
    }
}

/// Returns the address of a page.
pub(crate) fn link(one: &str, other: &str, chance: &mut Chance) -> String {
    let scheme = *chance.pick(&["https://", "http://", "https://www.", "www.", "http://"]);
    let end =
        *chance.pick(&["com", "org", "net", "io", "co", "de", "fr", "es", "it", "nl", "co.uk"]);
    match chance.below(6) {
        0 => format!("http://t.co/{}", patterned("??x?0x?x", chance)),
        1 => format!("https://bit.ly/{}", patterned("x?0?x?x", chance)),
        2 => format!("{scheme}{one}.{end}"),
        3 => format!("{scheme}{one}.{end}/{other}?id={}", small(chance)),
        4 => format!("{scheme}{one}{other}.{end}/{}/{other}.html", small(chance)),
        _ => format!("{scheme}{one}.{end}/{other}/{one}"),
    }
}
