//! Home answers first, and somebody farther is asked only where home is unsure of its answer.
//!
//! The answer is held back until it has been judged; whatever goes wrong elsewhere, home's answer is given.

use std::sync::Arc;

use futures_util::StreamExt;
use oratory_contract::{Answer, Asked, Chunk, Failure, Form, Prepared, Tier};
use oratory_privacy::Found;

use crate::Pipeline;
use crate::record::Diary;
use crate::route::Choice;

mod doubt;

use doubt::Heard;

/// Answers of more bytes are given as they come, judged or not.
const LONGEST: usize = 256 * 1024;

/// A plan for a cascade: who is asked first, who then, and how sure the first must be.
pub(crate) struct Cascade {
    first: Vec<Choice>,
    then: Vec<Choice>,
    sure: f32,
}

impl Cascade {
    /// Returns the plan as a cascade, if somebody farther than its first may be asked as well.
    pub(crate) fn of(
        asked: &Asked,
        choices: Vec<Choice>,
        sure: Option<f32>,
    ) -> Result<Self, Vec<Choice>> {
        let home = |choice: &Choice| choice.tier() == Tier::Edge;
        let ahead = choices.iter().take_while(|choice| home(choice)).count();
        let fits = (1..choices.len()).contains(&ahead) && judged(asked);
        match sure.filter(|_| fits) {
            None => Err(choices),
            Some(sure) => {
                let mut first = choices;
                let mut then = first.split_off(ahead);
                then.retain(|choice| !home(choice));
                Ok(Self { first, then, sure })
            }
        }
    }
}

/// Says whether an answer can be judged by how likely its tokens were.
fn judged(asked: &Asked) -> bool {
    // Where tokens are drawn from a narrowed choice of letters, likely ones tell little.
    asked.model == oratory_contract::Wanted::Any
        && !matches!(asked.form, Form::Regex(_) | Form::Grammar(_))
}

impl Pipeline {
    /// Answers at home, and elsewhere where home is unsure.
    pub(crate) async fn in_turns(
        &self,
        cascade: Cascade,
        prepared: Prepared,
        found: &Arc<Found>,
        diary: &mut Diary,
    ) -> Result<Answer, Failure> {
        let Cascade { first, then, sure } = cascade;
        let asked_for = prepared.asked().sampling.chances;
        let rated = prepared.clone().rated();
        let home = match self.first_that_answers(first, rated, found, diary).await {
            Ok(answer) => answer,
            Err(failure) if failure.kind.may_end_elsewhere() => {
                return self.first_that_answers(then, prepared, found, diary).await;
            }
            Err(failure) => return Err(failure),
        };
        let heard = Heard::all(home, LONGEST).await;
        let Some(confidence) = heard.confidence(prepared.asked()) else {
            return Ok(heard.told_again(asked_for));
        };
        if confidence >= sure {
            diary.adds(&format!("; home is {confidence:.2} sure of its answer"));
            return Ok(heard.told_again(asked_for));
        }
        let at_home = diary.decision();
        diary.adds(&format!("; home was only {confidence:.2} sure, and {sure:.2} is wanted"));
        match self.first_that_answers(then, prepared, found, diary).await {
            Ok(answer) => Ok(answer),
            Err(failure) => {
                let kind = failure.kind.as_str();
                tracing::info!(kind, "nobody elsewhere answered; home's answer is given");
                diary.back_to(at_home);
                diary.adds("; nobody elsewhere answered, so home's answer is given");
                Ok(heard.told_again(asked_for))
            }
        }
    }
}

impl Heard {
    /// Hears an answer to its end, or until it is too long to be held back.
    async fn all(answer: Answer, longest: usize) -> Self {
        let Answer { place, model, chunks } = answer;
        let mut heard = Self::new(place, model, chunks);
        while heard.bytes <= longest && !heard.ended {
            match heard.rest.next().await {
                Some(chunk) => heard.take(chunk),
                None => break,
            }
        }
        heard
    }

    /// Returns the answer as it was heard, and whatever is still to come.
    fn told_again(self, chances: Option<u8>) -> Answer {
        let Self { place, model, chunks, rest, .. } = self;
        let wanted = move |chunk: &Result<Chunk, Failure>| {
            let shown = chances.is_some() || !matches!(chunk, Ok(Chunk::Chances(_)));
            std::future::ready(shown)
        };
        let chunks = futures_util::stream::iter(chunks).chain(rest).filter(wanted).boxed();
        Answer { place, model, chunks }
    }
}
