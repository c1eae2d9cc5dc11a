//! Names of programs that the tagger takes for names of people: `Qwen3`, `serde`, `Parser.parse`.
//!
//! Weak evidence only is thrown out: a name in full, or in quotes within code, stays.

use std::ops::Range;

use oratory_brains::tagger::Kind;

/// Where code is in a text, found out once for all guesses.
pub(super) struct Code {
    fenced: Vec<Range<usize>>,
}

impl Code {
    pub(super) fn of(text: &str) -> Self {
        let mut fences = memchr::memmem::find_iter(text.as_bytes(), b"```");
        let mut fenced = Vec::new();
        while let Some(open) = fences.next() {
            fenced.push(open..fences.next().unwrap_or(text.len()));
        }
        Self { fenced }
    }

    /// Says whether a guess is rather a name in a program.
    pub(super) fn has(&self, text: &str, span: &Range<usize>, kind: Kind) -> bool {
        let named = &text[span.clone()];
        let (before, after) = (&text[..span.start], &text[span.end..]);
        let one_word = !named.contains(char::is_whitespace);
        match kind {
            Kind::Person | Kind::Health | Kind::Address => {
                is_identifier(named) && kind == Kind::Person
                    || one_word && (is_joined(before, after) || is_ticked(before, after))
                    || one_word && is_declared(before)
                    || one_word && self.is_fenced(span) && !is_quoted(before)
            }
            Kind::UserName | Kind::Account => {
                one_word
                    && (is_called(after)
                        || is_declared(before)
                        || is_joined(before, after) && is_ticked_near(before))
            }
            _ => false,
        }
    }

    fn is_fenced(&self, span: &Range<usize>) -> bool {
        let at = self.fenced.partition_point(|fence| fence.end <= span.start);
        self.fenced.get(at).is_some_and(|fence| fence.start < span.start)
    }
}

/// Says whether a word of it has a digit or `_` in it, or a capital behind a small letter.
fn is_identifier(named: &str) -> bool {
    let camel = |word: &str| {
        let bytes = word.as_bytes();
        let turns = bytes
            .windows(2)
            .filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
        // McDonald and DeAngelo have one such place near their beginning.
        turns.count()
            > usize::from(bytes.len() > 4 && bytes[..4].iter().skip(2).any(u8::is_ascii_uppercase))
    };
    named
        .split_whitespace()
        .any(|word| word.contains(|sign: char| sign.is_ascii_digit() || sign == '_') || camel(word))
}

/// Says whether signs of a program stick to it: `name::b`, `name(x)`, `name.run(x)`, `_name`. Dots and
/// strokes alone do not count: `anna.berg` and `Anna/Peter` are people.
fn is_joined(before: &str, after: &str) -> bool {
    let rest = after
        .trim_start_matches(|sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '.' | '_'));
    let method = after.starts_with('.') && is_called(rest);
    before.ends_with("::")
        || before.ends_with(['_', '$'])
        || after.starts_with('_')
        || is_called(after)
        || method
}

/// Says whether it is called with something that is no age: `name(x)`, not `Anna (35)`.
fn is_called(after: &str) -> bool {
    let call = after
        .strip_prefix('(')
        .is_some_and(|rest| !rest.starts_with(|sign: char| sign.is_ascii_digit()));
    call || after.starts_with("::") || after.starts_with("!(")
}

/// Says whether it stands between back-quotes.
fn is_ticked(before: &str, after: &str) -> bool {
    before.ends_with('`') && after.starts_with('`')
}

/// Says whether a back-quote opened on the same line before it.
fn is_ticked_near(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.bytes().filter(|byte| *byte == b'`').count() % 2 == 1
}

/// Says whether a word of a programming language stands before it.
fn is_declared(before: &str) -> bool {
    // Not those that are words of English too: "let Sarah know".
    const WORDS: [&str; 12] = [
        "fn",
        "def",
        "struct",
        "enum",
        "impl",
        "var",
        "const",
        "crate",
        "crates",
        "mod",
        "func",
        "namespace",
    ];
    let trimmed = before.strip_suffix(' ').unwrap_or_default();
    let word = trimmed.rsplit(|sign: char| !sign.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.contains(&word)
}

/// Says whether a quote opened on the same line before it, or a comment.
fn is_quoted(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let quotes = line.bytes().filter(|byte| matches!(byte, b'"' | b'\'')).count();
    quotes % 2 == 1
        || line.contains("//")
        || line.contains('#')
        || line.contains("--")
        || line.contains("/*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_code(text: &str, named: &str) -> bool {
        let start = text.find(named).expect("it is there");
        Code::of(text).has(text, &(start..start + named.len()), Kind::Person)
    }

    #[test]
    fn names_of_programs_are_no_people() {
        for (text, named) in [
            ("run Qwen3 at home", "Qwen3"),
            ("the crate serde is used", "serde"),
            ("call `Martin` twice", "Martin"),
            ("Parser.parse(x)", "Parser"),
            ("use std::jordan;", "jordan"),
            ("```\nfor max in list {}\n```", "max"),
            ("in my_module_name", "my_module_name"),
        ] {
            assert!(is_code(text, named), "{text}");
        }
    }

    #[test]
    fn people_in_prose_in_quotes_and_in_comments_stay() {
        for (text, named) in [
            ("Please call Sarah Miller.", "Sarah Miller"),
            ("It was good. Martin came.", "Martin"),
            ("let Sarah know", "Sarah"),
            ("Anna/Peter came", "Anna"),
            ("Peter (35) and Anna", "Peter"),
            ("Ask Ronald McDonald today", "Ronald McDonald"),
            ("```\nname = \"Sarah\"\n```", "Sarah"),
            ("```\n// by Sarah Miller\n```", "Sarah Miller"),
        ] {
            assert!(!is_code(text, named), "{text}");
        }
    }
}
