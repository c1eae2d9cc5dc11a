//! Keeps what a model writes in the form that was asked for: JSON, a schema, a grammar, calls.
//!
//! Before each token it says which tokens may come; `llguidance` does the work. It knows tokens
//! by their numbers and bytes only. What a caller hands in is capped before it is compiled, and
//! what it costs to follow is capped after: nothing here hangs or ends the process.

mod calls;
mod digits;
mod environment;
mod grounds;
mod limits;
mod parameters;
#[cfg(test)]
mod tests;
mod words;

use llguidance::Matcher;
use llguidance::toktrie::SimpleVob;
use oratory_contract::{Form, Tools};

use self::calls::Trust;
pub(crate) use self::environment::Environment;
pub(crate) use self::environment::Vocabulary;
use self::words::Words;
use crate::speech::{Shape, Style};
use crate::template::Opens;

/// Why an answer cannot be kept in a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// What was handed in is too much.
    #[error("{what} has {size} {unit}; at most {most} are followed")]
    TooMuch { what: String, size: usize, unit: &'static str, most: usize },
    /// What was handed in cannot be followed.
    #[error("{what} cannot be followed: {why}")]
    Unsupported { what: String, why: String },
    /// The named tool is not on offer.
    #[error("the tool {0:?} must be called but is not among the tools offered")]
    NoSuchTool(String),
    /// The vocabulary cannot be used.
    #[error("this model's vocabulary cannot be kept in a form: {0}")]
    Vocabulary(String),
    /// Preparing it took too long.
    #[error("the form took over {0} s to prepare")]
    TooLong(u64),
    /// Following it became too much on the way, or went wrong.
    #[error("the answer could not be kept in its form: {0}")]
    Lost(String),
}

/// What an answer must keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// The form of the text.
    pub(crate) form: &'a Form,
    /// What may or must be called.
    pub(crate) tools: &'a Tools,
    /// How this model writes calls and thinking.
    pub(crate) style: &'a Style,
    /// What the prompt left open.
    pub(crate) opens: Opens,
    /// Whether the model may think before it answers.
    pub(crate) thinks: Thinks,
}

/// Whether the model may think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thinks {
    /// It may.
    Perhaps,
    /// It may not.
    No,
}

/// Keeps one answer in its form, token by token.
#[derive(Clone)]
pub(crate) struct Constraint {
    environment: Environment,
    rules: Rules,
    phase: Phase,
    /// Follows the grammar that counts.
    matcher: Option<Matcher>,
    /// Everything written, control tokens spelled out.
    written: Vec<u8>,
    /// Where in it the present phase began.
    since: usize,
    steps: Vec<Step>,
    mask: SimpleVob,
}

/// What is known before the first token.
#[derive(Clone)]
struct Rules {
    /// What follows the answer once thinking has ended, at its start; copies are taken.
    after_thinking: Option<Matcher>,
    calls: Option<Lazy>,
    /// Whether the text is JSON.
    json: bool,
    think_open: &'static [u8],
    think_close: &'static [u8],
}

/// Calls that are followed only once one begins.
#[derive(Clone)]
struct Lazy {
    mark: &'static str,
    /// Follows what is behind the mark, at its start; copies are taken.
    behind: Matcher,
    /// The grammar of it, for a mark whose end lies in the middle of a token.
    rest: String,
    /// How a call begins that has no mark, if it stands at the start of the answer.
    bare: Option<&'static str>,
}

/// A call without a mark, as far as it is certain to be one.
const BARE: &str = "{\"name\": \"";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The first tokens: the form, or the mark that opens thinking.
    MayThink,
    /// In the middle of the mark that opens thinking.
    Opening,
    Thinking,
    /// Free text, until a call begins.
    Free,
    Bound,
}

/// One accepted token.
#[derive(Clone)]
struct Step {
    token: u32,
    length: usize,
    phase: Phase,
}

impl Constraint {
    /// Returns what keeps an answer in its form; `None` if nothing has to.
    pub(crate) fn new(environment: &Environment, wish: &Wish<'_>) -> Result<Option<Self>, Problem> {
        let Some(made) = compile(environment, wish)? else { return Ok(None) };
        let phase = match (wish.opens, &made.start, wish.thinks) {
            (Opens::Thinking, _, _) => Phase::Thinking,
            (Opens::Answer, None, _) => Phase::Free,
            (Opens::Answer, Some(_), Thinks::Perhaps) => Phase::MayThink,
            (Opens::Answer, Some(_), Thinks::No) => Phase::Bound,
        };
        let thinking = wish.style.thinking;
        Ok(Some(Self {
            matcher: made.start,
            mask: environment.none(),
            environment: environment.clone(),
            rules: Rules {
                after_thinking: made.after_thinking,
                calls: made.calls.map(|(rest, behind)| lazy(wish, rest, behind)),
                json: matches!(wish.form, Form::Json | Form::Schema(_)),
                think_open: thinking.open.as_bytes(),
                think_close: thinking.close.as_bytes(),
            },
            phase,
            written: Vec::new(),
            since: 0,
            steps: Vec::new(),
        }))
    }

    /// Returns which tokens may come next, one bit each; `None` means any.
    pub(crate) fn mask(&mut self) -> Result<Option<&[u32]>, Problem> {
        match self.phase {
            Phase::Free => return Ok(None),
            Phase::Thinking if self.rules.after_thinking.is_none() => return Ok(None),
            Phase::Thinking => return Ok(Some(self.environment.all_but_ends().as_slice())),
            Phase::Opening => {
                self.mask = self.environment.none();
                self.allow_opening();
            }
            Phase::MayThink => {
                self.mask = self.bound_mask()?;
                self.allow_opening();
            }
            Phase::Bound => self.mask = self.bound_mask()?,
        }
        Ok(Some(self.mask.as_slice()))
    }

    fn bound_mask(&mut self) -> Result<SimpleVob, Problem> {
        let matcher = self.matcher.as_mut().ok_or_else(|| lost("there is no grammar"))?;
        let mut mask = matcher.compute_mask_or_eos().map_err(lost)?;
        if self.rules.json {
            digits::hold_back(&self.environment, &self.written[self.since..], &mut mask);
        }
        Ok(mask)
    }

    /// Adds the tokens that go on with the mark that opens thinking.
    fn allow_opening(&mut self) {
        let done = (self.written.len() - self.since).min(self.rules.think_open.len());
        self.environment.continue_mark(&self.rules.think_open[done..], &mut self.mask);
    }

    /// Takes the token that was chosen.
    pub(crate) fn accept(&mut self, token: u32) -> Result<(), Problem> {
        let bytes = self.environment.bytes(token).to_vec();
        let step = Step { token, length: bytes.len(), phase: self.phase };
        self.written.extend_from_slice(&bytes);
        let done = match self.phase {
            Phase::Bound => self.feed(token),
            Phase::MayThink | Phase::Opening => self.open(token),
            Phase::Thinking => {
                self.think(step.length);
                Ok(())
            }
            Phase::Free => self.free(token, step.length),
        };
        self.steps.push(step);
        done
    }

    fn feed(&mut self, token: u32) -> Result<(), Problem> {
        let matcher = self.matcher.as_mut().ok_or_else(|| lost("there is no grammar"))?;
        matcher.consume_token(token).map_err(lost)
    }

    /// The first tokens: as long as they spell the mark, thinking may follow.
    fn open(&mut self, token: u32) -> Result<(), Problem> {
        let said = &self.written[self.since..];
        if said.starts_with(self.rules.think_open) {
            self.enter(Phase::Thinking);
            return Ok(());
        }
        let opening = self.rules.think_open.starts_with(said);
        let fits = self.phase == Phase::MayThink && self.fits(token);
        if fits {
            self.feed(token)?;
        }
        match (opening, fits) {
            (true, true) => {}
            (true, false) => self.phase = Phase::Opening,
            (false, true) => self.enter(Phase::Bound),
            (false, false) => return Err(lost("a token came that the form does not allow")),
        }
        Ok(())
    }

    fn fits(&mut self, token: u32) -> bool {
        let matcher = self.matcher.as_mut();
        matcher.is_some_and(|matcher| matcher.validate_tokens(&[token]).is_ok_and(|fit| fit == 1))
    }

    fn think(&mut self, length: usize) {
        // What the same token says behind the mark is layout: the form begins with the next.
        if self.find(self.rules.think_close, length).is_none() {
            return;
        }
        match self.rules.after_thinking.clone() {
            None => self.enter(Phase::Free),
            Some(matcher) => self.bind(matcher),
        }
    }

    fn bind(&mut self, matcher: Matcher) {
        self.matcher = Some(matcher);
        self.enter(Phase::Bound);
    }

    fn free(&mut self, token: u32, length: usize) -> Result<(), Problem> {
        let said = self.written[self.since..].trim_ascii_start();
        if said.starts_with(self.rules.think_open) && !self.has_thought() {
            self.enter(Phase::Thinking);
            return Ok(());
        }
        let Some(lazy) = &self.rules.calls else { return Ok(()) };
        if lazy.bare.is_some_and(|bare| self.has_just_said(bare, length)) {
            let matcher = lazy.behind.clone();
            self.bind_bare(matcher, token, length);
            return Ok(());
        }
        let Some(behind) = self.find(lazy.mark.as_bytes(), length) else { return Ok(()) };
        if behind == 0 {
            let matcher = lazy.behind.clone();
            self.bind(matcher);
            return Ok(());
        }
        // A token can hold the end of the mark and the beginning of the call.
        let grammar = format!("start: {} {}", self.tail_of_mark(length - behind), lazy.rest);
        let mut matcher = self.environment.matcher(&grammar).map_err(lost)?;
        if matcher.consume_token(token).is_err() {
            // It only looked like a call: the text goes on.
            self.since = self.written.len();
            return Ok(());
        }
        self.bind(matcher);
        Ok(())
    }

    /// Says whether the answer begins with `text` since the last `length` bytes.
    fn has_just_said(&self, text: &str, length: usize) -> bool {
        let said = &self.written[self.since..];
        said.starts_with(text.as_bytes()) && said.len() - length < text.len()
    }

    /// Follows a call without a mark from its beginning, which was free text until now.
    fn bind_bare(&mut self, mut matcher: Matcher, token: u32, length: usize) {
        let (mut tokens, mut length) = (vec![token], length);
        for before in self.steps.iter().rev() {
            if length >= self.written.len() - self.since {
                break;
            }
            tokens.push(before.token);
            length += before.length;
        }
        tokens.reverse();
        // A name that is no tool's may be anybody's JSON.
        if matcher.consume_tokens(&tokens).is_ok() {
            self.bind(matcher);
        }
    }

    /// Returns the grammar of the bytes with which the last token ended the mark.
    fn tail_of_mark(&self, own: usize) -> String {
        let end = self.written.len();
        let from = self.steps_end();
        let text = String::from_utf8_lossy(&self.written[from..(from + own).min(end)]);
        self.environment.literal(&text)
    }

    /// Returns where the last token begins.
    fn steps_end(&self) -> usize {
        self.steps.iter().map(|step| step.length).sum()
    }

    fn has_thought(&self) -> bool {
        self.steps.iter().any(|step| step.phase == Phase::Thinking)
    }

    /// Looks for a mark that ends in the last `length` bytes; returns how many are behind it.
    fn find(&self, mark: &[u8], length: usize) -> Option<usize> {
        let from = self.written.len().saturating_sub(length + mark.len() - 1).max(self.since);
        let at = self.written[from..].windows(mark.len()).position(|part| part == mark)?;
        Some(self.written.len() - (from + at + mark.len()))
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = self.written.len();
    }

    /// Says whether nothing but the end can follow.
    pub(crate) fn is_over(&self) -> bool {
        let over = |matcher: &Matcher| matcher.is_stopped();
        self.phase == Phase::Bound && self.matcher.as_ref().is_some_and(over)
    }

    /// Says whether the answer may end here.
    #[cfg(test)]
    pub(crate) fn may_stop(&mut self) -> bool {
        match self.phase {
            Phase::Free => true,
            Phase::Thinking => self.rules.after_thinking.is_none(),
            Phase::Opening => false,
            Phase::MayThink | Phase::Bound => self.matcher.as_mut().is_some_and(|matcher| {
                matcher.is_stopped() || matcher.is_accepting().unwrap_or(false)
            }),
        }
    }

    /// Returns tokens that must come next, so that they need no model; `tokenise` cuts text the
    /// way the model's own tokeniser does.
    pub(crate) fn forced(&mut self, tokenise: impl Fn(&str) -> Vec<u32>) -> Vec<u32> {
        if self.phase != Phase::Bound || self.is_over() {
            return Vec::new();
        }
        // Asking moves a matcher on, so a copy is asked.
        let Some(mut asked) = self.matcher.clone() else { return Vec::new() };
        let bytes = asked.compute_ff_bytes();
        let tokens = self.environment.tokens_of(&bytes, tokenise);
        let Some(matcher) = self.matcher.as_mut() else { return Vec::new() };
        let fitting = matcher.validate_tokens(&tokens).unwrap_or(0);
        tokens[..fitting].to_vec()
    }
}

fn lazy(wish: &Wish<'_>, rest: String, behind: Matcher) -> Lazy {
    let bare = (wish.style.shape == Shape::Bare).then_some(BARE);
    Lazy { mark: wish.style.begins[0], behind, rest, bare }
}

/// What a wish comes to.
struct Made {
    start: Option<Matcher>,
    after_thinking: Option<Matcher>,
    /// The grammar behind a call's mark, and what follows it.
    calls: Option<(String, Matcher)>,
}

/// Compiles everything at once, so that what cannot be followed is refused before the answer.
fn compile(environment: &Environment, wish: &Wish<'_>) -> Result<Option<Made>, Problem> {
    let Some(words) = words::of(environment, wish, Trust::Schemas)? else { return Ok(None) };
    match made(environment, words) {
        Ok(made) => Ok(Some(made)),
        // One of the schemas may be beyond us; unless a tool is strict, it is only advice.
        Err(why) if wish.tools.may_be_called() => {
            let words = words::of(environment, wish, Trust::StrictOnly)?;
            let made = words.map(|words| made(environment, words)).transpose();
            made.map_err(|_| unsupported(&words::subject(wish), why))
        }
        Err(why) => Err(unsupported(&words::subject(wish), why)),
    }
}

fn made(environment: &Environment, words: Words) -> Result<Made, String> {
    let start = words.start.as_deref().map(|text| environment.matcher(text)).transpose()?;
    let after_thinking = match words.after_thinking {
        text if text == words.start => start.clone(),
        text => text.map(|text| environment.matcher(&text)).transpose()?,
    };
    let behind = |calls: String| {
        let matcher = environment.matcher(&format!("start: {calls}"))?;
        Ok::<_, String>((calls, matcher))
    };
    let calls = words.calls.map(behind).transpose()?;
    Ok(Made { start, after_thinking, calls })
}

#[expect(clippy::needless_pass_by_value, reason = "it ends the error it is given")]
fn lost(why: impl ToString) -> Problem {
    let why = match why.to_string() {
        // The word of the parts underneath for it.
        why if why.contains("NoExtensionBias") => "it allows no text at all".to_owned(),
        why => limits::shortened(&why),
    };
    Problem::Lost(why)
}

#[expect(clippy::needless_pass_by_value, reason = "it ends the error it is given")]
fn unsupported(what: &str, why: impl ToString) -> Problem {
    Problem::Unsupported { what: what.to_owned(), why: limits::shortened(&why.to_string()) }
}
