//! Trains a size, keeps a log of it and draws that, and tells a person how it goes.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Typed, exam, summary, tokens, total};
use crate::mini::state::write_whole;
use crate::mini::{
    Model, Plan, Progress, Run, Scores, Stored, TrainError, Training, counted, curve,
};
use crate::say;

/// Trains by a plan until it is fulfilled or the time is over.
pub(super) fn learn(typed: &Typed, plan: Plan) -> Result<()> {
    let folder = typed.folder();
    let tokens = tokens(typed)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut training = Training::resume(plan, &folder)?;
    forget_after(&folder, training.done())?;
    let shape = &typed.shape;
    say(&format!(
        "{}: {:.2} million numbers, {} tokens behind",
        shape.name,
        shape.numbers() as f64 / 1e6,
        training.done()
    ));
    let time = typed.number("minutes", f64::INFINITY)?;
    let time = time.is_finite().then(|| Duration::from_secs_f64(time * 60.0));
    let look = typed.number("look", 500.0)? as u64;
    let run = Run { folder: folder.clone(), time, report: 20 };
    training.run(&tokens, &run, &mut |progress, numbers| {
        let held =
            (progress.step.is_multiple_of(look) || progress.tokens >= progress.of).then(|| {
                let mut model = Model::of(shape.clone(), numbers, tokens.clone(), Stored::Eight);
                counted(&model.take(exam(20, 1_000_000, 0.0)))
            });
        log(&folder, &shape.name, progress, held.as_ref())
    })?;
    Ok(())
}

/// Drops what the log says of steps that were lost when a run was stopped: they come again.
fn forget_after(folder: &Path, tokens: u64) -> Result<(), TrainError> {
    let path = folder.join("log.jsonl");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(()) };
    let at = |line: &str| serde_json::from_str::<Value>(line).ok()?.get("tokens")?.as_u64();
    let kept = text.lines().filter(|line| at(line).is_some_and(|at| at <= tokens));
    let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
    write_whole(&path, kept.as_bytes())
}

/// Adds to the log and to the picture, and tells a person.
fn log(
    folder: &Path,
    name: &str,
    progress: &Progress,
    held: Option<&Scores>,
) -> Result<(), TrainError> {
    let path = folder.join("log.jsonl");
    let mut line = json!(progress);
    let speed = progress.here as f64 / progress.seconds.max(1e-3);
    let left = (progress.of.saturating_sub(progress.tokens)) as f64 / speed.max(1.0);
    let mut told = format!(
        "{name} step {} · {:.2} of {:.0} M tokens · loss {:.3} · {:.1} % · {:.0} tokens/s · {:.0} min left",
        progress.step,
        progress.tokens as f64 / 1e6,
        progress.of as f64 / 1e6,
        progress.loss,
        progress.right * 100.0,
        speed,
        left / 60.0,
    );
    if let Some(scores) = held {
        line["held"] = json!(total(scores).share());
        line["scores"] = json!(scores);
        told += &format!("\n  held out: {}", summary(scores));
    }
    let added = fs::OpenOptions::new().create(true).append(true).open(&path);
    let added = added.and_then(|mut file| writeln!(file, "{line}"));
    added.map_err(|error| TrainError::file(&path, error))?;
    say(&told);
    if held.is_some() {
        let text = fs::read_to_string(&path).map_err(|error| TrainError::file(&path, error))?;
        write_whole(&folder.join("curve.svg"), curve::picture(name, &text).as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_steps_that_come_again_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        fs::write(&path, "{\"tokens\":1}\n{\"tokens\":9}\n{\"tok").unwrap();
        forget_after(folder.path(), 5).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"tokens\":1}\n");
        forget_after(&folder.path().join("elsewhere"), 5).unwrap();
    }
}
