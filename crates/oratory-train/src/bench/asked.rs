//! Asks every size of `mini` the held-out half of the everyday suite through the product.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use oratory_brains::shipped::MINI;
use oratory_evals::everyday::{self, Case, Split, Task};

use super::Row;
use super::server::Server;
use crate::mini::{Count, Scores};
use crate::say;

/// Requests at once: about what one model answers side by side.
const TOGETHER: usize = 4;
/// The longest answer, in tokens.
const LONGEST: u32 = 250;

/// Returns a row for each task, and how many tell the sizes apart.
pub(super) fn rows(program: &Path, cases: u64) -> Result<Vec<Row>> {
    let server = Server::start(program)?;
    let mut scores = Vec::new();
    for temperature in [0.0, 0.7] {
        // The smallest first, as tables are read.
        for (name, _) in MINI.iter().rev() {
            say(&format!("asking {name} at temperature {temperature}"));
            scores.push(exam(&server, name, temperature, cases)?);
        }
    }
    let head = |temperature| {
        let what = format!("held out, {cases} cases each, temperature {temperature}");
        Row::new("mini", what, "s, m, l; * where no 95 % intervals touch")
    };
    let (greedy, warm) = scores.split_at(MINI.len());
    let mut rows = vec![head("0")];
    rows.extend(told(greedy));
    rows.push(head("0.7"));
    rows.extend(told(warm));
    Ok(rows)
}

fn told(sizes: &[Scores]) -> Vec<Row> {
    let mut rows: Vec<Row> = Task::ALL
        .iter()
        .map(|task| {
            let of: Vec<Count> = sizes
                .iter()
                .map(|scores| scores.get(task.name()).copied().unwrap_or_default())
                .collect();
            Row::new("mini", format!("  {}", task.name()), spelled(&of))
        })
        .collect();
    let sum = |scores: &Scores| {
        scores.values().fold(Count::default(), |sum, count| Count {
            good: sum.good + count.good,
            of: sum.of + count.of,
        })
    };
    let all: Vec<Count> = sizes.iter().map(sum).collect();
    rows.push(Row::new("mini", "  all", spelled(&all)));
    rows
}

fn spelled(sizes: &[Count]) -> String {
    let apart = sizes.windows(2).all(|two| two[0].interval().1 < two[1].interval().0);
    let shares: Vec<String> =
        sizes.iter().map(|count| format!("{:5.1} %", count.share() * 100.0)).collect();
    format!("{}{}", shares.join("  "), if apart { "  *" } else { "" })
}

fn exam(server: &Server, model: &str, temperature: f64, cases: u64) -> Result<Scores> {
    let mut scores = Scores::new();
    for (case, good, _) in answers(server, model, temperature, cases)? {
        let count = scores.entry(case.task.name().to_owned()).or_default();
        count.of += 1;
        count.good += usize::from(good);
    }
    Ok(scores)
}

/// Asks every case, and returns whether the answer was good and how likely its tokens were.
pub(super) fn answers(
    server: &Server,
    model: &str,
    temperature: f64,
    cases: u64,
) -> Result<Vec<(Case, bool, Vec<f32>)>> {
    let all: Vec<Case> = Task::ALL
        .iter()
        .flat_map(|task| (0..cases).map(|number| everyday::case(*task, Split::Held, number)))
        .collect();
    let (next, told) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = all.get(number) else { return Ok(()) };
            let (good, chances) = answer(server, model, temperature, (number, case))?;
            told.lock().expect("nobody panics while holding it").push((
                case.clone(),
                good,
                chances,
            ));
        }
    };
    std::thread::scope(|scope| {
        let working: Vec<_> = (0..TOGETHER).map(|_| scope.spawn(work)).collect();
        working.into_iter().try_for_each(|one| one.join().expect("asking does not panic"))
    })?;
    Ok(told.into_inner().expect("nobody panicked while holding it"))
}

fn answer(
    server: &Server,
    model: &str,
    temperature: f64,
    (number, case): (usize, &Case),
) -> Result<(bool, Vec<f32>)> {
    let mut body = everyday::sent(case);
    body["model"] = model.into();
    body["temperature"] = temperature.into();
    body["max_tokens"] = LONGEST.into();
    body["logprobs"] = true.into();
    // One seed for all would draw alike everywhere, and answers of one token hang on one draw.
    body["seed"] = number.into();
    let answer = server.chat(&body)?;
    let choice = &answer["choices"][0];
    let (text, calls) = everyday::heard(&choice["message"]);
    let tokens = choice["logprobs"]["content"].as_array();
    let chance = |token: &serde_json::Value| token["logprob"].as_f64().map(|chance| chance as f32);
    let chances = tokens.into_iter().flatten().filter_map(chance).collect();
    Ok((everyday::good(case, &text, &calls), chances))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_differ_surely_are_marked() {
        let count = |good| Count { good, of: 100 };
        assert_eq!(spelled(&[count(10), count(50), count(95)]), " 10.0 %   50.0 %   95.0 %  *");
        assert_eq!(spelled(&[count(48), count(50), count(95)]), " 48.0 %   50.0 %   95.0 %");
    }
}
