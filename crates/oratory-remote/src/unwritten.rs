//! What can be asked without there being words for it everywhere, and what a dialect leaves out of it.
//!
//! What a request makes no sense without is not here: the dialects say that they lack it.

use oratory_contract::{Asked, Effort, Sampling, TooLong};

/// Returns by name everything in a request that some dialect leaves out, unless it says no more
/// than what goes without saying.
pub(crate) fn wishes(asked: &Asked) -> impl Iterator<Item = &'static str> {
    let Sampling { temperature, top_p, top_k, min_p, typical_p, top_n_sigma, seed, .. } =
        asked.sampling;
    let Sampling { frequency_penalty, presence_penalty, repeat_penalty, penalty_window, .. } =
        asked.sampling;
    let Sampling { xtc, dry, mirostat, bias: _, chances: _, .. } = &asked.sampling;
    let other_than = |plain: f32, number: Option<f32>| number.is_some_and(|it| it != plain);
    let shortening = &asked.at_home.shortening;
    let edits = shortening.thoughts.is_some() || shortening.results.is_some();
    let repeats = other_than(1.0, repeat_penalty)
        || other_than(0.0, frequency_penalty)
        || other_than(0.0, presence_penalty);
    let wishes = [
        ("temperature", temperature.is_some()),
        ("top_p", other_than(1.0, top_p)),
        ("top_k", top_k.is_some_and(|k| k > 0)),
        ("min_p", other_than(0.0, min_p)),
        ("typical_p", other_than(1.0, typical_p)),
        ("top_n_sigma", top_n_sigma.is_some()),
        ("seed", seed.is_some()),
        ("frequency_penalty", other_than(0.0, frequency_penalty)),
        ("presence_penalty", other_than(0.0, presence_penalty)),
        ("repetition_penalty", other_than(1.0, repeat_penalty)),
        ("repeat_last_n", penalty_window.is_some() && repeats),
        ("xtc", xtc.is_some()),
        ("dry", dry.is_some()),
        ("mirostat", mirostat.is_some()),
        ("thinking", asked.effort.is_some_and(|effort| effort != Effort::Off)),
        ("strict", asked.tools.offered.iter().any(|tool| tool.strict)),
        ("truncation", shortening.too_long == TooLong::Cut),
        ("context_management", edits),
    ];
    wishes.into_iter().filter_map(|(name, wished)| wished.then_some(name))
}
