//! Chooses the next token from the logits, in a fixed order of steps.
//!
//! Order: penalties, top-k, top-p, min-p, temperature, then a draw with the seed; at
//! temperature 0 the likeliest token after penalties.

use std::ptr::NonNull;

use llama_cpp_sys_2 as sys;
use oratory_contract::Sampling;

use super::Token;

/// What a model is sampled with where the request does not say; as llama.cpp and Ollama do.
const TEMPERATURE: f32 = 0.8;
const TOP_K: u32 = 40;
const TOP_P: f32 = 0.95;
const MIN_P: f32 = 0.05;
/// How far back penalties look.
const PENALTY_WINDOW: i32 = 64;

/// A chain of sampling steps with its own memory of what it chose.
pub(crate) struct Sampler {
    raw: NonNull<sys::llama_sampler>,
    candidates: Vec<sys::llama_token_data>,
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `chain_init`, is freed once, and owns its steps.
        unsafe { sys::llama_sampler_free(self.raw.as_ptr()) };
    }
}

impl Sampler {
    /// Makes the chain that `sampling` asks for; `seed` is used where it names none.
    pub(crate) fn new(sampling: &Sampling, seed: u64, vocabulary: usize) -> Self {
        // SAFETY: plain data, and a constructor without preconditions.
        let raw =
            unsafe { sys::llama_sampler_chain_init(sys::llama_sampler_chain_default_params()) };
        let raw = NonNull::new(raw).expect("llama.cpp allocates or ends the process");
        let sampler = Self { raw, candidates: Vec::with_capacity(vocabulary) };
        sampler.add_penalties(sampling, vocabulary);
        let temperature = sampling.temperature.unwrap_or(TEMPERATURE);
        if temperature <= 0.0 {
            // SAFETY: a constructor without preconditions.
            sampler.add(unsafe { sys::llama_sampler_init_greedy() });
        } else {
            sampler.add_draw(sampling, temperature, sampling.seed.unwrap_or(seed));
        }
        sampler
    }

    fn add(&self, step: *mut sys::llama_sampler) {
        // SAFETY: both are live, and the chain takes the step over.
        unsafe { sys::llama_sampler_chain_add(self.raw.as_ptr(), step) };
    }

    fn add_penalties(&self, sampling: &Sampling, vocabulary: usize) {
        let frequency = sampling.frequency_penalty.unwrap_or(0.0);
        let presence = sampling.presence_penalty.unwrap_or(0.0);
        if frequency == 0.0 && presence == 0.0 {
            return;
        }
        let tokens = i32::try_from(vocabulary).unwrap_or(i32::MAX);
        // SAFETY: a constructor; the worker has refused numbers that are not finite.
        self.add(unsafe {
            sys::llama_sampler_init_penalties(tokens, PENALTY_WINDOW, 1.0, frequency, presence)
        });
    }

    fn add_draw(&self, sampling: &Sampling, temperature: f32, seed: u64) {
        let top_k = i32::try_from(sampling.top_k.unwrap_or(TOP_K)).unwrap_or(i32::MAX);
        // Fold both halves in, so that seeds that differ only above 32 bits still differ.
        let seed = (seed ^ (seed >> 32)) as u32;
        // SAFETY: constructors without preconditions; 0 tokens or more are kept by each.
        unsafe {
            self.add(sys::llama_sampler_init_top_k(top_k));
            self.add(sys::llama_sampler_init_top_p(sampling.top_p.unwrap_or(TOP_P), 1));
            self.add(sys::llama_sampler_init_min_p(sampling.min_p.unwrap_or(MIN_P), 1));
            self.add(sys::llama_sampler_init_temp(temperature));
            self.add(sys::llama_sampler_init_dist(seed));
        }
    }

    /// Chooses a token and remembers it; `None` if nothing could be chosen.
    pub(crate) fn choose(&mut self, logits: &[f32]) -> Option<Token> {
        self.candidates.clear();
        let rated = logits.iter().zip(0..);
        self.candidates.extend(rated.map(|(&logit, id)| sys::llama_token_data {
            id,
            logit,
            p: 0.0,
        }));
        let mut array = sys::llama_token_data_array {
            data: self.candidates.as_mut_ptr(),
            size: self.candidates.len(),
            selected: -1,
            sorted: false,
        };
        // SAFETY: the array describes `candidates`, which outlives the call.
        unsafe { sys::llama_sampler_apply(self.raw.as_ptr(), &raw mut array) };
        let chosen = usize::try_from(array.selected).ok()?;
        let token = self.candidates.get(chosen).filter(|_| chosen < array.size)?.id;
        // SAFETY: a live chain; the token is in the vocabulary.
        unsafe { sys::llama_sampler_accept(self.raw.as_ptr(), token) };
        Some(token)
    }
}
