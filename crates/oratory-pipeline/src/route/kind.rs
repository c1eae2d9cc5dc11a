//! What kind of task a request is, told from its form and a few words.
//!
//! Guesses only where nothing was learnt on this machine lean on it, so it is quick and coarse.

use std::collections::HashMap;
use std::sync::LazyLock;

use oratory_catalogue::Kind;
use oratory_contract::{Asked, Form, Role};

/// How much of the question is looked at, in bytes.
const LOOK: usize = 1024;

/// What words tell of, in the order of the columns below.
const TRANSLATION: usize = 0;
const CODE: usize = 1;
const EXTRACTION: usize = 2;
const REASONING: usize = 3;

const WORDS: [&str; 4] = [
    "translate translation translated übersetze übersetzen übersetzung traduis traduire traduce traducir traduci vertaal traduza",
    "code function python rust javascript typescript java c++ sql regex bug compile script refactor api algorithm class bash golang html css stacktrace program programm",
    "extract json csv fields classify categorize label table extrahiere extrais extrae parse entities sentiment",
    "solve prove calculate compute probability equation integral derivative percent altogether remaining deduce therefore puzzle berechne beweise calcule calcula",
];

static KNOWN: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| {
    let columns = WORDS.iter().enumerate();
    columns.flat_map(|(column, words)| words.split(' ').map(move |word| (word, column))).collect()
});

/// Returns the kind of task a request is, of which this was asked last.
pub(super) fn kind(asked: &Asked, question: &str) -> Kind {
    if asked.media().next().is_some() {
        return Kind::Vision;
    }
    let question = &question[..question.floor_char_boundary(LOOK)];
    let Words { told, numbers } = Words::of(question);
    match () {
        () if told[TRANSLATION] > 0 => Kind::Translation,
        () if matches!(asked.form, Form::Schema(_) | Form::Json) => Kind::Extraction,
        () if question.contains("```") || told[CODE] >= 2 => Kind::Code,
        () if numbers >= 3 || told[REASONING] > 0 || chooses(question) => Kind::Reasoning,
        () if told[EXTRACTION] > 0 => Kind::Extraction,
        () if told[CODE] > 0 => Kind::Code,
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

/// What the words of a text tell: how many of each column, and how many are numbers.
#[derive(Default)]
struct Words {
    told: [usize; WORDS.len()],
    numbers: usize,
}

impl Words {
    fn of(text: &str) -> Self {
        let (mut words, mut small) = (Self::default(), String::new());
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '+') {
            if word.is_empty() {
                continue;
            }
            words.numbers += usize::from(word.bytes().all(|byte| byte.is_ascii_digit()));
            small.clear();
            small.extend(word.chars().flat_map(char::to_lowercase));
            if let Some(column) = KNOWN.get(small.as_str()) {
                words.told[*column] += 1;
            }
        }
        words
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
            let asked = Asked::new("cli".into(), Wanted::Any, messages);
            kind(&asked, question(&asked))
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
