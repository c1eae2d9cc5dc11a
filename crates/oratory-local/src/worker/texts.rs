//! Texts that are only read: turned into tokens, and refused where a model cannot hold them.
//!
//! Computes nothing. Control tokens in anybody's text are letters here, as in a prompt.

use std::sync::mpsc::{Receiver, SyncSender};

use oratory_contract::{Ability, Embed, Input, Rank, Task, TooLong, Usage};

use super::line::Line;
use crate::llama::{Model, Token, Watch};
use crate::prompt::Rater;
use crate::protocol::{Order, Report, Trouble, TroubleKind};
use crate::purpose::{Purpose, Reading};

/// Texts in one request.
const MOST: usize = 4096;

/// What arrives at the thread that computes.
pub(super) enum Brought {
    /// A request.
    Texts(Texts),
    /// There will be no more.
    Rest,
}

/// A request with its tokens.
pub(super) struct Texts {
    pub(super) number: u64,
    pub(super) texts: Vec<Vec<Token>>,
    pub(super) dimensions: Option<u32>,
}

/// Turns the texts of requests into tokens, for a model that only reads.
pub(super) struct Clerk<'a> {
    pub(super) model: &'a Model,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
    pub(super) reading: Reading,
    pub(super) rater: Rater,
    /// How many tokens one text may have.
    pub(super) size: usize,
}

impl Clerk<'_> {
    /// Reads requests until there are no more.
    pub(super) fn run(&self, orders: &Receiver<Order>, to: &SyncSender<Brought>) {
        while let Ok(order) = orders.recv() {
            let brought = match order {
                Order::Run(job) => match self.read(job.number, &job.task) {
                    Some(texts) => Brought::Texts(texts),
                    None => continue,
                },
                Order::Rest => Brought::Rest,
                _ => continue,
            };
            if to.send(brought).is_err() {
                return;
            }
        }
    }

    fn read(&self, number: u64, task: &Task) -> Option<Texts> {
        let report = if self.watch.is_cancelled(number) {
            Report::Stopped { number, usage: Usage::default() }
        } else {
            match self.texts(task) {
                Ok((texts, dimensions)) => return Some(Texts { number, texts, dimensions }),
                Err(trouble) => {
                    Report::Failed { number: Some(number), usage: Usage::default(), trouble }
                }
            }
        };
        self.watch.ended(number);
        self.line.send(&report);
        None
    }

    fn texts(&self, task: &Task) -> Result<(Vec<Vec<Token>>, Option<u32>), Trouble> {
        match task {
            Task::Embed(embed) if can(self.reading, Ability::Embed) => {
                Ok((inputs(self.model, embed, self.size)?, embed.dimensions))
            }
            Task::Rank(rank) if can(self.reading, Ability::Rank) => Ok((self.pairs(rank)?, None)),
            other => Err(cannot(other.ability())),
        }
    }

    fn pairs(&self, rank: &Rank) -> Result<Vec<Vec<Token>>, Trouble> {
        check_count("documents", rank.documents.len())?;
        let pair = |(at, document): (usize, &String)| {
            let tokens = |document: &str| self.rater.tokens(self.model, &rank.query, document);
            let whole = tokens(document);
            if whole.is_empty() {
                let message = format!("query and `documents[{at}]` are empty");
                return Err(invalid(message, "send a query"));
            }
            if whole.len() <= self.size {
                return Ok(whole);
            }
            let cut = (rank.too_long == TooLong::Cut)
                .then(|| cut_until(document, whole.len(), self.size, tokens));
            let takes = whole.len();
            cut.flatten().ok_or_else(|| {
                let what = format!("`documents[{at}]`, together with the query,");
                too_long(&what, takes, self.size)
            })
        };
        rank.documents.iter().enumerate().map(pair).collect()
    }
}

fn can(reading: Reading, ability: Ability) -> bool {
    Purpose::Read(reading).abilities().contains(&ability)
}

/// The failure of a model asked for what it cannot do.
pub(super) fn cannot(ability: Ability) -> Trouble {
    let message = format!("this is no model that {}", ability.as_str());
    invalid(message, "ask for a model that does; `oratory models show NAME` says what one does")
}

/// Returns the tokens of each text, none longer than `size`.
pub(super) fn inputs(
    model: &Model,
    embed: &Embed,
    size: usize,
) -> Result<Vec<Vec<Token>>, Trouble> {
    check_count("texts in `input`", embed.inputs.len())?;
    let width = model.state_width();
    if let Some(asked) = embed.dimensions
        && !(1..=width).contains(&(asked as usize))
    {
        let message = format!("`dimensions` is {asked}; the model's vectors have {width}");
        return Err(invalid(message, &format!("ask for 1 to {width}, or leave it out")));
    }
    let input = |(at, input): (usize, &Input)| {
        let mut tokens = match input {
            Input::Text(text) => model.tokenise_whole(text),
            Input::Tokens(numbers) => known(model, &format!("`input[{at}]`"), numbers)?,
        };
        let (takes, last) = (tokens.len(), tokens.last().copied());
        let Some(last) = last else {
            return Err(invalid(format!("`input[{at}]` is empty"), "leave it out, or send a text"));
        };
        if takes > size && embed.too_long == TooLong::Refused {
            return Err(too_long(&format!("`input[{at}]`"), takes, size));
        }
        tokens.truncate(size);
        // What ends a text ends it also when it is cut.
        if takes > size && model.is_control(last) {
            tokens[size - 1] = last;
        }
        Ok(tokens)
    };
    embed.inputs.iter().enumerate().map(input).collect()
}

fn check_count(what: &str, count: usize) -> Result<(), Trouble> {
    match count {
        0 => Err(invalid(format!("there are no {what}"), "send at least one")),
        1..=MOST => Ok(()),
        _ => Err(invalid(format!("there are {count} {what}"), &format!("send at most {MOST}"))),
    }
}

/// Returns the tokens that a caller names by number, if the model has them.
pub(super) fn known(model: &Model, what: &str, numbers: &[u32]) -> Result<Vec<Token>, Trouble> {
    let most = model.tokens();
    let token = |&number: &u32| match (number as usize) < most {
        true => Ok(number as Token),
        false => {
            let message = format!("{what} names the token {number}; the model has {most}");
            Err(invalid(message, "send text, or tokens of this very model"))
        }
    };
    numbers.iter().map(token).collect()
}

/// Cuts a text until its tokens fit; `None` if they do not with nothing left of it.
fn cut_until(
    text: &str,
    takes: usize,
    size: usize,
    tokens: impl Fn(&str) -> Vec<Token>,
) -> Option<Vec<Token>> {
    let around = tokens("").len();
    let mut takes = takes;
    let mut kept = text.len();
    // Each time by how much too long it was, and a little more, so this comes to an end soon.
    while kept > 0 {
        let own = takes.saturating_sub(around).max(1);
        kept = (kept * size.saturating_sub(around) / own).min(kept - 1);
        kept = text.floor_char_boundary(kept);
        let cut = tokens(&text[..kept]);
        takes = cut.len();
        if takes <= size {
            return Some(cut);
        }
    }
    None
}

fn too_long(what: &str, takes: usize, size: usize) -> Trouble {
    let message = format!("{what} takes {takes} tokens; the model holds {size}");
    let hint = "shorten it, or let its end be left out with `truncate`";
    Trouble::new(TroubleKind::TooLong, message, hint)
}

fn invalid(message: impl Into<String>, hint: &str) -> Trouble {
    Trouble::new(TroubleKind::Invalid, message, hint)
}
