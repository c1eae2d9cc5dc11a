//! The path of one request. Everything that answers, answers through here.
//!
//! Reads like a table of contents; each step is a module beside this file.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use oratory_contract::{
    Answer, AnswerCache, Asked, Budgets, Caller, Failure, Near, Permit, Prepared, Prices, Records,
    Sensitivity, Spending, Spent, Vault, Wanted,
};
use oratory_privacy::Custom;

use crate::cascade::Cascade;
use crate::label::Reading;
use crate::record::{Decision, Diary};
use crate::route::{Given, Plan};
use crate::spend::Counter;
use crate::traffic::Traffic;
use crate::wellbeing::{Spot, Wellbeing};
use crate::{
    Case, Clock, Policy, Portfolio, Routing, cache, context, heavy, label, record, rights, route,
    trying,
};

/// What the pipeline is built from.
pub struct Config {
    /// What may go where.
    pub policy: Arc<Policy>,
    /// Everywhere a model can run.
    pub portfolio: Portfolio,
    /// Where records go.
    pub records: Arc<dyn Records>,
    /// Where answers are kept, if anywhere.
    pub cache: Option<Arc<dyn AnswerCache>>,
    /// Where it is counted what callers with a budget spend.
    pub budgets: Option<Arc<dyn Budgets>>,
    /// What models cost now, as records tell it.
    pub prices: Prices,
    /// What callers have spent, for policies that ask; without it, nobody can say.
    pub spent: Option<Spent>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Finds models at home by names that are nearly theirs; without it, only exact ones count.
    pub near: Option<Near>,
    /// The level of text nobody has labelled.
    pub unlabelled: Sensitivity,
    /// What somebody calls private beside what Oratory knows.
    pub custom: Arc<Custom>,
    /// Where surrogates are kept.
    pub vault: Arc<dyn Vault>,
    /// Chooses among models that may answer.
    pub routing: Arc<Routing>,
    /// How long the first model elsewhere may take to begin before another is asked as well; `None`
    /// for however long it takes.
    pub hedge: Option<Duration>,
}

/// Answers requests.
pub struct Pipeline {
    pub(crate) config: Config,
    pub(crate) wellbeing: Wellbeing,
    pub(crate) traffic: Traffic,
}

/// An answer under way, and how it came to be.
#[derive(Debug)]
pub struct Told {
    /// The answer. Its end is told only once the record is on disk.
    pub answer: Answer,
    /// The labels, the permit, the choice and why.
    pub decision: Decision,
}

impl Pipeline {
    /// Returns a pipeline.
    pub fn new(config: Config) -> Self {
        Self { config, wellbeing: Wellbeing::default(), traffic: Traffic::default() }
    }

    /// Returns everywhere a model can run.
    pub fn portfolio(&self) -> &Portfolio {
        &self.config.portfolio
    }

    /// Returns the wish, with a model's full name where only one at home can be meant by it, of
    /// those that the caller may ask.
    pub fn meant(&self, wanted: &Wanted, caller: &Caller) -> Result<Wanted, Failure> {
        let portfolio = self.config.portfolio.seen_by(caller);
        route::near::resolve(&portfolio, self.near(), wanted).map(Cow::into_owned)
    }

    fn near(&self) -> Option<&Near> {
        self.config.near.as_ref()
    }

    /// Returns what may go where.
    pub fn policy(&self) -> &Policy {
        &self.config.policy
    }

    /// Answers a request, recording whatever becomes of it.
    pub async fn answer(&self, asked: Asked) -> Result<Told, Failure> {
        let config = &self.config;
        let mut diary = record::open(config, &asked)?;
        match self.steps(asked, &mut diary).await {
            Ok(answer) => Ok(Told { decision: diary.decision(), answer: diary.follow(answer) }),
            Err(failure) => Err(diary.close(failure).await),
        }
    }

    /// Decides where a request would go, and runs nothing.
    pub fn decide(&self, mut asked: Asked) -> Result<Decision, Failure> {
        asked.model = self.config.routing.wanted(asked.model);
        let mut decision = Decision::about(&asked);
        let (reading, _) = label::read(&asked, self.config.unlabelled, &self.config.custom);
        rights::cleared(&asked.caller, &reading)?;
        let spent = self.spent(&asked).map_or(Spending::default(), |look| look());
        let permit = self.config.policy.decide(self.case(&asked, reading, spent));
        decision.permitted(&permit);
        let prepared = context::gather(asked, &permit)?;
        let plan = self.plan(&prepared, &permit, false)?;
        decision.chosen(&plan.choices[0], &self.config.custom);
        decision.planned(&plan);
        decision.reason = decision.whole_reason();
        Ok(decision)
    }

    async fn steps(&self, mut asked: Asked, diary: &mut Diary) -> Result<Answer, Failure> {
        asked.model = self.config.routing.wanted(asked.model);
        context::form(&asked)?;
        let (length, unlabelled) = (asked.length(), self.config.unlabelled);
        let config = &self.config;
        let custom = config.custom.clone();
        let label = move || (label::read(&asked, unlabelled, &custom), asked);
        let ((reading, found), asked) = heavy::work(length, label).await?;
        let cleared = rights::cleared(&asked.caller, &reading);
        let spent = match self.spent(&asked) {
            // It may read a disk.
            Some(look) => heavy::work(usize::MAX, look).await?,
            None => Spending::default(),
        };
        let permit = self.config.policy.decide(self.case(&asked, reading, spent));
        diary.permitted(&permit);
        cleared?;
        let counter = self.counter();
        let shelf = cache::shelf(self.config.cache.as_ref(), &asked, &permit);
        let seen = self.config.portfolio.seen_by(&asked.caller);
        if let Some(kept) = shelf.as_ref().and_then(|shelf| shelf.find(&permit, &seen)) {
            diary.found_in_cache(&kept, &cache::left_out(&kept, &seen, &asked));
            diary.spends(counter.of_kept(&asked.caller).await?);
            let begun = trying::begun(kept).await?;
            diary.left_out(begun.left_out);
            return Ok(begun.answer);
        }
        let prepared = context::gather(asked, &permit)?;
        let plan = self.plan(&prepared, &permit, true)?;
        let (prepared, plan, tab) = counter.of_plan(prepared, plan).await?;
        diary.planned(&plan);
        diary.spends(tab);
        let (found, sure) = (Arc::new(found), config.routing.taste.sure);
        let answer = match Cascade::of(prepared.asked(), plan.choices, sure) {
            Ok(cascade) => self.in_turns(cascade, prepared, &found, diary).await?,
            Err(choices) => self.first_that_answers(choices, prepared, &found, diary).await?,
        };
        Ok(match shelf {
            Some(shelf) => shelf.keep(answer, &self.config.portfolio),
            None => answer,
        })
    }

    /// Returns the models to try, of those that the caller may ask.
    fn plan(&self, prepared: &Prepared, permit: &Permit, counts: bool) -> Result<Plan, Failure> {
        let caller = &prepared.asked().caller;
        let portfolio = self.config.portfolio.seen_by(caller);
        let now = self.config.clock.unix_ms();
        let given = Given {
            portfolio: &portfolio,
            near: self.near(),
            routing: &self.config.routing,
            rests: &|spot: &Spot| self.wellbeing.rests(spot, now),
            counts,
        };
        let plan = route::choose(&given, prepared, permit)
            .map_err(|failure| rights::unfound(prepared.asked(), failure))?;
        rights::allowed(caller, plan)
    }

    fn counter(&self) -> Counter<'_> {
        let (budgets, hedges) = (self.config.budgets.as_ref(), self.config.hedge.is_some());
        Counter { budgets, clock: &*self.config.clock, hedges }
    }

    fn case(&self, asked: &Asked, reading: Reading, spent: Spending) -> Case {
        Case::of(asked, reading, self.config.clock.unix_ms(), spent)
    }

    /// Returns how to find out what the caller has spent, if a rule asks.
    fn spent(&self, asked: &Asked) -> Option<impl FnOnce() -> Spending + Send + 'static> {
        let (look, caller) = (self.config.spent.clone(), asked.caller.name.clone());
        let now = self.config.clock.unix_ms();
        let found = move || look.map_or(Spending::UNKNOWN, |look| look(&caller, now));
        self.config.policy.asks_for_spending().then_some(found)
    }
}
