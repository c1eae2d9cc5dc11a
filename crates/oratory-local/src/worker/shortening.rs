//! Leaves out of a conversation what its caller has allowed to be left out.
//!
//! Never instructions, never the last turn of the user's, and no call without its result.

use std::collections::HashSet;
use std::ops::Range;

use oratory_contract::{Given, LeftOut, Length, Message, OldResults, Role, Saved, TooLong};

use super::reading::Reader;
use crate::prompt::{Prompt, PromptError};
use crate::protocol::{Job, Report};

#[cfg(test)]
mod tests;

/// What a model reads instead of what a tool gave long ago.
const GONE: &str = "(what this tool gave has been left out)";

impl Reader<'_> {
    /// Returns the prompt of a request, with what may be left out of it left out where it must be.
    pub(super) fn shortened(&self, job: &mut Job) -> Result<Prompt, PromptError> {
        let mut left_out = self.cleared(job)?;
        let mut read = self.rendered(job, self.size.saturating_sub(1));
        let too_long = match &read {
            Ok(prompt) => prompt.takes() >= self.size,
            Err(error) => matches!(error, PromptError::TooLong(_)),
        };
        if too_long
            && job.shortening.too_long == TooLong::Cut
            && let Some((prompt, messages)) = self.cut(job)?
        {
            left_out.messages = messages;
            read = Ok(prompt);
        }
        let prompt = read?;
        self.tell(job, left_out);
        Ok(prompt)
    }

    /// Says what was left out, if anything was.
    pub(super) fn tell(&self, job: &Job, left_out: LeftOut) {
        if !left_out.is_nothing() {
            self.line.send(&Report::LeftOut { number: job.number, left_out });
        }
    }

    /// Returns the prompt of a request, if the model can hold it and so many tokens more.
    fn held(&self, job: &Job, more: usize) -> Result<Prompt, PromptError> {
        // One place must be left for the answer.
        let most = self.size.saturating_sub(1 + more);
        let prompt = self.rendered(job, most)?;
        let takes = prompt.takes();
        if takes > most { Err(PromptError::TooLong(takes)) } else { Ok(prompt) }
    }

    /// Leaves out the fewest of the oldest turns without which the model can hold the others and
    /// an answer; returns how many messages that are. `None` if it cannot in any case.
    fn cut(&self, job: &mut Job) -> Result<Option<(Prompt, u32)>, PromptError> {
        let whole = std::mem::take(&mut job.messages);
        let turns = droppable(&whole);
        let fourth = self.size / 4;
        let answer = job.max_tokens.map_or(fourth, |most| fourth.min(most as usize));
        let (mut least, mut most) = (1, turns.len());
        let mut found = None;
        // Without more of them it takes no more tokens, so the middle tells on which side to look.
        while least <= most {
            let middle = usize::midpoint(least, most);
            job.messages = without(&whole, &turns[..middle]);
            // Where it does not fit at all otherwise, a short answer is better than none.
            let more = if middle == turns.len() { 0 } else { answer };
            match self.held(job, more) {
                Ok(prompt) => {
                    found = Some((prompt, middle));
                    most = middle - 1;
                }
                Err(PromptError::TooLong(_)) => least = middle + 1,
                Err(error) => return Err(error),
            }
        }
        let Some((prompt, count)) = found else { return Ok(None) };
        job.messages = without(&whole, &turns[..count]);
        let gone = whole.len() - job.messages.len();
        Ok(Some((prompt, u32::try_from(gone).unwrap_or(u32::MAX))))
    }

    /// Leaves out thoughts and results of tools as the caller wishes, and returns how much.
    pub(super) fn cleared(&self, job: &mut Job) -> Result<LeftOut, PromptError> {
        let mut left_out = LeftOut::default();
        if let Some(keep) = job.shortening.thoughts {
            let (messages, count) = without_thoughts(&job.messages, keep);
            left_out.thoughts = self.instead(job, messages, count, 0)?;
        }
        let Some(wish) = job.shortening.results.clone() else { return Ok(left_out) };
        let reached = match wish.beyond {
            Length::Calls(calls) => uses(&job.messages).count() > calls as usize,
            Length::Tokens(tokens) => self.counted(job)? > tokens as usize,
        };
        if reached {
            let (messages, count) = without_results(&job.messages, &wish);
            left_out.results = self.instead(job, messages, count, wish.at_least)?;
        }
        Ok(left_out)
    }

    /// Puts other messages in place if that saves enough, and returns what it saves.
    fn instead(
        &self,
        job: &mut Job,
        messages: Vec<Message>,
        count: u32,
        at_least: u32,
    ) -> Result<Saved, PromptError> {
        if count == 0 {
            return Ok(Saved::default());
        }
        let before = self.counted(job)?;
        let whole = std::mem::replace(&mut job.messages, messages);
        let saved = before.saturating_sub(self.counted(job)?);
        let tokens = u32::try_from(saved).unwrap_or(u32::MAX);
        if tokens < at_least {
            job.messages = whole;
            return Ok(Saved::default());
        }
        Ok(Saved { count, tokens })
    }
}

/// Returns the parts of a conversation that may be left out, the oldest first: turns of the user's
/// before the last one with all that followed on them, and then, after the last one, calls with
/// their results but for the last ones. Instructions stay, wherever they stand.
fn droppable(messages: &[Message]) -> Vec<Range<usize>> {
    let is = |at: usize, role| messages[at].role == role;
    let Some(last) = (0..messages.len()).rfind(|at| is(*at, Role::User)) else {
        return rounds(messages, 0);
    };
    let mut turns = Vec::new();
    let mut began = (0..last).find(|at| !is(*at, Role::System)).unwrap_or(last);
    for at in began + 1..=last {
        // What several messages in a row ask is one turn.
        if is(at, Role::User) && !is(at - 1, Role::User) {
            turns.push(began..at);
            began = at;
        }
    }
    turns.extend(rounds(messages, last + 1));
    turns
}

/// Returns what the model said and what came of it, from somewhere on, but for the last time.
fn rounds(messages: &[Message], from: usize) -> Vec<Range<usize>> {
    let begins = |at: &usize| messages[*at].role == Role::Assistant;
    let begins: Vec<usize> = (from..messages.len()).filter(begins).collect();
    begins.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn without(messages: &[Message], parts: &[Range<usize>]) -> Vec<Message> {
    // They stand in order.
    let part = |at| parts.get(parts.partition_point(|part| part.end <= at));
    let gone = |at| part(at).is_some_and(|part| part.contains(&at));
    let stays = |(at, message): &(usize, &Message)| message.role == Role::System || !gone(*at);
    messages.iter().enumerate().filter(stays).map(|(_, message)| message.clone()).collect()
}

/// Returns a conversation in which only the last turns with thoughts keep them, and how many lost
/// theirs.
fn without_thoughts(messages: &[Message], keep: u32) -> (Vec<Message>, u32) {
    let mut messages = messages.to_vec();
    let thinking = messages.iter_mut().rev().filter(|message| message.thinking.is_some());
    let old = thinking.skip(keep as usize).map(|message| message.thinking = None);
    let count = u32::try_from(old.count()).unwrap_or(u32::MAX);
    (messages, count)
}

/// Returns the names of all calls, and of their tools, the oldest first.
fn uses(messages: &[Message]) -> impl DoubleEndedIterator<Item = (&str, &str)> {
    let calls = messages.iter().flat_map(|message| &message.calls);
    calls.map(|call| (call.id.as_str(), call.name.as_str()))
}

/// Returns a conversation without what tools gave long ago, and of how many calls that was.
fn without_results(messages: &[Message], wish: &OldResults) -> (Vec<Message>, u32) {
    let excepted = |tool: &str| wish.except.iter().any(|name| name == tool);
    let old = uses(messages).rev().skip(wish.keep as usize);
    let old: HashSet<String> =
        old.filter(|(_, tool)| !excepted(tool)).map(|(id, _)| id.to_owned()).collect();
    let (mut messages, mut count) = (messages.to_vec(), 0);
    for message in &mut messages {
        if message.answers.as_ref().is_some_and(|id| old.contains(id)) && message.content != GONE {
            GONE.clone_into(&mut message.content);
            message.media.clear();
            count += 1;
        }
        for call in message.calls.iter_mut().filter(|call| old.contains(&call.id)) {
            let gone = match &wish.given {
                Given::Kept => false,
                Given::LeftOut => true,
                Given::LeftOutOf(tools) => tools.contains(&call.name),
            };
            if gone {
                "{}".clone_into(&mut call.arguments);
            }
        }
    }
    (messages, count)
}
