//! What kind of task a request is, told from its form and a few words.
//!
//! Guesses only where nothing was learnt on this machine lean on it, so it is quick and coarse.

use oratory_catalogue::Kind;
use oratory_contract::{Asked, Form, Role};

/// How much of the question is looked at, in bytes.
const LOOK: usize = 4096;

const TRANSLATION: [&str; 12] = [
    "translate",
    "translation",
    "übersetze",
    "übersetzen",
    "übersetzung",
    "traduis",
    "traduire",
    "traduce",
    "traducir",
    "traduci",
    "vertaal",
    "traduza",
];
const CODE: [&str; 24] = [
    "code",
    "function",
    "python",
    "rust",
    "javascript",
    "typescript",
    "java",
    "c++",
    "sql",
    "regex",
    "bug",
    "compile",
    "script",
    "refactor",
    "api",
    "algorithm",
    "class",
    "bash",
    "unit",
    "golang",
    "html",
    "css",
    "stacktrace",
    "programm",
];
const EXTRACTION: [&str; 14] = [
    "extract",
    "json",
    "csv",
    "fields",
    "classify",
    "categorize",
    "label",
    "table",
    "extrahiere",
    "extrais",
    "extrae",
    "parse",
    "entities",
    "sentiment",
];
const REASONING: [&str; 18] = [
    "solve",
    "prove",
    "calculate",
    "compute",
    "probability",
    "equation",
    "integral",
    "derivative",
    "percent",
    "altogether",
    "remaining",
    "deduce",
    "therefore",
    "puzzle",
    "berechne",
    "beweise",
    "calcule",
    "calcula",
];

/// Returns the kind of task a request is.
pub(super) fn kind(asked: &Asked) -> Kind {
    if asked.media().next().is_some() {
        return Kind::Vision;
    }
    let question = question(asked);
    let question = &question[..question.floor_char_boundary(LOOK)];
    let words = Words::of(question);
    match () {
        () if words.any(&TRANSLATION) => Kind::Translation,
        () if matches!(asked.form, Form::Schema(_) | Form::Json) => Kind::Extraction,
        () if question.contains("```") || words.count(&CODE) >= 2 => Kind::Code,
        () if words.numbers >= 3 || words.any(&REASONING) || chooses(question) => Kind::Reasoning,
        () if words.any(&EXTRACTION) => Kind::Extraction,
        () if words.any(&CODE) => Kind::Code,
        () => Kind::Chat,
    }
}

/// Returns what was asked last.
pub(super) fn question(asked: &Asked) -> &str {
    let mut asks = asked.messages.iter().rev().filter(|message| message.role == Role::User);
    asks.next().map_or("", |message| message.content.as_str())
}

/// Says whether answers are offered to choose from.
fn chooses(question: &str) -> bool {
    let offered = |line: &&str| {
        let line = line.trim_start().trim_start_matches('(');
        matches!(line.as_bytes(), [b'A'..=b'D', b'.' | b')', b' ', ..])
    };
    question.lines().filter(offered).count() >= 3
}

/// The words of a text, in small letters.
struct Words {
    words: Vec<String>,
    numbers: usize,
}

impl Words {
    fn of(text: &str) -> Self {
        let apart = |c: char| !c.is_alphanumeric() && c != '+';
        let words = text.split(apart).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(str::to_lowercase).collect();
        let numbers =
            words.iter().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit())).count();
        Self { words, numbers }
    }

    fn count(&self, known: &[&str]) -> usize {
        self.words.iter().filter(|word| known.contains(&word.as_str())).count()
    }

    fn any(&self, known: &[&str]) -> bool {
        self.count(known) > 0
    }
}

#[cfg(test)]
mod tests {
    use oratory_contract::{Message, Wanted};

    use super::*;

    #[test]
    fn kinds_are_told_by_what_is_asked_last() {
        let of = |text: &str| {
            let messages = vec![
                Message::new(Role::User, "Translate this into French."),
                Message::new(Role::Assistant, "Bonjour."),
                Message::new(Role::User, text),
            ];
            kind(&Asked::new("cli".into(), Wanted::Any, messages))
        };
        for (text, kind) in [
            ("Tell me about the sea.", Kind::Chat),
            ("Bitte übersetze das ins Englische: Guten Tag", Kind::Translation),
            ("Write a Python function that sorts a list", Kind::Code),
            ("```\nfn main() {}\n```\nWhy?", Kind::Code),
            ("Ann has 3 apples, eats 1 and buys 12. How many?", Kind::Reasoning),
            ("Which?\nA) one\nB) two\nC) three\nD) four", Kind::Reasoning),
            ("Extract the names from this text: Bob met Eve.", Kind::Extraction),
            ("", Kind::Chat),
        ] {
            assert_eq!(of(text), kind, "{text}");
        }
    }
}
