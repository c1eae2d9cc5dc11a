//! The shapes of private things, and the arithmetic that tells a card number from any number.
//!
//! One automaton reads the text once for all of them; `find` decides what a match means.

use std::sync::LazyLock;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use crate::Kind;

/// What each pattern finds, in the order of the automaton's pattern numbers. Where two match
/// at one place, the earlier wins.
const PATTERNS: &[(Kind, &str)] = &[
    // A key without its end is still a key: the body is optional.
    (
        Kind::PrivateKey,
        r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,.\-]*?-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    // Published shapes: OpenAI and Anthropic, Stripe, AWS, GitHub, GitLab, Slack, Google, npm,
    // PyPI, Hugging Face, SendGrid, and three-part web tokens.
    (Kind::ApiKey, r"\bsk-[A-Za-z0-9_\-]{20,}"),
    (Kind::ApiKey, r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    (Kind::ApiKey, r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    (Kind::ApiKey, r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    (Kind::ApiKey, r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    (Kind::ApiKey, r"\bgl(?:pat|ptt|rt|dt|soat|ft|cbt)-[A-Za-z0-9_\-]{20,}"),
    (Kind::ApiKey, r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}"),
    (Kind::ApiKey, r"\bAIza[A-Za-z0-9_\-]{35}"),
    (Kind::ApiKey, r"\bnpm_[A-Za-z0-9]{36}"),
    (Kind::ApiKey, r"\bpypi-[A-Za-z0-9_\-]{50,}"),
    (Kind::ApiKey, r"\bhf_[A-Za-z0-9]{30,}"),
    (Kind::ApiKey, r"\bSG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,}"),
    (Kind::ApiKey, r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}"),
    (
        Kind::Email,
        r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.)+[A-Za-z]{2,24}",
    ),
    (Kind::Card, r"[0-9](?:[ \-.]?[0-9]){12,18}"),
];

/// Returns the automaton that matches all patterns in one pass over bytes.
pub(crate) fn automaton() -> &'static Regex {
    static AUTOMATON: LazyLock<Regex> = LazyLock::new(|| {
        let patterns: Vec<&str> = PATTERNS.iter().map(|(_, pattern)| *pattern).collect();
        Regex::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build_many(&patterns)
            .expect("the patterns are constants that the tests compile")
    });
    &AUTOMATON
}

/// Returns what the pattern with this number finds.
pub(crate) fn kind(number: usize) -> Kind {
    PATTERNS[number].0
}

/// Returns whether the digits form a card number: a known network, its length, and a check
/// digit that fits.
pub(crate) fn is_card(text: &[u8]) -> bool {
    let digits: Vec<u8> = text.iter().filter(|b| b.is_ascii_digit()).map(|b| b - b'0').collect();
    on_a_network(&digits) && luhn(&digits)
}

fn on_a_network(digits: &[u8]) -> bool {
    let head = |count: usize| digits.iter().take(count).fold(0_u32, |n, d| n * 10 + u32::from(*d));
    match digits.len() {
        13 | 19 => head(1) == 4 || head(4) == 6011 || matches!(head(3), 644..=649),
        14 => matches!(head(3), 300..=305) || matches!(head(2), 36 | 38 | 39),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(head(3), 644..=649)
                || matches!(head(2), 50 | 56..=58 | 60 | 63 | 67)
        }
        17 | 18 => matches!(head(2), 50 | 56..=58 | 62 | 63 | 67),
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let weighted = u32::from(*digit) * if at % 2 == 1 { 2 } else { 1 };
            weighted / 10 + weighted % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
