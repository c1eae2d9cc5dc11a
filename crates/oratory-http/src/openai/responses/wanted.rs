//! What belongs where in a request for a response, in a person's words.
//!
//! serde's own words are those of Rust.

use crate::misread::Wanted;

pub(super) const WANTED: &[Wanted] = &[
    ("body", "a JSON object"),
    ("model", "a text"),
    ("input", "a text or a list of items"),
    ("instructions", "a text"),
    ("max_output_tokens", "a whole number, 1 or more"),
    ("top_logprobs", "a whole number from 0 to 20"),
    ("stream", "true or false"),
    ("store", "true or false"),
    ("tools", "a list of tools"),
    ("parallel_tool_calls", "true or false"),
    ("text", "an object"),
    ("text.format", "an object with `type`"),
    ("text.format.type", "a text"),
    ("text.verbosity", "a text"),
    ("reasoning", "an object"),
    ("reasoning.effort", "none, minimal, low, medium or high"),
    ("reasoning.summary", "a text"),
    ("previous_response_id", "a text"),
    ("include", "a list of texts"),
    ("include[]", "a text"),
    ("truncation", "auto or disabled"),
    // All that are left are sampling parameters.
    ("", "a number"),
];
