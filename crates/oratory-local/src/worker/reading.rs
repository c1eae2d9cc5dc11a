//! Turns requests into tokens, away from the thread that computes.
//!
//! A prompt of megabytes takes a while to render and cut into tokens; others must not wait for
//! it. What makes no sense is refused here, before it can reach the model.

use std::sync::mpsc::{Receiver, SyncSender};

use super::line::Line;
use crate::llama::{Model, Token, Watch};
use crate::prompt::Prompter;
use crate::protocol::{Job, Order, Report, Trouble, TroubleKind};
use crate::template::TemplateError;

/// Stop texts in one request; each is looked for after every token.
const MAX_STOPS: usize = 64;
/// Tokens whose chances may be told beside each token said.
const MAX_CHANCES: u8 = 20;
/// Tokens that may be made likelier or less likely.
const MAX_BIAS: usize = 4096;

/// What arrives at the thread that computes.
pub(super) enum Arrival {
    /// A request, ready to be computed.
    Ready(Box<Ready>),
    /// An order about one that came before.
    Order(Order),
}

/// A request with its tokens.
pub(super) struct Ready {
    pub(super) job: Job,
    pub(super) prompt: Vec<Token>,
}

/// Reads requests until there are no more.
pub(super) struct Reader<'a> {
    pub(super) model: &'a Model,
    pub(super) prompter: Prompter,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
    /// How many tokens one conversation may have.
    pub(super) size: usize,
}

impl Reader<'_> {
    pub(super) fn run(&self, orders: &Receiver<Order>, to: &SyncSender<Arrival>) {
        while let Ok(order) = orders.recv() {
            let arrival = match order {
                Order::Run(job) => match self.read(*job) {
                    Some(ready) => Arrival::Ready(Box::new(ready)),
                    None => continue,
                },
                order => Arrival::Order(order),
            };
            if to.send(arrival).is_err() {
                return;
            }
        }
    }

    fn read(&self, job: Job) -> Option<Ready> {
        if self.watch.is_cancelled(job.number) {
            self.watch.ended(job.number);
            let (number, usage) = (job.number, oratory_contract::Usage::default());
            self.line.send(&Report::Stopped { number, usage });
            return None;
        }
        match check(&job).and_then(|()| self.tokens(&job)) {
            Ok(prompt) => Some(Ready { job, prompt }),
            Err(trouble) => {
                self.watch.ended(job.number);
                self.line.send(&Report::Failed { number: Some(job.number), trouble });
                None
            }
        }
    }

    fn tokens(&self, job: &Job) -> Result<Vec<Token>, Trouble> {
        let tokens =
            self.prompter.tokens(self.model, &job.messages).map_err(|error| refuse(&error))?;
        if tokens.is_empty() {
            return Err(invalid("the prompt is empty", "send at least one message with text"));
        }
        // One place must be left for the answer.
        if tokens.len() >= self.size {
            let (takes, holds) = (tokens.len(), self.size);
            let message =
                format!("the prompt takes {takes} tokens; the model's context holds {holds}");
            let hint = "shorten it, or choose a model with a larger context";
            return Err(Trouble::new(TroubleKind::TooLong, message, hint));
        }
        Ok(tokens)
    }
}

fn invalid(message: impl Into<String>, hint: &str) -> Trouble {
    Trouble::new(TroubleKind::Invalid, message, hint)
}

fn refuse(error: &TemplateError) -> Trouble {
    let message = error.to_string();
    match error {
        TemplateError::Refused(_) => invalid(message, "reorder the messages as the model asks"),
        TemplateError::Broken(_) => Trouble::new(
            TroubleKind::Broken,
            message,
            "download a newer conversion of the model, or choose another model",
        ),
    }
}

/// Refuses numbers that llama.cpp would end the process over, or that mean nothing.
fn check(job: &Job) -> Result<(), Trouble> {
    let sampling = &job.sampling;
    let most = [
        ("stop texts", job.stop.len(), MAX_STOPS),
        ("biased tokens", sampling.bias.len(), MAX_BIAS),
        ("chances beside each token", sampling.chances.unwrap_or(0).into(), MAX_CHANCES.into()),
    ];
    for (what, count, most) in most {
        if count > most {
            let message = format!("the request asks for {count} {what}");
            return Err(invalid(message, &format!("ask for at most {most}")));
        }
    }
    let mirostat = sampling.mirostat;
    let limits = [
        ("temperature", sampling.temperature, 0.0, 100.0),
        ("top_p", sampling.top_p, 0.0, 1.0),
        ("min_p", sampling.min_p, 0.0, 1.0),
        ("typical_p", sampling.typical_p, 0.0, 1.0),
        ("top_n_sigma", sampling.top_n_sigma, -1.0, 100.0),
        ("frequency_penalty", sampling.frequency_penalty, -2.0, 2.0),
        ("presence_penalty", sampling.presence_penalty, -2.0, 2.0),
        ("repeat_penalty", sampling.repeat_penalty, 0.0, 100.0),
        ("xtc_probability", sampling.xtc.map(|xtc| xtc.probability), 0.0, 1.0),
        ("xtc_threshold", sampling.xtc.map(|xtc| xtc.threshold), 0.0, 1.0),
        ("dry_multiplier", sampling.dry.map(|dry| dry.multiplier), 0.0, 100.0),
        ("dry_base", sampling.dry.map(|dry| dry.base), 1.0, 100.0),
        ("mirostat_tau", mirostat.map(|mirostat| mirostat.tau), 0.0, 100.0),
        ("mirostat_eta", mirostat.map(|mirostat| mirostat.eta), 0.0, 100.0),
    ];
    for (name, value, least, most) in limits {
        if let Some(value) = value
            && !(least..=most).contains(&value)
        {
            let hint = format!("choose a number from {least} to {most}");
            return Err(invalid(format!("{name} is {value}"), &hint));
        }
    }
    if let Some((token, by)) = sampling.bias.iter().find(|(_, by)| !(-100.0..=100.0).contains(by)) {
        let message = format!("the bias of token {token} is {by}");
        return Err(invalid(message, "choose a number from -100 to 100"));
    }
    Ok(())
}
