//! Turns requests into tokens, away from the thread that computes.
//!
//! A prompt of megabytes takes a while to render and cut into tokens; others must not wait for
//! it. What makes no sense is refused here, before it can reach the model.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{SystemTime, UNIX_EPOCH};

use oratory_contract::{Ability, Effort, Task};

use super::line::Line;
use super::summing::Rest;
use super::texts;
use crate::constraint::{Constraint, Environment, Problem, Thinks, Vocabulary, Wish};
use crate::llama::{Model, Token, Watch};
use crate::prompt::{Prompt, Prompter};
use crate::protocol::{Job, Order, Report, Trouble, TroubleKind};
use crate::speech::{Parser, Style};
use crate::template::{Conversation, Opens, TemplateError};

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

/// A request with its tokens, and what is needed to follow its answer.
pub(super) struct Ready {
    pub(super) job: Job,
    pub(super) prompt: Vec<Token>,
    pub(super) parser: Parser,
    pub(super) constraint: Option<Constraint>,
    /// Where vectors are wanted instead of an answer: the texts after the first.
    pub(super) rest: Option<Rest>,
}

/// Reads requests until there are no more.
pub(super) struct Reader<'a> {
    pub(super) model: &'a Model,
    pub(super) prompter: Prompter,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
    /// How many tokens one conversation may have.
    pub(super) size: usize,
    /// The vocabulary as constraints need it, made when first asked for.
    pub(super) environment: OnceCell<Result<Environment, Problem>>,
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
        let number = job.number;
        let ready = match &job.task {
            Task::Answer => self.question(job),
            Task::Embed(_) => self.texts(job),
            Task::Rank(_) => Err(texts::cannot(job.task.ability())),
        };
        match ready {
            Ok(ready) => Some(ready),
            Err(trouble) => {
                self.watch.ended(number);
                self.line.send(&Report::Failed { number: Some(number), trouble });
                None
            }
        }
    }

    fn question(&self, job: Job) -> Result<Ready, Trouble> {
        check(&job)?;
        let (prompt, parser, constraint) = self.prepare(&job)?;
        Ok(Ready { job, prompt, parser, constraint, rest: None })
    }

    /// Reads a request for vectors.
    fn texts(&self, mut job: Job) -> Result<Ready, Trouble> {
        // The texts are not needed twice.
        let Task::Embed(embed) = std::mem::take(&mut job.task) else {
            return Err(texts::cannot(Ability::Embed));
        };
        let mut texts: VecDeque<_> = texts::inputs(self.model, &embed, self.size)?.into();
        let prompt = texts
            .pop_front()
            .ok_or_else(|| invalid("`input` is empty", "send at least one text"))?;
        let parser = Parser::new(self.prompter.style(), &job.tools, Opens::Answer);
        let rest = Some(Rest { texts, dimensions: embed.dimensions });
        Ok(Ready { job, prompt, parser, constraint: None, rest })
    }

    fn prepare(&self, job: &Job) -> Result<(Vec<Token>, Parser, Option<Constraint>), Trouble> {
        let Prompt { tokens, opens } = self.tokens(job)?;
        let mut style = self.prompter.style().clone();
        let calls = job.tools.may_be_called();
        let bound = calls || job.form != oratory_contract::Form::Text;
        let constraint = match bound {
            true => self.constraint(job, &style, opens)?,
            false => None,
        };
        if !calls {
            // Nothing can be called, so what looks like a call is only text.
            style.begins = &[];
        }
        Ok((tokens, Parser::new(&style, &job.tools, opens), constraint))
    }

    fn tokens(&self, job: &Job) -> Result<Prompt, Trouble> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let conversation = Conversation {
            messages: &job.messages,
            tools: &job.tools,
            effort: job.effort,
            now: i64::try_from(now).unwrap_or_default(),
        };
        let prompt =
            self.prompter.tokens(self.model, &conversation).map_err(|error| refuse(&error))?;
        let takes = prompt.tokens.len();
        if takes == 0 {
            return Err(invalid("the prompt is empty", "send at least one message with text"));
        }
        // One place must be left for the answer.
        if takes >= self.size {
            let holds = self.size;
            let message =
                format!("the prompt takes {takes} tokens; the model's context holds {holds}");
            let hint = "shorten it, or choose a model with a larger context";
            return Err(Trouble::new(TroubleKind::TooLong, message, hint));
        }
        Ok(prompt)
    }

    fn constraint(
        &self,
        job: &Job,
        style: &Style,
        opens: crate::template::Opens,
    ) -> Result<Option<Constraint>, Trouble> {
        let made = self.environment.get_or_init(|| Environment::new(&vocabulary(self.model)));
        let environment = made.as_ref().map_err(problem)?;
        let thinks = match job.effort {
            Some(Effort::Off) => Thinks::No,
            _ if self.prompter.thinks() => Thinks::Perhaps,
            _ => Thinks::No,
        };
        let wish = Wish { form: &job.form, tools: &job.tools, style, opens, thinks };
        Constraint::new(environment, &wish).map_err(|error| problem(&error))
    }
}

fn vocabulary(model: &Model) -> Vocabulary {
    let tokens = 0..Token::try_from(model.tokens()).unwrap_or(Token::MAX);
    let control: Vec<bool> = tokens.clone().map(|token| model.is_control(token)).collect();
    let bytes = tokens.clone().zip(&control).map(|(token, control)| match control {
        true => model.spelling(token).into_bytes(),
        false => model.bytes(token),
    });
    let ends = tokens.filter(|token| model.ends(*token));
    Vocabulary {
        bytes: bytes.collect(),
        ends: ends.filter_map(|token| u32::try_from(token).ok()).collect(),
        control,
    }
}

fn problem(problem: &Problem) -> Trouble {
    let (kind, hint) = match problem {
        Problem::Vocabulary(_) | Problem::Lost(_) => {
            (TroubleKind::Broken, "choose another model, or ask without a form")
        }
        _ => (TroubleKind::Invalid, "ask for a simpler form, or for none"),
    };
    Trouble::new(kind, problem.to_string(), hint)
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
