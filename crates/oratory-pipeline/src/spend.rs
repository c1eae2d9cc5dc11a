//! What a request may take at the most, and what it did take, where its caller has a budget.
//!
//! The most is set aside before anything runs, so that many requests at once cannot spend more
//! together than is left. Where a second model may be asked beside one that is slow, the most is set aside
//! twice. Nothing of this is done for a caller without a budget.

use std::sync::Arc;

use oratory_contract::{
    Amounts, Asked, At, Budgets, Caller, Chunk, Failure, FailureKind, Input, Message, ModelCard,
    PlaceCard, Prepared, Price, Reservation, Task, Tier, Tokens, Unit, Usage, Written,
};

use crate::Clock;
use crate::route::{Choice, Plan};

/// Tokens that a template puts around a conversation, and around each message of it.
const AROUND: u64 = 512;
const AROUND_MESSAGE: u64 = 32;
/// Tokens of a picture or a sound, where nobody knows how many it can be.
const MEDIUM: u64 = 16_384;
/// Where neither the caller nor the model says how long an answer may become.
const LONGEST: u32 = 8192;
/// Bytes of a token, where nobody has counted.
const BYTES: u64 = 3;

/// Where the spending of callers is counted, and by which clock.
pub(crate) struct Counter<'a> {
    pub(crate) budgets: Option<&'a Arc<dyn Budgets>>,
    pub(crate) clock: &'a dyn Clock,
    /// Whether two models may work on one request.
    pub(crate) hedges: bool,
}

/// What was set aside for a request, and what is known of what it took.
pub(crate) struct Tab {
    reservation: Box<dyn Reservation>,
    price: Price,
    /// Bytes of what was asked, and of what was said so far.
    asked: u64,
    said: u64,
    /// Tokens of the prompt, once the place has told.
    input: Option<u32>,
    /// The most that a second model may take, whose answer nobody hears.
    second: Amounts,
    /// Whether there is one.
    both: bool,
}

impl Counter<'_> {
    /// Sets aside what an answer that is kept already takes.
    pub(crate) async fn of_kept(&self, caller: &Caller) -> Result<Option<Tab>, Failure> {
        let most = Amounts { requests: 1, ..Amounts::default() };
        self.reserve(caller, most, 0).await
    }

    /// Sets aside the most that a request may take, of whichever model of the plan answers.
    pub(crate) async fn of_plan(
        &self,
        prepared: Prepared,
        plan: Plan,
    ) -> Result<(Prepared, Plan, Option<Tab>), Failure> {
        let caller = prepared.asked().caller.clone();
        if caller.budgets().is_empty() {
            return Ok((prepared, plan, None));
        }
        let plan = priced(&caller, plan)?;
        let cards: Vec<_> = plan.choices.iter().map(Choice::card).collect();
        let unknown = cards.iter().any(|card| card.is_none_or(|card| card.context.is_none()));
        let prepared = if unknown { prepared.at_most(LONGEST) } else { prepared };
        let asked = prepared.asked();
        let each = plan.choices.iter().zip(&cards);
        let most = each.map(|(choice, card)| most(asked, *card, choice.site.card()));
        let most = most.fold(Amounts::default(), Amounts::most);
        let second = match self.hedges && plan.choices.len() > 1 {
            true => Amounts { requests: 0, ..most },
            false => Amounts::default(),
        };
        let mut tab = self.reserve(&caller, most.and(second), asked.length() as u64).await?;
        if let Some(tab) = &mut tab {
            tab.second = second;
        }
        Ok((prepared, plan, tab))
    }

    async fn reserve(
        &self,
        caller: &Caller,
        most: Amounts,
        asked: u64,
    ) -> Result<Option<Tab>, Failure> {
        if caller.budgets().is_empty() {
            return Ok(None);
        }
        let budgets = self.budgets.ok_or_else(|| {
            let message = "what callers spend is counted nowhere, so none with a budget may ask";
            Failure::new(FailureKind::Ours, At::Oratory, message)
        })?;
        let reservation = budgets.reserve(caller, most, self.clock.unix_ms()).await?;
        let (price, second) = (Price::default(), Amounts::default());
        let tab = Tab { reservation, price, asked, said: 0, input: None, second, both: false };
        Ok(Some(tab))
    }
}

impl Tab {
    /// Notes which place answers.
    pub(crate) fn chosen(&mut self, place: &PlaceCard) {
        self.price = price(place).unwrap_or_default();
    }

    /// Notes that a second model works on it. What one took that was stopped cannot be known, so the
    /// most is counted that it may have taken.
    pub(crate) fn both_work(&mut self) {
        self.both = true;
    }

    /// Notes that only one works on it after all.
    pub(crate) fn one_works(&mut self) {
        self.both = false;
    }

    /// Notes a piece of the answer.
    pub(crate) fn note(&mut self, chunk: &Chunk) {
        self.said += match chunk {
            Chunk::Text(text) | Chunk::Thinking(text) => text.len(),
            Chunk::Call(part) => part.arguments.len(),
            _ => 0,
        } as u64;
        if let Chunk::Begun(begun) = chunk {
            self.input = Some(begun.input);
        }
    }

    /// Gives everything back.
    pub(crate) fn unused(self) -> Written {
        self.reservation.settle(Amounts::default())
    }

    /// Counts a request that was answered from memory.
    pub(crate) fn kept(self) -> Written {
        self.reservation.settle(Amounts { requests: 1, ..Amounts::default() })
    }

    /// Counts what a request took, as far as its place has told, and else as far as can be seen.
    pub(crate) fn settle(self, told: Usage) -> Written {
        let tokens = match told {
            Usage { input: 0, output: 0, .. } => Tokens {
                input: self.input.map_or(self.asked.div_ceil(BYTES), u64::from),
                output: self.said.div_ceil(BYTES),
                cached: 0,
            },
            told => told.into(),
        };
        let money = self.price.of(tokens).millionths();
        let tokens = tokens.input + tokens.output;
        let took = Amounts { requests: 1, tokens, money };
        let second = if self.both { self.second } else { Amounts::default() };
        self.reservation.settle(took.and(second))
    }
}

/// Returns what a place's tokens cost; `None` where nobody has said.
fn price(place: &PlaceCard) -> Option<Price> {
    match place.tier {
        Tier::Edge => Some(Price::default()),
        Tier::Onprem => Some(place.terms.price.unwrap_or_default()),
        Tier::Cloud => place.terms.price,
    }
}

/// Leaves only places whose price is known, if the caller's money is counted.
fn priced(caller: &Caller, mut plan: Plan) -> Result<Plan, Failure> {
    if caller.budgets().iter().all(|budget| budget.unit != Unit::Money) {
        return Ok(plan);
    }
    let unpriced = |choice: &Choice| price(choice.site.card()).is_none();
    let first = plan.choices.iter().find(|choice| unpriced(choice));
    let first = first.map(|choice| choice.grant.place.clone());
    plan.choices.retain(|choice| !unpriced(choice));
    match first.filter(|_| plan.choices.is_empty()) {
        None => Ok(plan),
        Some(place) => {
            let name = caller.name.as_str();
            let message =
                format!("nobody has said what {place} costs, and the money of {name:?} is counted");
            let hint = format!("set `places.{place}.price`");
            Err(Failure::new(FailureKind::Refused, At::Oratory, message).hint(hint))
        }
    }
}

/// Returns the most that a model may take for a request.
fn most(asked: &Asked, card: Option<&ModelCard>, place: &PlaceCard) -> Amounts {
    let context = card.and_then(|card| card.context).map(u64::from);
    let habits = card.and_then(|card| card.origin.system.as_deref()).map_or(0, str::len) as u64;
    let read = read(asked) + habits;
    let within = |tokens: u64| match asked.task {
        // Every text of these has a context of its own.
        Task::Embed(_) | Task::Rank(_) => tokens,
        _ => context.map_or(tokens, |context| tokens.min(context)),
    };
    let written = match asked.task {
        Task::Answer | Task::Continue(_) => {
            let longest = context.unwrap_or(LONGEST.into());
            within(asked.limits.max_tokens.map_or(longest, u64::from))
        }
        Task::Count | Task::Embed(_) | Task::Rank(_) => 0,
    };
    let price = price(place).unwrap_or_default();
    Amounts {
        requests: 1,
        tokens: within(read.saturating_add(written)),
        money: price.most(within(read), written).millionths(),
    }
}

/// Returns the most tokens that are read for a request: no token stands for less than a byte.
fn read(asked: &Asked) -> u64 {
    let texts = asked.length() as u64;
    let tokens = |inputs: &[Input]| -> u64 {
        let lengths = inputs.iter().map(|input| match input {
            Input::Text(_) => 0,
            Input::Tokens(tokens) => tokens.len(),
        });
        lengths.sum::<usize>() as u64 + AROUND_MESSAGE * inputs.len() as u64
    };
    let conversation = || {
        let calls = |message: &Message| AROUND_MESSAGE * (1 + message.calls.len() as u64);
        AROUND
            + asked.messages.iter().map(calls).sum::<u64>()
            + MEDIUM * asked.media().count() as u64
    };
    match &asked.task {
        Task::Count => 0,
        Task::Answer => texts + conversation(),
        Task::Continue(input) => texts + tokens(std::slice::from_ref(input)),
        Task::Embed(embed) => texts + tokens(&embed.inputs),
        // The query is read with every document.
        Task::Rank(rank) => {
            let each = rank.query.len() as u64 + AROUND_MESSAGE;
            texts + each * rank.documents.len() as u64
        }
    }
}

#[cfg(test)]
mod tests;
