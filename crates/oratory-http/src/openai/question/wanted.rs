//! What belongs where in a chat completion request, in a person's words.
//!
//! serde's own words are those of Rust.

use crate::misread::Wanted;

/// What belongs where, by path; a number in brackets is left out.
pub(super) const WANTED: &[Wanted] = &[
    ("body", "a JSON object"),
    ("model", "a text"),
    ("messages", "a list of messages"),
    ("messages[]", "an object with `role` and `content`"),
    ("messages[].role", "system, developer, user or assistant"),
    ("messages[].content", "a text or a list of parts"),
    ("messages[].content[]", "an object with `type` and what belongs to it"),
    ("messages[].content[].type", "a text"),
    ("messages[].content[].text", "a text"),
    ("stream", "true or false"),
    ("stream_options", "an object"),
    ("stream_options.include_usage", "true or false"),
    ("max_tokens", "a whole number, 1 or more"),
    ("max_completion_tokens", "a whole number, 1 or more"),
    ("truncation", "auto or disabled"),
    ("stop", "a text or a list of at most 16 texts"),
    ("stop[]", "a text"),
    ("top_k", "a whole number, 0 or more"),
    ("seed", "a whole number"),
    ("n", "a whole number"),
    ("response_format", "an object with `type`"),
    ("response_format.type", "a text"),
    ("tools", "a list of tools"),
    ("tools[]", "an object with `type` and `function`"),
    ("tools[].function", "an object with `name` and `parameters`"),
    ("tools[].function.name", "a text"),
    ("tools[].function.description", "a text"),
    ("messages[].tool_calls", "a list of calls"),
    ("parallel_tool_calls", "true or false"),
    ("logprobs", "true or false"),
    ("logit_bias", "an object of token numbers and numbers"),
    ("reasoning_effort", "none, minimal, low, medium or high"),
    ("modalities", "a list of texts"),
    ("modalities[]", "a text"),
    // All that are left are sampling parameters.
    ("", "a number"),
];
