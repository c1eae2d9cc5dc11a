//! Guessing ahead, on and off: Oratory beside itself, at everyday work.
//!
//! Copying, editing and extracting repeat what the prompt says, which is where guessing pays; the rest
//! does not, where it must not cost. Timed is the writing, as the server tells it: with guessing the
//! first piece of an answer may hold several tokens, so the time between pieces says too much.

use std::path::{Path, PathBuf};

use oratory_brains::shipped::MINI;
use oratory_evals::everyday::{self, Case, Part, Split, Task};
use serde_json::{Value, json};

use crate::report::{Better, Report, Row};
use crate::server::Server;
use crate::talk::{ask, write};
use crate::turns::turns;
use crate::{Kind, Things, Trouble, Wishes};

/// Tokens of an answer at most.
const WRITTEN: u32 = 256;
/// Questions of each measurement: answers of a small model are short.
const QUESTIONS: u64 = 100;
/// Sentences of a long text.
const SENTENCES: u64 = 8;

/// Work for a model.
#[derive(Clone, Copy)]
enum Work {
    /// A case of the everyday suite.
    Everyday(Task),
    /// A text of several sentences, to be written again as it is.
    Long,
    /// A text that a large model is known to say, found in its prompt.
    Quote,
}

const ALL: [(&str, Work); 8] = [
    ("guess: copy and edit", Work::Everyday(Task::Copy)),
    ("guess: extract fields", Work::Everyday(Task::Fields)),
    ("guess: quote a long text", Work::Long),
    ("guess: translate", Work::Everyday(Task::Translate)),
    ("guess: calculate", Work::Everyday(Task::Arithmetic)),
    ("guess: call a tool", Work::Everyday(Task::Tool)),
    ("guess: chat", Work::Everyday(Task::Chat)),
    ("guess: quote, 400 million parameters", Work::Quote),
];

/// Measures what is wanted of it.
pub(crate) async fn all(
    things: &Things,
    wishes: &Wishes,
    report: &mut Report,
) -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let small = model(wishes, folder.path().join("mini.gguf"))?;
    let (quotes, others): (Vec<_>, Vec<_>) = ALL
        .into_iter()
        .filter(|(name, _)| name.contains(&wishes.only))
        .partition(|(_, work)| matches!(work, Work::Quote));
    for (model, wanted) in [(&small, others), (&things.telling, quotes)] {
        if !wanted.is_empty() {
            with(model, &wanted, things, wishes, report).await?;
        }
    }
    Ok(())
}

/// Measures with one model.
async fn with(
    model: &Path,
    wanted: &[(&'static str, Work)],
    things: &Things,
    wishes: &Wishes,
    report: &mut Report,
) -> Result<(), Trouble> {
    let mut servers = Vec::new();
    for kind in [Kind::Plain, Kind::Oratory] {
        let server = Server::start(kind, things, model, wishes.threads).await?;
        ask(&server, "Hello", 2).await?;
        servers.push(server);
    }
    let told = write(&servers[0], saying("Go on"), WRITTEN).await?.message;
    let told = told["content"].as_str().unwrap_or_default();
    for &(name, work) in wanted {
        let mut row = Row::new(name, Better::Higher);
        let mut texts = Vec::new();
        for turn in turns(name, wishes.trials, ["plain", "guessing"]) {
            let server = &servers[usize::from(turn.second)];
            let (mut took, mut tokens, mut said) = (0.0, 0.0, Vec::new());
            for number in 0..work.questions() {
                let number = u64::from(turn.number()) * QUESTIONS + number;
                let body = work.body(number, told);
                let written = write(server, body, WRITTEN).await?;
                took += written.seconds;
                tokens += written.tokens;
                said.push(written.message);
            }
            row.add(server.kind, tokens / took);
            texts.push(said);
        }
        for pair in texts.chunks_exact(2) {
            report.answers += pair[0].len();
            report.same += pair[0].iter().zip(&pair[1]).filter(|(one, other)| one == other).count();
        }
        report.rows.push(row);
    }
    Ok(())
}

/// Returns the model to measure with: the one that was named, or else the one that comes along.
fn model(wishes: &Wishes, path: PathBuf) -> Result<PathBuf, Trouble> {
    if let Some(model) = &wishes.model {
        return Ok(model.clone());
    }
    std::fs::write(&path, MINI[0].1)?;
    Ok(path)
}

impl Work {
    /// Returns how much is asked in one measurement.
    fn questions(self) -> u64 {
        match self {
            Self::Quote => 1,
            Self::Everyday(_) | Self::Long => QUESTIONS,
        }
    }

    /// Returns what is asked, beside the usual fields; `told` is what the model says unasked.
    fn body(self, number: u64, told: &str) -> Value {
        match self {
            Self::Quote => saying(&format!("Quote number {number} word for word: {told}")),
            Self::Everyday(task) => everyday::sent(&everyday::case(task, Split::Train, number)),
            Self::Long => {
                let text: String = (0..SENTENCES)
                    .map(|sentence| sentence_of(number * SENTENCES + sentence))
                    .collect::<Vec<_>>()
                    .join(" ");
                saying(&format!("Copy this text exactly: {text}"))
            }
        }
    }
}

fn saying(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": text }] })
}

/// Returns a sentence about somebody; other numbers give other sentences.
fn sentence_of(number: u64) -> String {
    let case: Case = everyday::case(Task::Passage, Split::Train, number);
    let texts = case.parts.iter().filter_map(|part| match part {
        Part::User(text) => Some(text.as_str()),
        _ => None,
    });
    let text: String = texts.collect();
    let sentences = text.split_inclusive(". ").map(str::trim);
    let told = sentences.filter(|part| part.ends_with('.') && !part.contains(['?', ':', '\n']));
    told.last().unwrap_or("Nothing was said.").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_differ_and_are_long() {
        let text = |number| Work::Long.body(number, "")["messages"][0]["content"].to_string();
        assert_ne!(text(1), text(2));
        assert!(text(3).split_whitespace().count() > 25, "{}", text(3));
    }

    #[test]
    fn everyday_work_brings_its_tools() {
        assert!(Work::Everyday(Task::Tool).body(1, "")["tools"].is_array());
    }
}
