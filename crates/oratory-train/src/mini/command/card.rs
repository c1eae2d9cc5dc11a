//! Writes the card of a model: where it comes from, how good it is, what it cannot do.
//!
//! The numbers lie beside it as JSON, for the check that trains a model anew.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Typed, exam, learn, summary, total, trained};
use crate::mini::state::write_whole;
use crate::mini::{Count, Model, Plan, Scores, Stored, counted, gguf};
use crate::say;

/// Cases of each task that a card's scores come from.
const CASES: u64 = 500;
/// The temperature of the second column.
const WARM: f32 = 0.7;

/// What is known of a model file.
#[derive(Serialize, Deserialize)]
struct Facts {
    plan: Plan,
    /// The hash of the file.
    sha256: String,
    bytes: usize,
    /// The likeliest token always.
    greedy: Scores,
    /// Drawn at temperature 0.7.
    warm: Scores,
}

/// Writes the file of what was trained, its card and its picture.
pub(super) fn make(typed: &Typed) -> Result<()> {
    let (state, tokens) = trained(typed)?;
    if state.tokens < state.plan.tokens {
        say("training was paused; make again to go on");
        return Ok(());
    }
    let bytes = gguf(&typed.shape, &state.numbers, &tokens, Stored::Eight);
    let vocabulary = serde_json::to_vec(&tokens)?;
    let mut model = Model::of(typed.shape.clone(), &state.numbers, tokens, Stored::Eight);
    say("asking it what was held out");
    let facts = Facts {
        plan: state.plan,
        sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: bytes.len(),
        greedy: counted(&model.take(exam(CASES, 0, 0.0))),
        warm: counted(&model.take(exam(CASES, 0, WARM))),
    };
    let place = |ending: &str| typed.brains().join(format!("{}.{ending}", typed.shape.name));
    fs::create_dir_all(typed.brains())
        .with_context(|| format!("cannot make {}", typed.brains().display()))?;
    write_whole(&typed.vocabulary(), &vocabulary)?;
    write_whole(&place("gguf"), &bytes)?;
    write_whole(&place("json"), &serde_json::to_vec_pretty(&facts)?)?;
    write_whole(&place("md"), card(&facts).as_bytes())?;
    let curve = typed.folder().join("curve.svg");
    fs::copy(&curve, place("svg")).with_context(|| format!("cannot copy {}", curve.display()))?;
    say(&format!("{}: {}", place("gguf").display(), summary(&facts.greedy)));
    Ok(())
}

/// Trains a size anew in a folder of its own and holds its scores to those of the card.
pub(super) fn check(typed: &Typed) -> Result<()> {
    let path = typed.brains().join(format!("{}.json", typed.shape.name));
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let facts: Facts =
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
    if facts.plan.shape != typed.shape {
        bail!("{} is of another shape than this program's; make it again", path.display());
    }
    // By the card's own plan: the check is whether the same work gives the same model.
    learn::learn(typed, facts.plan)?;
    let (state, tokens) = trained(typed)?;
    let mut model = Model::of(typed.shape.clone(), &state.numbers, tokens, Stored::Eight);
    let found = counted(&model.take(exam(CASES, 0, 0.0)));
    let unlike = unlike(&facts.greedy, &found);
    say(&format!("card:  {}\nanew:  {}", summary(&facts.greedy), summary(&found)));
    match unlike.is_empty() {
        true => Ok(()),
        false => bail!("these tasks scored otherwise than the card says: {}", unlike.join(", ")),
    }
}

/// Names the tasks whose 95 % intervals do not touch.
fn unlike(card: &Scores, found: &Scores) -> Vec<String> {
    let apart = |task: &str, card: Count| {
        let Some(found) = found.get(task) else { return true };
        let ((low, high), (found_low, found_high)) = (card.interval(), found.interval());
        found_high < low || found_low > high
    };
    let apart = card.iter().filter(|(task, count)| apart(task, **count));
    apart.map(|(task, _)| task.clone()).collect()
}

fn card(facts: &Facts) -> String {
    let Plan { shape, course, tokens, .. } = &facts.plan;
    let mut out = format!("# {}\n\n", shape.name);
    let _ = write!(
        out,
        "A chat model of {:.2} million numbers that comes with Oratory: {} layers, {} wide, {} heads over \
         {} key heads, {} tokens, a context of 2,048, in the `qwen3` architecture, stored as Q8_0.\n\n\
         | | |\n|---|---|\n\
         | file | `{}.gguf`, {:.2} MB |\n| SHA-256 | `{}` |\n| licence | MIT OR Apache-2.0, as Oratory's |\n\
         | data | the training half of the everyday suite (`oratory-evals`), written by its seeded \
         generator; no other text, no other model |\n\
         | provenance | `cargo xtask train {}`: seed {}, {:.1} million tokens, {} a step |\n\n\
         ![loss and scores over training]({}.svg)\n\n",
        shape.numbers() as f64 / 1e6,
        shape.layers,
        shape.width,
        shape.heads,
        shape.key_heads,
        shape.vocabulary,
        shape.name,
        facts.bytes as f64 / 1e6,
        facts.sha256,
        shape.name,
        facts.plan.seed,
        *tokens as f64 / 1e6,
        course.step_tokens,
        shape.name,
    );
    let _ = write!(
        out,
        "## Scores\n\nShare of good answers to {CASES} held-out cases of each task, whose wordings and \
         values no training case has, with 95 % intervals (Wilson).\n\n\
         | task | greedy | temperature {WARM} |\n|---|---|---|\n"
    );
    let row = |name: &str, greedy: Count, warm: Count| {
        format!("| {name} | {} | {} |\n", spelled(greedy), spelled(warm))
    };
    for (task, greedy) in &facts.greedy {
        out += &row(task, *greedy, facts.warm.get(task).copied().unwrap_or_default());
    }
    out += &row("all", total(&facts.greedy), total(&facts.warm));
    out + "\n## Limits\n\nIt knows the suite's kinds of tasks in plain English (and a few words of German, \
           French and Spanish) and next to nothing of the world; asked for facts it says so or is wrong. \
           Long texts, many steps and unusual wordings are beyond it. It was taught no safety rules. Its \
           answers are for trying things out, for tests and for simple routine, not for decisions.\n"
}

fn spelled(count: Count) -> String {
    let (low, high) = count.interval();
    format!("{:.1} % ({:.1}–{:.1})", count.share() * 100.0, low * 100.0, high * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scores_that_lie_apart_are_unlike() {
        let scores = |sort, copy| -> Scores {
            let count = |good| Count { good, of: 200 };
            [("sort".to_owned(), count(sort)), ("copy".to_owned(), count(copy))].into()
        };
        assert_eq!(unlike(&scores(100, 180), &scores(110, 150)), ["copy"]);
        assert_eq!(unlike(&scores(100, 180), &scores(100, 180)), Vec::<String>::new());
        assert_eq!(unlike(&scores(100, 180), &Scores::new()), ["copy", "sort"]);
    }
}
