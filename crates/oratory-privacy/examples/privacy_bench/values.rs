//! Private values of many kinds and formats, made at random with arithmetic of their own.
//!
//! Written beside the detector, not from it: what both got wrong would show nowhere.

use oratory_privacy::Kind;

use crate::draw::Draw;

/// A value, how it is written, and what it is.
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) format: &'static str,
}

type Make = fn(&mut Draw) -> (String, &'static str);

/// Every kind with a maker, in the order of drawing.
pub(crate) const MAKERS: &[(Kind, Make)] = &[
    (Kind::Card, card),
    (Kind::Email, email),
    (Kind::Iban, iban),
    (Kind::IpAddress, address),
    (Kind::Phone, phone),
    (Kind::Url, url),
    (Kind::Ssn, ssn),
    (Kind::DrivingLicence, licence),
    (Kind::Passport, passport),
    (Kind::NationalId, national),
    (Kind::TaxId, tax),
    (Kind::HealthId, health),
    (Kind::MacAddress, mac),
    (Kind::Wallet, wallet),
    (Kind::Coordinates, position),
    (Kind::Vehicle, plate),
    (Kind::Account, account),
    (Kind::BirthDate, birth),
];

pub(crate) fn value(draw: &mut Draw) -> Value {
    let (kind, make) = MAKERS[draw.below(MAKERS.len())];
    let (text, format) = make(draw);
    Value { kind, text, format }
}

fn sum_of(digits: &str, weights: &[u32]) -> u32 {
    digits.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum()
}

fn with_luhn(mut digits: String) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            if at % 2 == 0 { (digit * 2) / 10 + (digit * 2) % 10 } else { digit }
        })
        .sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    digits
}

fn grouped(digits: &str, lengths: &[usize], sign: &str) -> String {
    let mut rest = digits;
    let mut parts = Vec::new();
    for length in lengths {
        let (part, more) = rest.split_at(*length);
        parts.push(part);
        rest = more;
    }
    parts.join(sign)
}

fn card(draw: &mut Draw) -> (String, &'static str) {
    let (head, length) =
        [("4", 16), ("53", 16), ("2412", 16), ("37", 15), ("6011", 16), ("3530", 16), ("36", 14)]
            [draw.below(7)];
    let digits = with_luhn(format!("{head}{}", draw.digits(length - 1 - head.len())));
    let groups: &[usize] = match length {
        16 => &[4, 4, 4, 4],
        15 => &[4, 6, 5],
        _ => &[4, 6, 4],
    };
    match draw.below(4) {
        0 => (digits, "card, bare"),
        1 => (grouped(&digits, groups, " "), "card, blanks"),
        2 => (grouped(&digits, groups, "-"), "card, dashes"),
        _ => (grouped(&digits, groups, "."), "card, dots"),
    }
}

fn email(draw: &mut Draw) -> (String, &'static str) {
    let name = draw.one(&[
        "ada",
        "li.wei",
        "jose_m",
        "o.brien",
        "k-van-dam",
        "sören",
        "x12",
        "noreply+tag",
    ]);
    let host = draw.one(&[
        "example",
        "mail.example",
        "my-company",
        "univ-lyon1",
        "bücher",
        "sub.dept.example",
    ]);
    let end = draw.one(&["com", "org", "co.uk", "de", "fr", "io", "museum", "com.br"]);
    (format!("{name}{}@{host}.{end}", draw.below(90)), "e-mail")
}

fn iban(draw: &mut Draw) -> (String, &'static str) {
    let (country, mask) = [
        ("DE", "##################"),
        ("GB", "AAAA##############"),
        ("FR", "####################A##"),
        ("NL", "AAAA##########"),
        ("ES", "####################"),
        ("IT", "A######################"),
        ("NO", "###########"),
        ("CH", "#################"),
    ][draw.below(8)];
    let body = draw.mask(mask);
    let rest = format!("{body}{country}00").bytes().fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    let whole = format!("{country}{:02}{body}", 98 - rest);
    if draw.below(2) == 0 {
        return (whole, "IBAN, bare");
    }
    let parts: Vec<String> =
        whole.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    (parts.join(if draw.below(4) == 0 { "-" } else { " " }), "IBAN, in fours")
}

fn address(draw: &mut Draw) -> (String, &'static str) {
    if draw.below(3) > 0 {
        let part = |draw: &mut Draw| 20 + draw.below(230);
        return (format!("{}.{}.{}.{}", part(draw), part(draw), part(draw), part(draw)), "IPv4");
    }
    let group = |draw: &mut Draw| draw.signs("0123456789abcdef", 4);
    let groups: Vec<String> = (0..8).map(|_| group(draw)).collect();
    match draw.below(2) {
        0 => (groups.join(":"), "IPv6"),
        _ => (format!("2001:db8:{}::{}", groups[0], groups[1]), "IPv6, shortened"),
    }
}

fn phone(draw: &mut Draw) -> (String, &'static str) {
    const MASKS: &[(&str, &str)] = &[
        ("(N##) N##-####", "US, brackets"),
        ("N##-N##-####", "US, dashes"),
        ("N##.N##.####", "US, dots"),
        ("+1-N##-N##-####", "US, international"),
        ("001-N##-N##-####x###", "US, with extension"),
        ("+1 (N##) N##-####", "US, international, brackets"),
        ("N##-N##-#### ext. ###", "US, ext."),
        ("+44 20 N### ####", "UK, international"),
        ("07### ######", "UK, mobile"),
        ("(020) N### ####", "UK, brackets"),
        ("+49 30 N#######", "DE, international"),
        ("0171/#######", "DE, slash"),
        ("+49 (0)89 ######", "DE, (0)"),
        ("0# ## ## ## ##", "FR"),
        ("+33 6 ## ## ## ##", "FR, international"),
        ("+34 6## ### ###", "ES"),
        ("+39 06 #######", "IT"),
        ("+31 6 ########", "NL"),
        ("+91 N#### #####", "IN"),
        ("+81-90-####-####", "JP"),
        ("+55 (11) 9####-####", "BR"),
        ("0412 ### ###", "AU"),
    ];
    let (mask, format) = MASKS[draw.below(MASKS.len())];
    let mask = if mask.starts_with("0# ") { "01 ## ## ## ##" } else { mask };
    (draw.mask(mask), format)
}

fn url(draw: &mut Draw) -> (String, &'static str) {
    let host = draw.one(&["example", "my-site", "shop.example", "blog.anna-berg"]);
    let end = draw.one(&["com", "org", "net", "de", "co.uk", "io"]);
    let path = draw.one(&["", "/", "/about", "/a/b?x=1&y=2", "/posts/2024/05/why.html#top"]);
    match draw.below(3) {
        0 => (format!("https://{host}.{end}{path}"), "URL, https"),
        1 => (format!("http://www.{host}.{end}{path}"), "URL, http"),
        _ => (format!("www.{host}.{}{path}", if end == "co.uk" { "com" } else { end }), "URL, www"),
    }
}

fn ssn(draw: &mut Draw) -> (String, &'static str) {
    let digits =
        format!("{:03}{:02}{:04}", 1 + draw.below(665), 1 + draw.below(99), 1 + draw.below(9999));
    match draw.below(4) {
        0 => (digits, "SSN, bare"),
        1 => (grouped(&digits, &[3, 2, 4], " "), "SSN, blanks"),
        2 => (grouped(&digits, &[3, 2, 4], "."), "SSN, dots"),
        _ => (grouped(&digits, &[3, 2, 4], "-"), "SSN, dashes"),
    }
}

fn licence(draw: &mut Draw) -> (String, &'static str) {
    let mask = draw.one(&[
        "A#######",
        "########",
        "#########",
        "A############",
        "AA######",
        "A##-##-####",
        "A###-####-####",
        "WDL##A###B#",
    ]);
    (draw.mask(mask), "licence")
}

fn passport(draw: &mut Draw) -> (String, &'static str) {
    let mask = draw.one(&["#########", "A########", "AA#######", "C##A###A#", "##AA#####"]);
    (draw.mask(mask), "passport")
}

fn national(draw: &mut Draw) -> (String, &'static str) {
    match draw.below(6) {
        0 => {
            let number = draw.below(100_000_000);
            let letter = b"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] as char;
            (format!("{number:08}{letter}"), "Spanish DNI")
        }
        1 => (
            format!("{} {}", draw.one(&["AB", "CE", "JG", "PW"]), draw.mask("## ## ## C")),
            "UK NINO",
        ),
        2 => {
            let body = draw.digits(9);
            let first = sum_of(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
            let second =
                sum_of(&format!("{body}{first}"), &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
            let parts = grouped(&body, &[3, 3, 3], ".");
            (format!("{parts}-{first}{second}"), "Brazilian CPF")
        }
        3 => {
            let body = format!(
                "{:02}{:02}{:02}{}",
                draw.below(99),
                1 + draw.below(12),
                1 + draw.below(28),
                draw.digits(4)
            );
            let check = (10 - sum_of(&body, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
            (format!("{body}{check}"), "Polish PESEL")
        }
        4 => {
            let first = format!(
                "{:02}{:02}{:02}{}",
                draw.below(99),
                1 + draw.below(12),
                1 + draw.below(28),
                draw.digits(3)
            );
            let number: u64 = first.parse().unwrap_or(0);
            let whole = format!("{first}{:02}", 97 - number % 97);
            (
                format!(
                    "{}.{}.{}-{}.{}",
                    &whole[..2],
                    &whole[2..4],
                    &whole[4..6],
                    &whole[6..9],
                    &whole[9..]
                ),
                "Belgian number",
            )
        }
        _ => {
            let body = format!(
                "{:02}{:02}{:02}{}",
                1 + draw.below(28),
                1 + draw.below(12),
                draw.below(99),
                draw.digits(3)
            );
            let number: usize = body.parse().unwrap_or(0);
            let check = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] as char;
            (format!("{}-{}{check}", &body[..6], &body[6..]), "Finnish code")
        }
    }
}

fn tax(draw: &mut Draw) -> (String, &'static str) {
    match draw.below(3) {
        0 => (draw.mask("AAAPA####A"), "Indian PAN"),
        1 => {
            let body = draw.digits(8);
            let body = format!("1{}", &body[..7]);
            let rest = sum_of(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (format!("{body}{}", if rest < 2 { 0 } else { 11 - rest }), "Portuguese NIF")
        }
        _ => {
            let body = draw.digits(11);
            let all = format!("{}1", &body[..11]);
            let digits = with_luhn(all[..10].to_owned());
            (digits, "Italian partita IVA")
        }
    }
}

fn health(draw: &mut Draw) -> (String, &'static str) {
    loop {
        let body = draw.digits(9);
        let check = (11 - sum_of(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        if check < 10 {
            return (grouped(&format!("{body}{check}"), &[3, 3, 4], " "), "NHS number");
        }
    }
}

fn mac(draw: &mut Draw) -> (String, &'static str) {
    let pairs: Vec<String> = (0..6).map(|_| draw.signs("0123456789ABCDEF", 2)).collect();
    (pairs.join(if draw.below(2) == 0 { ":" } else { "-" }), "MAC")
}

fn wallet(draw: &mut Draw) -> (String, &'static str) {
    (format!("0x{}", draw.signs("0123456789abcdefABCDEF", 40)), "Ethereum")
}

fn position(draw: &mut Draw) -> (String, &'static str) {
    (
        format!("{}.{}, -{}.{}", draw.below(89), draw.digits(5), draw.below(179), draw.digits(6)),
        "position",
    )
}

fn plate(draw: &mut Draw) -> (String, &'static str) {
    let mask = draw.one(&["AAA-####", "#AAA###", "AA## AAA", "A-AA ####", "AA-###-AA", "#### AAA"]);
    (draw.mask(mask), "plate")
}

fn account(draw: &mut Draw) -> (String, &'static str) {
    let length = 8 + draw.below(5);
    (format!("1{}", draw.digits(length)), "account")
}

fn birth(draw: &mut Draw) -> (String, &'static str) {
    let (day, month, year) = (1 + draw.below(28), 1 + draw.below(12), 1930 + draw.below(80));
    let name = draw.one(&["January", "March", "July", "Oktober", "décembre", "agosto"]);
    match draw.below(4) {
        0 => (format!("{year}-{month:02}-{day:02}"), "birth, ISO"),
        1 => (format!("{month:02}/{day:02}/{year}"), "birth, slashes"),
        2 => (format!("{day}.{month}.{year}"), "birth, dots"),
        _ => (format!("{day} {name} {year}"), "birth, named"),
    }
}
