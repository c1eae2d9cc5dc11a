//! Chooses the next token from the logits, in a fixed order of steps.
//!
//! Order: bias, what a constraint forbids, penalties (repeat over the last tokens, frequency
//! and presence over what was said), DRY, top-n-sigma, top-k, typical, top-p, min-p, XTC,
//! temperature, then a draw with the seed. Mirostat stands in for everything from top-n-sigma to
//! XTC. At temperature 0 the likeliest token after the penalties.

use std::collections::{HashMap, VecDeque};
use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;
use oratory_contract::Sampling;

use super::{Model, Token};

/// What a model is sampled with where the request does not say; as llama.cpp and Ollama do.
const TEMPERATURE: f32 = 0.8;
const TOP_K: u32 = 40;
const TOP_P: f32 = 0.95;
const MIN_P: f32 = 0.05;
/// How far back the repeat penalty looks.
const PENALTY_WINDOW: usize = 64;
/// Two tokens whose logits lie closer than this may change places when several are computed at
/// once. Measured with random weights of 4 bits, the worst there are: a logit moves by up to 0.2.
const CLOSE: f32 = 0.5;
/// Up to this many candidates are picked out before the chain sees them.
const FEW: usize = 1024;

/// How exact the logits are that a token is chosen by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trust {
    /// They are what computing this token alone gives.
    Exact,
    /// They may be off by the way several tokens are computed at once.
    About,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Token(Token),
    /// Nothing: the two likeliest lie so close that it takes exact numbers.
    Close,
}

/// A chain of sampling steps with its own memory of what it chose.
pub(crate) struct Sampler {
    /// `None` always takes the likeliest.
    draw: Option<Chain>,
    candidates: Vec<sys::llama_token_data>,
    bias: Vec<(usize, f32)>,
    penalties: Option<Penalties>,
    /// How many candidates are enough; `None` means that the chain must see all.
    few: Option<usize>,
}

/// A chain of llama.cpp's sampling steps.
struct Chain(NonNull<sys::llama_sampler>);

impl Drop for Chain {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `chain_init`, is freed once, and owns its steps.
        unsafe { sys::llama_sampler_free(self.0.as_ptr()) };
    }
}

impl Chain {
    fn new() -> Self {
        // SAFETY: plain data, and a constructor without preconditions.
        let raw =
            unsafe { sys::llama_sampler_chain_init(sys::llama_sampler_chain_default_params()) };
        Self(NonNull::new(raw).expect("llama.cpp allocates or ends the process"))
    }

    fn add(&self, step: *mut sys::llama_sampler) {
        // SAFETY: both are live, and the chain takes the step over.
        unsafe { sys::llama_sampler_chain_add(self.0.as_ptr(), step) };
    }
}

impl Sampler {
    /// Makes the sampler that `sampling` asks for after `prompt`; `seed` is used where it names
    /// none.
    pub(crate) fn new(model: &Model, sampling: &Sampling, prompt: &[Token], seed: u64) -> Self {
        let temperature = sampling.temperature.unwrap_or(TEMPERATURE);
        let seed = sampling.seed.unwrap_or(seed);
        let mut draw = (temperature > 0.0).then(|| drawing(model, sampling, temperature, seed));
        if draw.is_none() && sampling.dry.is_some() {
            let chain = Chain::new();
            add_dry(&chain, model, sampling);
            // SAFETY: a constructor without preconditions.
            chain.add(unsafe { sys::llama_sampler_init_greedy() });
            draw = Some(chain);
        }
        let top_k = sampling.top_k.unwrap_or(TOP_K) as usize;
        let sees_all = sampling.dry.is_some()
            || sampling.mirostat.is_some()
            || sampling.top_n_sigma.is_some()
            || !(1..=FEW).contains(&top_k);
        let mut sampler = Self {
            draw,
            candidates: Vec::new(),
            bias: sampling.bias.iter().map(|&(token, by)| (token as usize, by)).collect(),
            penalties: Penalties::new(sampling, prompt),
            few: (!sees_all).then_some(top_k),
        };
        if sampling.dry.is_some() {
            let from = prompt.len().saturating_sub(4096);
            prompt[from..].iter().for_each(|token| sampler.chain_accepts(*token));
        }
        sampler
    }

    /// Says whether the likeliest token is always taken.
    fn is_greedy(&self) -> bool {
        self.draw.is_none()
    }

    /// Chooses a token and remembers it; `None` if nothing could be chosen. What a constraint
    /// forbids must be `-inf` already.
    pub(crate) fn choose(&mut self, logits: &mut [f32], trust: Trust) -> Option<Choice> {
        for &(token, by) in &self.bias {
            if let Some(logit) = logits.get_mut(token) {
                *logit += by;
            }
        }
        if let Some(penalties) = &self.penalties {
            penalties.apply(logits);
        }
        if trust == Trust::About && self.is_greedy() && margin(logits) < CLOSE {
            return Some(Choice::Close);
        }
        let token = if self.draw.is_some() { self.drawn(logits)? } else { likeliest(logits)? };
        if let Some(penalties) = &mut self.penalties {
            penalties.remember(token);
        }
        self.chain_accepts(token);
        Some(Choice::Token(token))
    }

    fn drawn(&mut self, logits: &[f32]) -> Option<Token> {
        let chain = self.draw.as_ref()?;
        self.candidates.clear();
        match self.few {
            Some(few) => few_likeliest(logits, few, &mut self.candidates),
            None => {
                let rated = logits.iter().zip(0..).filter(|(logit, _)| **logit > f32::NEG_INFINITY);
                self.candidates.extend(rated.map(|(logit, id)| candidate(id, *logit)));
            }
        }
        let mut array = sys::llama_token_data_array {
            data: self.candidates.as_mut_ptr(),
            size: self.candidates.len(),
            selected: -1,
            sorted: false,
        };
        if array.size == 0 {
            return None;
        }
        // SAFETY: the array describes `candidates`, which outlives the call.
        unsafe { sys::llama_sampler_apply(chain.0.as_ptr(), &raw mut array) };
        let chosen = usize::try_from(array.selected).ok().filter(|&at| at < array.size)?;
        self.candidates.get(chosen).map(|candidate| candidate.id)
    }

    fn chain_accepts(&mut self, token: Token) {
        if let Some(chain) = &self.draw {
            // SAFETY: a live chain; the token is in the vocabulary.
            unsafe { sys::llama_sampler_accept(chain.0.as_ptr(), token) };
        }
    }
}

fn drawing(model: &Model, sampling: &Sampling, temperature: f32, seed: u64) -> Chain {
    let chain = Chain::new();
    // Fold both halves in, so that seeds that differ only above 32 bits still differ.
    let seed = (seed ^ (seed >> 32)) as u32;
    add_dry(&chain, model, sampling);
    if let Some(mirostat) = sampling.mirostat {
        let vocabulary = i32::try_from(model.tokens()).unwrap_or(i32::MAX);
        let (tau, eta) = (mirostat.tau, mirostat.eta);
        // SAFETY: constructors without preconditions; the worker has checked the numbers.
        unsafe {
            chain.add(sys::llama_sampler_init_temp(temperature));
            chain.add(match mirostat.version {
                1 => sys::llama_sampler_init_mirostat(vocabulary, seed, tau, eta, 100),
                _ => sys::llama_sampler_init_mirostat_v2(seed, tau, eta),
            });
        }
        return chain;
    }
    add_cuts(&chain, sampling, seed);
    // SAFETY: constructors without preconditions.
    unsafe {
        chain.add(sys::llama_sampler_init_temp(temperature));
        chain.add(sys::llama_sampler_init_dist(seed));
    }
    chain
}

fn add_cuts(chain: &Chain, sampling: &Sampling, seed: u32) {
    let top_k = i32::try_from(sampling.top_k.unwrap_or(TOP_K)).unwrap_or(i32::MAX);
    // SAFETY: constructors without preconditions; 0 tokens or more are kept by each.
    unsafe {
        if let Some(sigmas) = sampling.top_n_sigma {
            chain.add(sys::llama_sampler_init_top_n_sigma(sigmas));
        }
        chain.add(sys::llama_sampler_init_top_k(top_k));
        if let Some(typical) = sampling.typical_p {
            chain.add(sys::llama_sampler_init_typical(typical, 1));
        }
        chain.add(sys::llama_sampler_init_top_p(sampling.top_p.unwrap_or(TOP_P), 1));
        chain.add(sys::llama_sampler_init_min_p(sampling.min_p.unwrap_or(MIN_P), 1));
        if let Some(xtc) = sampling.xtc {
            chain.add(sys::llama_sampler_init_xtc(xtc.probability, xtc.threshold, 1, seed));
        }
    }
}

fn add_dry(chain: &Chain, model: &Model, sampling: &Sampling) {
    let Some(dry) = sampling.dry else { return };
    let mut breakers = [c"\n".as_ptr(), c":".as_ptr(), c"\"".as_ptr(), c"*".as_ptr()];
    let allowed = i32::try_from(dry.allowed).unwrap_or(i32::MAX);
    // SAFETY: the strings are static, end in zero and are copied; the list is as long as stated.
    chain.add(unsafe {
        sys::llama_sampler_init_dry(
            model.vocabulary(),
            dry.multiplier,
            dry.base,
            allowed,
            4096,
            breakers.as_mut_ptr(),
            breakers.len(),
        )
    });
}

fn candidate(id: Token, logit: f32) -> sys::llama_token_data {
    sys::llama_token_data { id, logit, p: 0.0 }
}

/// Returns the likeliest token, the first of several; `None` if all are forbidden.
fn likeliest(logits: &[f32]) -> Option<Token> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if most == f32::NEG_INFINITY {
        return None;
    }
    let at = logits.iter().position(|logit| *logit == most)?;
    Token::try_from(at).ok()
}

/// Returns how far the likeliest token is ahead of the next.
fn margin(logits: &[f32]) -> f32 {
    let (mut first, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for &logit in logits {
        if logit > second {
            second = logit.min(first);
            first = first.max(logit);
        }
    }
    first - second
}

/// Picks out the `few` likeliest in one pass over the logits: what is not above the least of
/// those found so far is left out by one comparison.
fn few_likeliest(logits: &[f32], few: usize, out: &mut Vec<sys::llama_token_data>) {
    let more = (few * 4).max(256);
    let mut least = f32::NEG_INFINITY;
    for (id, &logit) in (0..).zip(logits) {
        if logit > least {
            out.push(candidate(id, logit));
            if out.len() == more {
                least = keep_likeliest(out, few);
            }
        }
    }
    if out.len() > few {
        keep_likeliest(out, few);
    }
}

fn keep_likeliest(out: &mut Vec<sys::llama_token_data>, few: usize) -> f32 {
    out.select_nth_unstable_by(few - 1, |a, b| b.logit.total_cmp(&a.logit));
    out.truncate(few);
    out[few - 1].logit
}

/// Lowers what was said before.
struct Penalties {
    repeat: f32,
    frequency: f32,
    presence: f32,
    window: usize,
    /// The last tokens, the prompt's included.
    recent: VecDeque<Token>,
    /// How often each token was said, the prompt not included.
    said: HashMap<Token, f32>,
}

impl Penalties {
    fn new(sampling: &Sampling, prompt: &[Token]) -> Option<Self> {
        let repeat = sampling.repeat_penalty.filter(|by| *by > 0.0).unwrap_or(1.0);
        let frequency = sampling.frequency_penalty.unwrap_or(0.0);
        let presence = sampling.presence_penalty.unwrap_or(0.0);
        if repeat == 1.0 && frequency == 0.0 && presence == 0.0 {
            return None;
        }
        let window = match sampling.penalty_window {
            None => PENALTY_WINDOW,
            // -1 means everything.
            Some(window) => usize::try_from(window).unwrap_or(usize::MAX),
        };
        let from = prompt.len().saturating_sub(window);
        let recent = prompt[from..].iter().copied().collect();
        Some(Self { repeat, frequency, presence, window, recent, said: HashMap::new() })
    }

    fn apply(&self, logits: &mut [f32]) {
        let index = |token: Token| usize::try_from(token).unwrap_or(usize::MAX);
        if self.repeat != 1.0 {
            let mut seen: Vec<Token> = self.recent.iter().copied().collect();
            seen.sort_unstable();
            seen.dedup();
            for token in seen {
                if let Some(logit) = logits.get_mut(index(token)) {
                    *logit = if *logit > 0.0 { *logit / self.repeat } else { *logit * self.repeat };
                }
            }
        }
        for (token, count) in &self.said {
            if let Some(logit) = logits.get_mut(index(*token)) {
                *logit -= count * self.frequency + self.presence;
            }
        }
    }

    fn remember(&mut self, token: Token) {
        self.recent.push_back(token);
        while self.recent.len() > self.window {
            self.recent.pop_front();
        }
        *self.said.entry(token).or_insert(0.0) += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_few_likeliest_are_those_a_sort_would_keep() {
        // A fixed scramble: every logit differs, none is in order.
        let logits: Vec<f32> =
            (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 8) as f32).collect();
        let mut sorted: Vec<(f32, i32)> = logits.iter().copied().zip(0..).collect();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
        for few in [1, 2, 40, 1000] {
            let mut out = Vec::new();
            few_likeliest(&logits, few, &mut out);
            let mut ids: Vec<i32> = out.iter().map(|candidate| candidate.id).collect();
            let mut expected: Vec<i32> = sorted[..few].iter().map(|(_, id)| *id).collect();
            ids.sort_unstable();
            expected.sort_unstable();
            assert_eq!(ids, expected, "{few}");
        }
    }

    #[test]
    fn the_margin_is_between_the_two_likeliest() {
        assert_eq!(margin(&[1.0, 4.0, -2.0, 3.5]), 0.5);
        assert_eq!(margin(&[4.0, 4.0]), 0.0);
        assert_eq!(margin(&[f32::NEG_INFINITY, 2.0]), f32::INFINITY, "there is no choice");
    }

    #[test]
    fn what_is_forbidden_is_never_the_likeliest() {
        assert_eq!(likeliest(&[f32::NEG_INFINITY, -3.0, -2.0]), Some(2));
        assert_eq!(likeliest(&[f32::NEG_INFINITY]), None);
    }

    #[test]
    fn penalties_lower_what_was_said() {
        let sampling = Sampling {
            frequency_penalty: Some(0.5),
            presence_penalty: Some(1.0),
            repeat_penalty: Some(2.0),
            ..Sampling::default()
        };
        let mut penalties = Penalties::new(&sampling, &[0]).unwrap();
        penalties.remember(1);
        penalties.remember(1);
        let mut logits = [8.0, 8.0, -8.0];
        penalties.apply(&mut logits);
        assert_eq!(logits, [4.0, 4.0 - 2.0, -8.0]);
    }
}
