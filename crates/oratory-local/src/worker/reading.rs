//! Turns requests into tokens, away from the thread that computes.
//!
//! A prompt of megabytes takes a while to render and cut into tokens; others must not wait for
//! it. What makes no sense is refused here, before it can reach the model.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{SystemTime, UNIX_EPOCH};

use oratory_contract::{Ability, Effort, Finish, Input, Task, Usage};

use super::eyes::{self, Eyes, Spot};
use super::forming::Unformed;
use super::line::Line;
use super::summing::Rest;
use super::texts;
use crate::constraint::{Constraint, Thinks};
use crate::llama::{Model, PerceptError, Token, Watch};
use crate::prompt::{Prompt, PromptError, Prompter};
use crate::protocol::{Job, Keep, Order, Report, Trouble, TroubleKind};
use crate::speech::Parser;
use crate::template::{Conversation, Opens, TemplateError};

/// Stop texts in one request; each is looked for after every token.
const MAX_STOPS: usize = 64;
/// Tokens whose chances may be told beside each token said.
const MAX_CHANCES: u8 = 20;
/// Tokens that may be made likelier or less likely.
const MAX_BIAS: usize = 4096;

/// Tokens up to which a conversation is counted that no model here could hold.
const MOST_COUNTED: usize = 1 << 20;

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
    /// What stands in the prompt besides tokens.
    pub(super) spots: VecDeque<Spot>,
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
    /// What takes in pictures and sounds. Whoever has it reads only requests that hold some: others
    /// must not wait for it.
    pub(super) eyes: Option<RefCell<Eyes<'a>>>,
    /// The way to who has it.
    pub(super) seer: Option<SyncSender<Order>>,
    /// Why nobody has it, if a projector was to be there.
    pub(super) blind: Option<Trouble>,
}

/// What a model reads before it answers a request.
pub(super) struct Given {
    pub(super) tokens: Vec<Token>,
    pub(super) spots: VecDeque<Spot>,
    pub(super) opens: Opens,
}

/// Why a request is not read.
enum Unread {
    Trouble(Trouble),
    /// Whoever asked has left.
    Cancelled,
}

impl From<Trouble> for Unread {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// A request that has been read.
enum Read {
    /// It can be computed.
    Ready(Box<Ready>),
    /// Its answer has a form, which is prepared elsewhere: that may take a while.
    Unformed(Box<Unformed>),
}

impl Reader<'_> {
    /// Reads requests until there are no more; those with a form go to `forming` first.
    pub(super) fn run(
        &self,
        orders: &Receiver<Order>,
        to: &SyncSender<Arrival>,
        forming: &SyncSender<Unformed>,
    ) {
        while let Ok(order) = orders.recv() {
            let gone = match order {
                Order::Run(job) => match self.read(*job) {
                    Some(Read::Ready(ready)) => to.send(Arrival::Ready(ready)).is_err(),
                    Some(Read::Unformed(unformed)) => forming.send(*unformed).is_err(),
                    None => false,
                },
                order => to.send(Arrival::Order(order)).is_err(),
            };
            if gone {
                return;
            }
        }
    }

    fn read(&self, mut job: Job) -> Option<Read> {
        if self.watch.is_cancelled(job.number) {
            self.stopped(job.number);
            return None;
        }
        if let Some(seer) = self.seer.as_ref().filter(|_| shows(&job)) {
            // It ends only with the process.
            drop(seer.send(Order::Run(Box::new(job))));
            return None;
        }
        let number = job.number;
        let read = match &job.task {
            Task::Answer | Task::Continue(_) => match self.question(job) {
                Err(Unread::Cancelled) => {
                    self.stopped(number);
                    return None;
                }
                Err(Unread::Trouble(trouble)) => Err(trouble),
                Ok(read) => Ok(read),
            },
            Task::Count => match self.count(&mut job) {
                Ok(input) => {
                    self.watch.ended(number);
                    let usage = Usage { input, ..Usage::default() };
                    self.line.send(&Report::Done { number, finish: Finish::Stop, usage });
                    return None;
                }
                Err(trouble) => Err(trouble),
            },
            Task::Embed(_) => self.texts(job),
            Task::Rank(_) => Err(texts::cannot(job.task.ability())),
        };
        match read {
            Ok(read) => Some(read),
            Err(trouble) => {
                refused(self.watch, self.line, number, trouble);
                None
            }
        }
    }

    fn stopped(&self, number: u64) {
        self.watch.ended(number);
        self.line.send(&Report::Stopped { number, usage: Usage::default() });
    }

    fn question(&self, mut job: Job) -> Result<Read, Unread> {
        check(&job)?;
        let given = self.tokens(&mut job);
        if let Some(eyes) = &self.eyes {
            eyes.borrow_mut().tidy();
        }
        let given = given?;
        if shows(&job) {
            // The files are not needed twice, and what was made of them is known to this process
            // alone.
            job.messages.iter_mut().for_each(|message| message.media.clear());
            job.keep = if job.keep == Keep::Disk { Keep::Memory } else { job.keep };
        }
        Ok(self.arranged(job, given))
    }

    /// Reads a request for vectors.
    fn texts(&self, mut job: Job) -> Result<Read, Trouble> {
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
        let spots = VecDeque::new();
        Ok(Read::Ready(Box::new(Ready { job, prompt, spots, parser, constraint: None, rest })))
    }

    /// Returns how many tokens a conversation takes, also one that the model cannot hold.
    fn count(&self, job: &mut Job) -> Result<u32, Trouble> {
        if job.messages.is_empty() {
            return Ok(0);
        }
        let counted = self.cleared(job).and_then(|left_out| {
            self.tell(job, left_out);
            self.counted(job)
        });
        let counted = counted.map_err(|error| match error {
            PromptError::TooLong(least) => {
                let message = format!("the prompt takes at least {least} tokens");
                let hint = format!("no more than {} are counted; shorten it", self.most_counted());
                Trouble::new(TroubleKind::TooLong, message, &hint)
            }
            PromptError::Template(error) => refuse(&error),
            PromptError::Medium(trouble) => trouble,
        });
        if let Some(eyes) = &self.eyes {
            eyes.borrow_mut().tidy();
        }
        Ok(u32::try_from(counted?).unwrap_or(u32::MAX))
    }

    /// Returns how many tokens a conversation takes as it is.
    pub(super) fn counted(&self, job: &Job) -> Result<usize, PromptError> {
        Ok(self.rendered(job, self.most_counted())?.takes())
    }

    fn most_counted(&self) -> usize {
        self.size.max(MOST_COUNTED)
    }

    /// Returns the tokens of a text that is to be gone on with.
    fn plain(&self, text: &Input) -> Result<Prompt, Trouble> {
        let mut tokens = match text {
            Input::Tokens(numbers) => texts::known(self.model, "the prompt", numbers)?,
            Input::Text(text) => {
                let least = self.model.least_tokens(text, true, self.size);
                if least >= self.size {
                    return Err(self.too_long(&PromptError::TooLong(least).to_string()));
                }
                // Whoever writes a whole prompt writes its control tokens, too.
                self.model.tokenise(text, true)
            }
        };
        if let (Some((bos, true)), Input::Text(_)) = (self.model.bos(), text)
            && tokens.first() != Some(&bos)
        {
            tokens.insert(0, bos);
        }
        Ok(Prompt { tokens, blanks: Vec::new(), opens: Opens::Answer })
    }

    fn arranged(&self, job: Job, given: Given) -> Read {
        let opens = given.opens;
        let mut style = self.prompter.style().clone();
        let calls = job.tools.may_be_called();
        if calls || job.form != oratory_contract::Form::Text {
            let thinks = match job.effort {
                _ if job.task != Task::Answer => Thinks::No,
                Some(Effort::Off) => Thinks::No,
                _ if self.prompter.thinks() => Thinks::Perhaps,
                _ => Thinks::No,
            };
            return Read::Unformed(Box::new(Unformed { job, given, style, thinks }));
        }
        // Nothing can be called, so what looks like a call is only text.
        style.begins = &[];
        let parser = match job.task {
            Task::Continue(_) => Parser::plain(),
            _ => Parser::new(&style, &job.tools, opens),
        };
        let Given { tokens: prompt, spots, .. } = given;
        Read::Ready(Box::new(Ready { job, prompt, spots, parser, constraint: None, rest: None }))
    }

    pub(super) fn rendered(&self, job: &Job, most: usize) -> Result<Prompt, PromptError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let conversation = Conversation {
            messages: &job.messages,
            tools: &job.tools,
            effort: job.effort,
            now: i64::try_from(now).unwrap_or_default(),
        };
        let mut look = |number: usize| {
            let medium = job.messages.iter().flat_map(|message| &message.media).nth(number);
            let medium = medium.expect("as many marks were made as there are media");
            match (&self.eyes, &self.blind) {
                (Some(eyes), _) => eyes.borrow_mut().look(medium, &job.partition),
                (None, Some(why)) => Err(why.clone()),
                (None, None) => Err(eyes::cannot(medium.sense)),
            }
        };
        self.prompter.tokens(self.model, &conversation, most, &mut look)
    }

    fn tokens(&self, job: &mut Job) -> Result<Given, Unread> {
        let Prompt { tokens, blanks, opens } = self.prompt(job)?;
        let spots = match &self.eyes {
            Some(eyes) => eyes.borrow_mut().encode(blanks, job.number),
            None => Ok(VecDeque::new()),
        };
        let spots = spots.map_err(|error| match error {
            PerceptError::Cancelled => Unread::Cancelled,
            error => Unread::Trouble(eyes::broken(error.to_string())),
        })?;
        Ok(Given { tokens, spots, opens })
    }

    fn prompt(&self, job: &mut Job) -> Result<Prompt, Trouble> {
        let prompt = match &job.task {
            Task::Continue(text) => self.plain(text)?,
            _ => self.shortened(job).map_err(|error| match error {
                PromptError::TooLong(_) => self.too_long(&error.to_string()),
                PromptError::Template(error) => refuse(&error),
                PromptError::Medium(trouble) => trouble,
            })?,
        };
        let takes = prompt.takes();
        if prompt.tokens.last().is_some_and(|last| *last < 0) {
            let message = "the model's chat template puts nothing after a picture at the end";
            return Err(invalid(message, "write some words after it"));
        }
        if takes == 0 {
            return Err(invalid("the prompt is empty", "send at least one message with text"));
        }
        // One place must be left for the answer.
        if takes >= self.size {
            return Err(self.too_long(&format!("the prompt takes {takes} tokens")));
        }
        Ok(prompt)
    }

    fn too_long(&self, takes: &str) -> Trouble {
        let message = format!("{takes}; the model's context holds {}", self.size);
        let hint = "shorten it, or choose a model with a larger context";
        Trouble::new(TroubleKind::TooLong, message, hint)
    }
}

/// Says whether a request holds pictures or sounds.
fn shows(job: &Job) -> bool {
    job.messages.iter().any(|message| !message.media.is_empty())
}

/// Tells that a request will not be answered.
pub(super) fn refused(watch: &Watch, line: &Line, number: u64, trouble: Trouble) {
    watch.ended(number);
    let usage = Usage::default();
    line.send(&Report::Failed { number: Some(number), usage, trouble });
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
