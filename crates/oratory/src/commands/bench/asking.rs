//! Asks the engine as requests do, and keeps when each answer began and ended.
//!
//! Prompts are words without sense, no two alike, so that nothing read before is of use.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use oratory_contract::{
    Asked, Chunk, Failure, Labels, Limits, LocalPlace, Message, ModelName, Permit, Prepared, Role,
    Sampling, Wanted,
};
use oratory_local::Engine;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// One answer, as far as it is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) input: u32,
    cached: u32,
    pub(super) output: u32,
    first: Duration,
    all: Duration,
}

impl Heard {
    pub(super) fn first_ms(&self) -> f64 {
        self.first.as_secs_f64() * 1e3
    }

    /// Returns tokens of the prompt a second, until the first token was written.
    pub(super) fn reading_pace(&self) -> f64 {
        f64::from(self.input - self.cached) / self.first.as_secs_f64()
    }

    /// Returns tokens a second after the first; `None` for an answer too short to tell.
    pub(super) fn writing_pace(&self) -> Option<f64> {
        let took = self.all.saturating_sub(self.first).as_secs_f64();
        (self.output >= 8 && took > 0.0).then(|| f64::from(self.output - 1) / took)
    }
}

/// Asks one model.
pub(super) struct Asker<'a> {
    engine: &'a Engine,
    model: ModelName,
    asked: std::cell::Cell<u32>,
    /// Tokens of a word, and of what is around the words.
    tokens: (f64, f64),
}

impl<'a> Asker<'a> {
    pub(super) fn new(engine: &'a Engine, model: &str) -> Self {
        Self { engine, model: model.into(), asked: std::cell::Cell::new(0), tokens: (1.0, 0.0) }
    }

    /// Learns from two prompts how many tokens a word takes.
    pub(super) fn calibrate(&mut self, short: &Heard, few: u32, long: &Heard, many: u32) {
        let word = f64::from(long.input.saturating_sub(short.input)) / f64::from(many - few);
        let around = f64::from(short.input) - word * f64::from(few);
        self.tokens = (word.max(0.1), around.max(0.0));
    }

    /// Returns how many words make a prompt of so many tokens.
    pub(super) fn words(&self, tokens: u32) -> u32 {
        let (word, around) = self.tokens;
        (((f64::from(tokens) - around) / word).round().max(1.0)) as u32
    }

    /// Asks with a prompt of so many words and hears an answer of so many tokens at the most.
    pub(super) async fn ask(&self, words: u32, most: u32) -> Result<Heard, Failure> {
        let number = self.asked.get();
        self.asked.set(number + 1);
        let asked = Asked {
            sampling: Sampling { temperature: Some(0.0), ..Sampling::default() },
            limits: Limits { max_tokens: Some(most), time: PATIENCE, ..Limits::default() },
            // Callers are kept apart, so that no prompt meets another's.
            ..Asked::new(
                format!("bench-{number}").as_str().into(),
                Wanted::Named(self.model.to_string()),
                vec![Message::new(Role::User, prompt(number, words))],
            )
        };
        let permit = Permit::new(Labels::default(), Vec::new(), Vec::new());
        let began = Instant::now();
        let mut answer = self.engine.run(&self.model, Prepared::new(asked, &permit)).await?;
        let mut first = None;
        let mut heard =
            Heard { input: 0, cached: 0, output: 0, first: Duration::ZERO, all: Duration::ZERO };
        while let Some(chunk) = answer.chunks.next().await {
            match chunk? {
                Chunk::Done(done) => {
                    heard.input = done.usage.input;
                    heard.cached = done.usage.cached.min(done.usage.input);
                    heard.output = done.usage.output;
                }
                _ => {
                    first.get_or_insert_with(|| began.elapsed());
                }
            }
        }
        heard.all = began.elapsed();
        heard.first = first.unwrap_or(heard.all);
        Ok(heard)
    }

    /// Asks so many times at once.
    pub(super) async fn crowd(
        &self,
        count: u32,
        words: u32,
        most: u32,
    ) -> Result<Vec<Heard>, Failure> {
        let all = (0..count).map(|_| self.ask(words, most));
        futures_util::future::try_join_all(all).await
    }
}

/// Returns words without sense. The first is the prompt's own.
fn prompt(number: u32, words: u32) -> String {
    const WORDS: [&str; 16] = [
        "river", "stone", "light", "paper", "garden", "music", "winter", "bridge", "copper",
        "letter", "forest", "window", "silver", "harbor", "mirror", "planet",
    ];
    let mut state = number.wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
    let mut text = format!("{number}:");
    for _ in 0..words {
        // An ordinary linear generator; only variety is needed.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(' ');
        text.push_str(WORDS[(state >> 28) as usize]);
    }
    text
}
