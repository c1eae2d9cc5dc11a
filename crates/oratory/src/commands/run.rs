//! `oratory run`: a chat with one model on this machine.
//!
//! A prompt gives one answer; a terminal gives a conversation; a pipe is the prompt.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use oratory_contract::{Failure, FailureKind, Message, Role, Wanted};
use oratory_pipeline::Pipeline;

use super::asking::{hear, request};
use super::models;
use crate::cli::{Run, Sampled};
use crate::house::{self, House};
use crate::out;
use crate::settings::Config;

pub(super) async fn run(args: Run, config: Config) -> anyhow::Result<ExitCode> {
    let Some((files, model)) = named(&args.model, &config).await? else {
        return Ok(ExitCode::FAILURE);
    };
    // A model on this machine is meant, so no other place is opened.
    let config = Config { places: Vec::new(), ..config };
    let (house, pipeline) = House::build(&config, files)?;
    let mut chat = Chat { pipeline, model, sampled: args.sampling, messages: Vec::new() };
    let outcome = match args.prompt {
        Some(prompt) => chat.once(prompt).await,
        None if std::io::stdin().is_terminal() => chat.converse().await,
        None => match piped() {
            Ok(prompt) => chat.once(prompt).await,
            Err(error) => Err(error),
        },
    };
    drop(chat);
    house.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// A path is a file of its own; anything else is a model's name, and what is not here is fetched.
/// Nothing is returned where a person stopped that.
pub(super) async fn named(
    model: &str,
    config: &Config,
) -> anyhow::Result<Option<(Vec<PathBuf>, Wanted)>> {
    let path = Path::new(model);
    // An address, or one file of a repository, may end like a file here.
    let elsewhere = model.contains(':') && !path.exists();
    if elsewhere || path.extension().is_none_or(|extension| extension != "gguf") {
        let name = models::at_hand(model, config).await?;
        return Ok(name.map(|name| (Vec::new(), Wanted::Named(name))));
    }
    let path = path.canonicalize().with_context(|| format!("there is no file {model}"))?;
    let name = oratory_local::model_name(&path).with_context(|| {
        format!("{model} is a later part of a split model; name its first part")
    })?;
    Ok(Some((vec![path], Wanted::Named(name.to_string()))))
}

fn piped() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input is not text")?;
    anyhow::ensure!(!text.trim().is_empty(), "standard input is empty; give a prompt");
    Ok(text)
}

struct Chat {
    pipeline: Pipeline,
    model: Wanted,
    sampled: Sampled,
    messages: Vec<Message>,
}

impl Chat {
    async fn once(&mut self, prompt: String) -> anyhow::Result<()> {
        tokio::select! {
            outcome = self.say(prompt) => outcome.map_err(house::error),
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    }

    async fn converse(&mut self) -> anyhow::Result<()> {
        out::note(out::dim("Ctrl-C stops an answer, Ctrl-D ends the conversation."));
        loop {
            let line = tokio::select! {
                line = line() => line?,
                _ = tokio::signal::ctrl_c() => None,
            };
            let Some(line) = line else { return Ok(()) };
            if !line.trim().is_empty() {
                self.turn(line).await?;
            }
        }
    }

    /// One turn of a conversation; what went unanswered is forgotten, so that turns alternate.
    async fn turn(&mut self, line: String) -> anyhow::Result<()> {
        let before = self.messages.len();
        let outcome = tokio::select! {
            outcome = self.say(line) => outcome,
            _ = tokio::signal::ctrl_c() => {
                out::line("");
                self.messages.truncate(before);
                return Ok(());
            }
        };
        match outcome {
            Err(failure) if worth_going_on(&failure) => {
                let _ = out::failed(&house::error(failure));
                self.messages.truncate(before);
                Ok(())
            }
            outcome => outcome.map_err(house::error),
        }
    }

    /// Says one thing, prints the answer, and remembers both.
    async fn say(&mut self, prompt: String) -> Result<(), Failure> {
        self.messages.push(Message::new(Role::User, prompt));
        let asked = request(self.model.clone(), self.messages.clone(), self.sampled);
        let waiting = Waiting::begin();
        let told = self.pipeline.answer(asked).await;
        waiting.end();
        let (text, _) = hear(told?.answer.chunks, |text| out::piece(text)).await?;
        if !text.ends_with('\n') {
            out::line("");
        }
        self.messages.push(Message::new(Role::Assistant, text));
        Ok(())
    }
}

fn worth_going_on(failure: &Failure) -> bool {
    !matches!(failure.kind, FailureKind::UnknownModel | FailureKind::Refused)
}

/// Reads a line without holding up the answer's tasks.
async fn line() -> anyhow::Result<Option<String>> {
    out::piece(out::bold(">>> "));
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|read| (read, line))
    });
    let (read, line) = line.await??;
    Ok((read > 0).then_some(line))
}

/// A note that the model is loading, which goes when the answer comes.
struct Waiting(bool);

impl Waiting {
    fn begin() -> Self {
        let shown = out::watched() && std::io::stdout().is_terminal();
        if shown {
            let _ = write!(std::io::stderr(), "{}", out::dim("thinking…"));
        }
        Self(shown)
    }

    fn end(self) {
        if self.0 {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
