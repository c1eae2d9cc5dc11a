//! What a person has said about where requests go, what was learnt of it, and how much has left.

use std::sync::Arc;

use oratory_brains::predictor::Predictor;
use oratory_contract::{Asked, At, Failure, FailureKind, Prices, Tier, Wanted, fits};

use super::foretell::Foresight;
use super::share::Share;
use super::told;
use super::weigh::{Prefer, Weighed, order};
use super::{Choice, Plan, Rank, TRIES, reason};

/// What a person has said about where requests go.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Taste {
    /// What matters beside a good answer.
    pub prefer: Prefer,
    /// The largest share of requests that may leave for a cloud, 0 to 1, if there is one.
    pub cloud_share: Option<f64>,
    /// How sure of an answer of home one must be, 0 to 1, so that nobody else is asked as well.
    pub sure: Option<f32>,
}

/// Chooses among models that may answer.
#[derive(Default)]
pub struct Routing {
    pub(crate) taste: Taste,
    pub(crate) foresight: Foresight,
    pub(crate) share: Option<Arc<Share>>,
    /// Names by which clients ask for whichever model suits.
    any: Vec<String>,
}

impl Routing {
    /// Returns routing by what a person has said and by what models cost.
    pub fn new(taste: Taste, prices: Prices) -> Self {
        let share = taste.cloud_share.map(|most| Arc::new(Share::new(most)));
        Self { taste, foresight: Foresight::new(Some(prices)), share, any: Vec::new() }
    }

    /// Returns the same, with names by which clients ask for whichever model suits; `*` stands for anything.
    pub fn with_any(mut self, names: Vec<String>) -> Self {
        self.any = names;
        self
    }

    /// Returns what is meant by a wish.
    pub(crate) fn wanted(&self, wanted: Wanted) -> Wanted {
        match &wanted {
            Wanted::Named(name) if self.any.iter().any(|any| fits(any, name)) => Wanted::Any,
            _ => wanted,
        }
    }

    /// Puts in force what was learnt about models, or that nothing is known.
    pub fn learn(&self, learnt: Option<Arc<Predictor>>) {
        self.foresight.learn(learnt);
    }

    /// Returns the plan of candidates, which come in the order of their ranks.
    pub(super) fn weigh(
        &self,
        asked: &Asked,
        candidates: Vec<(Rank, Choice)>,
        counts: bool,
    ) -> Result<Plan, Failure> {
        let (nearest, count) = (candidates[0].0, candidates.len());
        let nearest_is = candidates[0].1.spot();
        let forecasts = {
            let choices: Vec<_> = candidates.iter().map(|(_, choice)| choice).collect();
            self.foresight.of(asked, &choices)
        };
        let weighed = candidates.into_iter().zip(forecasts);
        let mut weighed: Vec<_> =
            weighed.map(|((rank, choice), forecast)| Weighed { rank, choice, forecast }).collect();
        order(&mut weighed, self.taste.prefer, self.guesses_count());
        if self.taste.sure.is_some() {
            // In a cascade home is heard first, whatever is expected of it.
            weighed.sort_by_key(|of| (of.rank.0, of.choice.tier() != Tier::Edge));
            // And somebody farther has a place in the plan, however many models are at home.
            let (mut at_home, most) = (0, TRIES - 1);
            weighed.retain(|of| {
                at_home += usize::from(of.choice.tier() == Tier::Edge);
                of.choice.tier() != Tier::Edge || at_home <= most
            });
        }
        let told = told::candidates(&weighed);
        let share = self.share(&mut weighed, counts)?;
        let heard_first = self.taste.sure.is_some() && weighed[0].choice.tier() == Tier::Edge;
        let mut reason = match weighed[0].choice.spot() == nearest_is {
            _ if heard_first => "home is heard first".to_owned(),
            true => reason(&Wanted::Any, &nearest, count),
            false => told::reason(&weighed, self.taste.prefer),
        };
        if let Some(kept) = share {
            reason.push_str(&kept);
        }
        let choices = weighed.into_iter().map(|of| of.choice).collect();
        Ok(Plan { choices, reason, candidates: told })
    }

    /// Whether a guess is enough to send a request farther than it must go: where a person has asked for it.
    fn guesses_count(&self) -> bool {
        self.taste.prefer != Prefer::Cheap || self.taste.cloud_share.is_some()
    }

    /// Keeps requests from clouds where enough of them have left; returns what to say of it.
    fn share(&self, weighed: &mut Vec<Weighed>, counts: bool) -> Result<Option<String>, Failure> {
        let Some(share) = &self.share else { return Ok(None) };
        let cloud = |of: &Weighed| of.choice.tier() == Tier::Cloud;
        let nearer = weighed.iter().filter(|of| !cloud(of) && !of.rank.0);
        let nearer = nearer.map(|of| of.forecast.quality).reduce(f32::max);
        let gain =
            cloud(&weighed[0]).then(|| weighed[0].forecast.quality - nearer.unwrap_or_default());
        let leave = match counts {
            true => share.ask(gain),
            false => None,
        };
        let leaves = leave.is_some() || !counts && gain.is_some_and(|gain| share.would(gain));
        if leaves || gain.is_none() && share.has_some() {
            // Whatever else is in the plan leaves by the same leave, or asks for one when its turn comes.
            let granted = leave.unwrap_or_else(|| share.later());
            for of in weighed.iter_mut().filter(|of| cloud(of)) {
                of.choice.leave = Some(granted.clone());
            }
            return Ok(None);
        }
        weighed.retain(|of| !cloud(of));
        let words = share.in_words();
        if weighed.is_empty() {
            return Err(used_up(&words));
        }
        Ok(gain.map(|_| format!("; enough has left: `route.cloud_share` is {words}")))
    }
}

fn used_up(words: &str) -> Failure {
    let message = format!(
        "only models in a cloud can answer this, and `route.cloud_share` lets {words} of requests leave"
    );
    Failure::new(FailureKind::Refused, At::Oratory, message)
        .hint("name a model to go there whatever the share, get one for this machine with `oratory models pull`, or raise the share")
}
