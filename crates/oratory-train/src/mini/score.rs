//! Measures a model on what was held out: how often its answer to each task is good.

use std::collections::BTreeMap;

use oratory_evals::everyday::{self, Call, Case, Split, Task};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mini::network::Network;
use crate::mini::speak::Manner;
use crate::mini::talk::{self, Thinking};
use crate::mini::tokens::Tokens;

/// How many answers were good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Good ones.
    pub good: usize,
    /// All of them.
    pub of: usize,
}

impl Count {
    /// Returns the share of good ones.
    pub fn share(self) -> f64 {
        self.good as f64 / self.of.max(1) as f64
    }

    /// Returns the 95 % interval of the share, by Wilson.
    pub fn interval(self) -> (f64, f64) {
        const Z: f64 = 1.959_964;
        let (count, share) = (self.of.max(1) as f64, self.share());
        let middle = share + Z * Z / (2.0 * count);
        let wide = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
        let whole = 1.0 + Z * Z / count;
        (((middle - wide) / whole).max(0.0), ((middle + wide) / whole).min(1.0))
    }
}

/// Counts by the name of the task.
pub type Scores = BTreeMap<String, Count>;

/// What is asked of a model.
#[derive(Clone, Copy, Debug)]
pub struct Exam {
    /// Cases of each task.
    pub cases: u64,
    /// The first case's number; the others follow.
    pub first: u64,
    /// Which half of the suite.
    pub split: Split,
    /// How answers are chosen.
    pub manner: Manner,
}

/// Something the model said to a case.
#[derive(Clone, Debug)]
pub struct Said {
    /// The case.
    pub case: Case,
    /// The whole answer as it was written.
    pub answer: String,
    /// Whether it is good.
    pub good: bool,
}

/// Lets the network take an exam and returns every answer.
pub(crate) fn take(network: &mut Network, tokens: &Tokens, exam: Exam) -> Vec<Said> {
    let numbers = exam.first..exam.first + exam.cases;
    let cases = Task::ALL
        .iter()
        .flat_map(|task| numbers.clone().map(|number| everyday::case(*task, exam.split, number)));
    let cases: Vec<Case> = cases.collect();
    let prompts: Vec<Vec<u32>> =
        cases.iter().map(|case| tokens.cut(&talk::asked(case, Thinking::Free))).collect();
    let answers = network.answers(&prompts, tokens.mark("<|im_end|>"), exam.manner);
    let judged = cases.into_iter().zip(answers).map(|(case, answer)| {
        let answer = tokens.text(&answer);
        let (text, calls) = parsed(&answer);
        let good = everyday::good(&case, &text, &calls);
        Said { case, answer, good }
    });
    judged.collect()
}

/// Counts the good answers of each task.
pub fn counted(said: &[Said]) -> Scores {
    let mut scores = Scores::new();
    for said in said {
        let count = scores.entry(said.case.task.name().to_owned()).or_default();
        count.of += 1;
        count.good += usize::from(said.good);
    }
    scores
}

/// Parts an answer into text and calls; thinking is left out.
fn parsed(answer: &str) -> (String, Vec<Call>) {
    let answer = match answer.split_once("</think>") {
        Some((_, answer)) => answer,
        None => answer,
    };
    let mut calls = Vec::new();
    let mut parts = answer.split("<tool_call>");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (call, behind) = part.split_once("</tool_call>").unwrap_or((part, ""));
        text.push_str(behind);
        calls.extend(call_of(call));
    }
    (text.trim().to_owned(), calls)
}

fn call_of(text: &str) -> Option<Call> {
    let mut call: Value = serde_json::from_str(text).ok()?;
    let name = call.get("name")?.as_str()?.to_owned();
    Some(Call { name, arguments: call.get_mut("arguments")?.take() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_parted_into_what_is_said_and_what_is_called() {
        let (text, calls) = parsed(
            "<think>so</think>Yes\n<tool_call>\n{\"name\": \"a\", \"arguments\": {\"b\": 1}}\n</tool_call>",
        );
        assert_eq!(text, "Yes");
        assert_eq!(calls, [Call { name: "a".into(), arguments: serde_json::json!({"b": 1}) }]);
        assert_eq!(parsed("<tool_call>{broken</tool_call>"), (String::new(), vec![]));
    }

    #[test]
    fn the_interval_is_wilsons() {
        let (low, high) = Count { good: 90, of: 100 }.interval();
        assert!((low - 0.8256).abs() < 1e-3 && (high - 0.9448).abs() < 1e-3, "{low} {high}");
        assert_eq!(Count { good: 0, of: 10 }.interval().0, 0.0);
    }
}
