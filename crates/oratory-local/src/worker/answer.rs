//! One request at the model: reads the prompt, then writes token by token until an end.
//!
//! Every way it can end is one `Report`; it sends nothing else but progress and text.

use std::hash::{BuildHasher, Hasher, RandomState};

use oratory_contract::{Finish, Usage};

use super::line::Line;
use super::stop::{Shown, Stop};
use crate::llama::{Context, DecodeError, Model, Sampler, Token, Watch, Whole};
use crate::prompt::Prompter;
use crate::protocol::{Job, Report, Trouble, TroubleKind};
use crate::template::TemplateError;

/// Stop texts in one request; each is looked for after every token.
const MAX_STOPS: usize = 64;

/// A loaded model, ready for requests.
pub(super) struct Desk<'a> {
    pub(super) model: &'a Model,
    pub(super) context: Context<'a>,
    pub(super) prompter: Prompter,
    /// Whose prompt the context holds.
    pub(super) partition: Option<u64>,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
}

/// Why writing ended without an answer.
enum Ended {
    Cancelled,
    Failed(Trouble),
}

impl From<DecodeError> for Ended {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Cancelled => Self::Cancelled,
            error => Self::Failed(Trouble::new(
                TroubleKind::Broken,
                error.to_string(),
                "try again; if it stays, the model file is likely damaged: download it again",
            )),
        }
    }
}

impl Desk<'_> {
    /// Answers one request and returns how it ended.
    pub(super) fn answer(&mut self, job: &Job) -> Report {
        let number = job.number;
        let mut usage = Usage::default();
        match self.write(job, &mut usage) {
            Ok(finish) => Report::Done { number, finish, usage },
            Err(Ended::Cancelled) => Report::Stopped { number, usage },
            Err(Ended::Failed(trouble)) => Report::Failed { number: Some(number), trouble },
        }
    }

    fn write(&mut self, job: &Job, usage: &mut Usage) -> Result<Finish, Ended> {
        check(job)?;
        self.read_prompt(job, usage)?;
        let seed = RandomState::new().build_hasher().finish();
        let mut sampler = Sampler::new(&job.sampling, seed, self.model.tokens());
        let mut whole = Whole::default();
        let mut stop = Stop::new(&job.stop);
        let most = job.max_tokens.unwrap_or(u32::MAX);
        let finish = loop {
            if usage.output >= most {
                break Finish::Length;
            }
            let token = self.next(&mut sampler)?;
            if self.model.ends(token) {
                break Finish::Stop;
            }
            usage.output += 1;
            match stop.push(&whole.push(&self.model.bytes(token))) {
                Shown::More(text) => self.show(job.number, text),
                Shown::Last(text) => {
                    self.show(job.number, text);
                    return Ok(Finish::Stop);
                }
            }
            match self.context.feed(&[token], |_| ()) {
                Err(DecodeError::Full) => break Finish::Length,
                done => done?,
            }
        };
        // Half a character at a limit becomes U+FFFD: something was written there.
        let (Shown::Last(text) | Shown::More(text)) = stop.push(&whole.finish());
        self.show(job.number, text + &stop.finish());
        Ok(finish)
    }

    fn read_prompt(&mut self, job: &Job, usage: &mut Usage) -> Result<(), Ended> {
        let tokens =
            self.prompter.tokens(self.model, &job.messages).map_err(|error| refuse(&error))?;
        let size = self.context.size();
        if tokens.is_empty() {
            let message = "the prompt is empty";
            return Err(invalid(message, "send at least one message with text"));
        }
        // One place must be left for the answer.
        if tokens.len() >= size {
            let message = format!(
                "the prompt takes {} tokens; the model's context holds {size}",
                tokens.len()
            );
            let hint = "shorten it, or choose a model with a larger context";
            return Err(Ended::Failed(Trouble::new(TroubleKind::TooLong, message, hint)));
        }
        if self.partition != Some(job.partition) {
            self.context.forget();
            self.partition = Some(job.partition);
        }
        let kept = self.context.keep_prefix(&tokens);
        usage.input = count(tokens.len());
        usage.cached = count(kept);
        let (line, number) = (self.line, job.number);
        let told = |read| line.send(&Report::Reading { number, tokens: count(read) });
        self.context.feed(&tokens[kept..], told)?;
        Ok(())
    }

    fn next(&mut self, sampler: &mut Sampler) -> Result<Token, Ended> {
        if self.watch.stopped() {
            return Err(Ended::Cancelled);
        }
        let logits = self.context.logits()?;
        sampler.choose(logits).ok_or_else(|| DecodeError::NotANumber.into())
    }

    fn show(&self, number: u64, text: String) {
        if !text.is_empty() {
            self.line.send(&Report::Text { number, text });
        }
    }
}

fn count(length: usize) -> u32 {
    length.try_into().unwrap_or(u32::MAX)
}

fn invalid(message: impl Into<String>, hint: &str) -> Ended {
    Ended::Failed(Trouble::new(TroubleKind::Invalid, message, hint))
}

fn refuse(error: &TemplateError) -> Ended {
    let message = error.to_string();
    match error {
        TemplateError::Refused(_) => invalid(message, "reorder the messages as the model asks"),
        TemplateError::Broken(_) => Ended::Failed(Trouble::new(
            TroubleKind::Broken,
            message,
            "download a newer conversion of the model, or choose another model",
        )),
    }
}

/// Refuses numbers that llama.cpp would end the process over, or that mean nothing.
fn check(job: &Job) -> Result<(), Ended> {
    let sampling = &job.sampling;
    if job.stop.len() > MAX_STOPS {
        let message = format!("there are {} stop texts", job.stop.len());
        return Err(invalid(message, &format!("send at most {MAX_STOPS}")));
    }
    let limits = [
        ("temperature", sampling.temperature, 0.0, 100.0),
        ("top_p", sampling.top_p, 0.0, 1.0),
        ("min_p", sampling.min_p, 0.0, 1.0),
        ("frequency_penalty", sampling.frequency_penalty, -2.0, 2.0),
        ("presence_penalty", sampling.presence_penalty, -2.0, 2.0),
    ];
    for (name, value, least, most) in limits {
        if let Some(value) = value
            && !(least..=most).contains(&value)
        {
            let hint = format!("choose a number from {least} to {most}");
            return Err(invalid(format!("{name} is {value}"), &hint));
        }
    }
    Ok(())
}
