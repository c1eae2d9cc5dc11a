//! The shapes of private things that a pattern can tell.
//!
//! One automaton reads the text once for all of them; `find` decides what a match means.

use std::sync::LazyLock;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use crate::Kind;

/// What each pattern finds, in the order of the automaton's pattern numbers. Where two match
/// at one place, the earlier wins. Bytes, not characters: `\xc2-\xd4` begin the two-byte letters
/// of Latin, Greek and Cyrillic, which come as a pair so that no character is split.
const PATTERNS: &[(Kind, &str)] = &[
    // The first line only; `find` looks for the last.
    (Kind::PrivateKey, r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"),
    // Published shapes: OpenAI and Anthropic, Stripe, AWS, GitHub, GitLab, Slack, Google, npm,
    // PyPI, Hugging Face, Groq, xAI, SendGrid, Telegram, and three-part web tokens.
    (Kind::ApiKey, r"(?:\b|_)sk-[A-Za-z0-9_\-]{20,}"),
    (Kind::ApiKey, r"(?:\b|_)[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    (Kind::ApiKey, r"(?:\b|_)(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    (Kind::ApiKey, r"(?:\b|_)gh[pousr]_[A-Za-z0-9]{36,}"),
    (Kind::ApiKey, r"(?:\b|_)github_pat_[A-Za-z0-9_]{22,}"),
    (Kind::ApiKey, r"(?:\b|_)gl(?:pat|ptt|rt|dt|soat|ft|cbt)-[A-Za-z0-9_\-]{20,}"),
    (Kind::ApiKey, r"(?:\b|_)xox[abeoprs]-[A-Za-z0-9\-]{10,}"),
    (Kind::ApiKey, r"(?:\b|_)AIza[A-Za-z0-9_\-]{35}"),
    (Kind::ApiKey, r"(?:\b|_)ya29\.[A-Za-z0-9_\-]{20,}"),
    (Kind::ApiKey, r"(?:\b|_)npm_[A-Za-z0-9]{36}"),
    (Kind::ApiKey, r"(?:\b|_)pypi-[A-Za-z0-9_\-]{50,}"),
    (Kind::ApiKey, r"(?:\b|_)hf_[A-Za-z0-9]{30,}"),
    (Kind::ApiKey, r"(?:\b|_)gsk_[A-Za-z0-9]{40,}"),
    (Kind::ApiKey, r"(?:\b|_)xai-[A-Za-z0-9]{40,}"),
    (Kind::ApiKey, r"(?:\b|_)SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{32,}"),
    (Kind::ApiKey, r"\b[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}"),
    (Kind::ApiKey, r"(?:\b|_)eyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}"),
    // The sign between may be written in full width, or escaped for a URL or for JSON.
    (
        Kind::Email,
        r"(?:[A-Za-z0-9._%+'\-]|[\xc2-\xd4][\x80-\xbf])+(?:@|%40|\\u0040|\xef\xbc\xa0)(?:(?:[A-Za-z0-9\-]|[\xc2-\xd4][\x80-\xbf])+\.)+(?:[A-Za-z]|[\xc2-\xd4][\x80-\xbf]){2,}",
    ),
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
