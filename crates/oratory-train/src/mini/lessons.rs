//! Makes what a model learns from: conversations of the everyday suite, cut into tokens.
//!
//! Every step's lessons follow from the seed and the step alone, so training can stop and go on.

mod renaming;

use oratory_evals::everyday::{self, Case, Part, Split, Task};

use crate::mini::chance::Chance;
use crate::mini::network::Batch;
use crate::mini::shape::CONTEXT;
use crate::mini::talk::{self, Thinking};
use crate::mini::tokens::{Loose, Tokens};

/// How lessons are drawn.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Course {
    /// Draws everything.
    pub seed: u64,
    /// Tokens per step, about.
    pub step_tokens: usize,
    /// How much foretelling a token of the question counts beside one of the answer.
    pub question_weight: f32,
    /// The share of lessons at the beginning that only teach to find again what was there.
    pub echoes: f32,
    /// How often each task is taught; those not named, once.
    pub tasks: Vec<(String, f32)>,
}

/// How many tokens are computed in one go.
const GO: usize = 2048;
/// Tokens after which lessons are of any length.
const GROWN: f32 = 3e6;
/// The longest lesson at the very beginning.
const SHORT: f32 = 80.0;

/// One in so many tokens of a question is foretold.
const SAMPLE: usize = 4;

/// One conversation as tokens.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lesson {
    pub(crate) tokens: Vec<u32>,
    /// Where the answer begins.
    pub(crate) answer: usize,
}

impl Course {
    /// Returns the lessons of a step, in parts that are computed in one go; `behind` are the
    /// tokens of all steps before it.
    pub(crate) fn step(&self, tokens: &Tokens, step: u64, behind: u64) -> Vec<Batch> {
        let mut chance = Chance::of(&[self.seed, 2, step]);
        let longest = SHORT + (CONTEXT as f32 - SHORT) * (behind as f32 / GROWN).min(1.0).powi(2);
        let echoes = self.echoes * (1.0 - behind as f32 / GROWN).max(0.05);
        let mut lessons = Vec::new();
        let mut count = 0;
        while count < self.step_tokens {
            let lesson = match chance.fraction() < echoes {
                true => echo(tokens, &mut chance),
                false => self.lesson(tokens, longest as usize, &mut chance),
            };
            count += lesson.tokens.len() - 1;
            lessons.push(lesson);
        }
        // Texts of like length together leave the fewest empty ends.
        lessons.sort_by_key(|lesson| lesson.tokens.len());
        self.batches(&lessons, &mut chance)
    }

    fn batches(&self, lessons: &[Lesson], chance: &mut Chance) -> Vec<Batch> {
        let mut batches = vec![Batch::default()];
        for lesson in lessons {
            let full =
                batches.last().is_some_and(|last| last.tokens.len() + lesson.tokens.len() > GO);
            if full && !batches[0].tokens.is_empty() {
                batches.push(Batch::default());
            }
            let batch = batches.last_mut().expect("there is always one");
            let inside = lesson.tokens.len() - 1;
            batch.lengths.push(inside);
            batch.tokens.extend(&lesson.tokens[..inside]);
            batch.next.extend(&lesson.tokens[1..]);
            // Some tokens of a question count for all of them: scores of a whole vocabulary are dear.
            let weight = |at: usize| match at + 1 >= lesson.answer {
                true => 1.0,
                false if chance.below(SAMPLE) == 0 => self.question_weight * SAMPLE as f32,
                false => 0.0,
            };
            batch.weights.extend((0..inside).map(weight));
        }
        batches
    }

    fn lesson(&self, tokens: &Tokens, longest: usize, chance: &mut Chance) -> Lesson {
        // A few draws find a short one; if not, a long one does no harm.
        let mut lesson = self.draw(tokens, chance);
        for _ in 0..10 {
            if lesson.tokens.len() <= longest {
                break;
            }
            lesson = self.draw(tokens, chance);
        }
        if lesson.tokens.len() > CONTEXT {
            lesson.tokens.truncate(CONTEXT);
        }
        lesson
    }

    fn draw(&self, tokens: &Tokens, chance: &mut Chance) -> Lesson {
        let mut case = self.case(chance);
        if chance.below(3) > 0 {
            renaming::rename_tools(&mut case, tokens, chance);
        }
        let thinking = if chance.below(20) == 0 { Thinking::Off } else { Thinking::Free };
        if chance.below(8) == 0 {
            self.put_talk_before(&mut case, chance);
        }
        let spelling = chance.below(3) == 0;
        let share = 0.3 * chance.fraction();
        let loose = spelling.then(|| Loose { seed: chance.bits(), share });
        let mut text = tokens.cut_loosely(&talk::asked(&case, thinking), loose);
        let answer = text.len();
        text.extend(tokens.cut_loosely(&talk::answer(&case.wanted, thinking), loose));
        Lesson { tokens: text, answer }
    }

    fn case(&self, chance: &mut Chance) -> Case {
        let weight = |task: &Task| {
            let named = self.tasks.iter().find(|(name, _)| name == task.name());
            named.map_or(1.0, |(_, weight)| *weight)
        };
        let weights: Vec<f32> = Task::ALL.iter().map(weight).collect();
        everyday::case(Task::ALL[chance.weighted(&weights)], Split::Train, chance.bits())
    }

    /// Puts other questions and their answers before a case that has neither tools nor a past.
    fn put_talk_before(&self, case: &mut Case, chance: &mut Chance) {
        let [Part::User(_)] = case.parts[..] else { return };
        if !case.tools.is_empty() {
            return;
        }
        let turns = if chance.below(12) == 0 { 4 + chance.below(8) } else { 1 + chance.below(2) };
        let mut parts = Vec::new();
        for _ in 0..turns {
            let before = self.case(chance);
            if !before.tools.is_empty() || !matches!(before.parts[..], [Part::User(_)]) {
                continue;
            }
            parts.extend(before.parts);
            let wanted = before.wanted;
            parts.push(Part::Assistant { thinking: None, text: wanted.text, calls: wanted.calls });
        }
        parts.append(&mut case.parts);
        case.parts = parts;
    }
}

/// Returns a run of any tokens, repeated with others in between: whoever foretells the repeats
/// has learnt to look back, which nearly every task needs.
fn echo(tokens: &Tokens, chance: &mut Chance) -> Lesson {
    let plain = tokens.plain();
    let said: Vec<u32> = (0..3 + chance.below(30)).map(|_| chance.below(plain) as u32).collect();
    let mut text = said.clone();
    text.extend((0..1 + chance.below(6)).map(|_| chance.below(plain) as u32));
    // The first token of the repeat cannot be foretold.
    let answer = text.len() + 1;
    text.extend(said);
    Lesson { tokens: text, answer }
}

/// Learns the vocabulary that all sizes share from the suite's training half.
pub fn vocabulary(size: usize) -> Tokens {
    vocabulary_of(size, 1200)
}

/// The same from so many cases of each task.
pub fn vocabulary_of(size: usize, cases: u64) -> Tokens {
    let cases = (0..cases).flat_map(|seed| Task::ALL.iter().map(move |task| (*task, seed)));
    let texts = cases.map(|(task, seed)| {
        let case = everyday::case(task, Split::Train, seed);
        talk::asked(&case, Thinking::Free) + &talk::answer(&case.wanted, Thinking::Free)
    });
    Tokens::learn(texts, size)
}
