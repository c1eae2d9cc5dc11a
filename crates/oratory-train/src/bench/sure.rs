//! Measures whether a model's answers are right as often as the likelihood of their tokens says.

use std::path::Path;

use anyhow::Result;
use oratory_brains::shipped::MINI;
use oratory_brains::sureness::{FIT, Fit, doubt};

use super::Row;
use super::asked::answers;
use super::server::Server;
use crate::say;

/// Answers are compared in so many groups of like confidence.
const GROUPS: usize = 10;
/// How sure an answer must be in a cascade, where nobody says otherwise.
const SURE: f32 = 0.7;

/// Returns how well confidence tells right answers from wrong ones, for each size.
pub(super) fn rows(program: &Path, cases: u64) -> Result<Vec<Row>> {
    let server = Server::start(program)?;
    let mut rows = vec![Row::new(
        "sure",
        format!("held out, {cases} cases each, temperature 0"),
        "right; told apart (0.5 by chance); off by, on the mean; kept at 0.7, and right of those",
    )];
    let mut all = Vec::new();
    for (name, _) in MINI.iter().rev() {
        say(&format!("asking {name} how sure it is"));
        let heard = answers(&server, name, 0.0, cases)?;
        let rated = heard.iter().filter_map(|(_, good, chances)| Some((doubt(chances)?, *good)));
        let rated: Vec<_> = rated.collect();
        rows.push(Row::new("sure", format!("  {name}"), told(&rated)));
        all.extend(rated);
    }
    rows.push(Row::new("sure", "  all", told(&all)));
    let Fit { usual, grows } = Fit::to(&all);
    let anew = format!("usual {usual:.2}, grows {grows:.2}");
    rows.push(Row::new("sure", "  what all of them would be fitted to", anew));
    Ok(rows)
}

fn told(answers: &[(f32, bool)]) -> String {
    let mut rated: Vec<(f32, bool)> =
        answers.iter().map(|(doubt, right)| (FIT.right(*doubt), *right)).collect();
    rated.sort_by(|one, other| one.0.total_cmp(&other.0));
    let share = |of: &[(f32, bool)]| {
        100.0 * of.iter().filter(|(_, right)| *right).count() as f64 / of.len().max(1) as f64
    };
    let kept: Vec<_> = rated.iter().copied().filter(|(sure, _)| *sure >= SURE).collect();
    let kept_share = 100.0 * kept.len() as f64 / rated.len().max(1) as f64;
    let (right, apart, off) = (share(&rated), apart(&rated), off(&rated));
    format!("{right:.1} %; {apart:.3}; {off:.3}; {kept_share:.1} %, {:.1} %", share(&kept))
}

/// Returns how often a right answer has more confidence than a wrong one; in order of confidence.
fn apart(rated: &[(f32, bool)]) -> f64 {
    let (mut wrong, mut pairs) = (0_u64, 0_u64);
    for (_, right) in rated {
        if *right { pairs += wrong } else { wrong += 1 }
    }
    let right = rated.len() as u64 - wrong;
    pairs as f64 / (wrong * right).max(1) as f64
}

/// Returns how far confidence is off the share of right answers, on the mean over groups of like confidence.
fn off(rated: &[(f32, bool)]) -> f64 {
    let group = rated.len().div_ceil(GROUPS).max(1);
    let each = rated.chunks(group).map(|group| {
        let mean = group.iter().map(|(sure, _)| f64::from(*sure)).sum::<f64>() / group.len() as f64;
        let right = group.iter().filter(|(_, right)| *right).count() as f64 / group.len() as f64;
        (mean - right).abs() * group.len() as f64
    });
    each.sum::<f64>() / rated.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_that_knows_is_told_from_confidence_that_does_not() {
        let knows: Vec<_> = (0..100).map(|at| (at as f32 / 100.0, at >= 50)).collect();
        assert!((apart(&knows) - 1.0).abs() < 1e-9);
        let even: Vec<_> = (0..100).map(|at| (0.5, at % 2 == 0)).collect();
        assert!((0.4..0.6).contains(&apart(&even)) && off(&even) < 1e-9);
        assert!((off(&[(0.9, false); 10]) - 0.9).abs() < 1e-6);
    }
}
