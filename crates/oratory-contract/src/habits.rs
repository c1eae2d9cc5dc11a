//! What a person gives a model of their own making: it holds wherever a request says nothing.
//!
//! What a request says itself always counts more.

use serde::{Deserialize, Serialize};

use crate::{Asked, Message, Role, Sampling, Task};

/// What holds for a model wherever a request says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// What conversations without instructions begin with.
    pub system: Option<String>,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// The most tokens of an answer.
    pub max_tokens: Option<u32>,
    /// Text that ends an answer and is no part of it.
    pub stop: Vec<String>,
}

impl Habits {
    /// Fills in what a request does not say.
    pub fn give(&self, asked: &mut Asked) {
        if !matches!(asked.task, Task::Answer | Task::Count) {
            return;
        }
        let instructed = asked.messages.iter().any(|message| message.role == Role::System);
        if let Some(system) = self.system.as_ref().filter(|_| !instructed)
            && !asked.messages.is_empty()
        {
            asked.messages.insert(0, Message::new(Role::System, system));
        }
        fill(&mut asked.sampling, &self.sampling);
        asked.limits.max_tokens = asked.limits.max_tokens.or(self.max_tokens);
        if asked.limits.stop.is_empty() {
            asked.limits.stop.clone_from(&self.stop);
        }
    }
}

fn fill(asked: &mut Sampling, usual: &Sampling) {
    fn or<T: Copy>(asked: &mut Option<T>, usual: Option<T>) {
        *asked = asked.or(usual);
    }
    or(&mut asked.temperature, usual.temperature);
    or(&mut asked.top_p, usual.top_p);
    or(&mut asked.top_k, usual.top_k);
    or(&mut asked.min_p, usual.min_p);
    or(&mut asked.typical_p, usual.typical_p);
    or(&mut asked.seed, usual.seed);
    or(&mut asked.frequency_penalty, usual.frequency_penalty);
    or(&mut asked.presence_penalty, usual.presence_penalty);
    or(&mut asked.repeat_penalty, usual.repeat_penalty);
    or(&mut asked.penalty_window, usual.penalty_window);
    or(&mut asked.mirostat, usual.mirostat);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wanted;

    #[test]
    fn habits_hold_only_where_a_request_says_nothing() {
        let habits = Habits {
            system: Some("Be brief.".to_owned()),
            sampling: Sampling { top_k: Some(3), seed: Some(1), ..Sampling::default() },
            max_tokens: Some(9),
            stop: vec!["END".to_owned()],
        };
        let messages = vec![Message::new(Role::User, "Hello")];
        let mut asked = Asked::new("ada".into(), Wanted::Any, messages);
        asked.sampling.seed = Some(7);
        habits.give(&mut asked);
        let said: Vec<_> = asked.messages.iter().map(|message| &*message.content).collect();
        assert_eq!(said, ["Be brief.", "Hello"]);
        assert_eq!((asked.sampling.top_k, asked.sampling.seed), (Some(3), Some(7)));
        assert_eq!((asked.limits.max_tokens, asked.limits.stop.len()), (Some(9), 1));
        habits.give(&mut asked);
        assert_eq!(asked.messages.len(), 2);
    }
}
