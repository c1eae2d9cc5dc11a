//! What belongs where in a request for an answer, in a person's words.
//!
//! serde's own words are those of Rust.

use crate::misread::Wanted;

pub(super) const WANTED: &[Wanted] = &[
    ("body", "a JSON object"),
    ("model", "a text"),
    ("messages", "a list of messages"),
    ("messages[]", "an object with `role` and `content`"),
    ("messages[].role", "system, user, assistant or tool"),
    ("messages[].content", "a text"),
    ("messages[].thinking", "a text"),
    ("messages[].images", "a list of pictures in base64"),
    ("messages[].images[]", "a picture in base64"),
    ("messages[].tool_calls", "a list of calls"),
    ("messages[].tool_calls[]", "an object with `function`"),
    ("messages[].tool_calls[].function", "an object with `name` and `arguments`"),
    ("messages[].tool_name", "a text"),
    ("prompt", "a text"),
    ("suffix", "a text"),
    ("system", "a text"),
    ("template", "a text"),
    ("raw", "true or false"),
    ("images", "a list of pictures in base64"),
    ("images[]", "a picture in base64"),
    ("tools", "a list of tools"),
    ("tools[]", "an object with `type` and `function`"),
    ("tools[].function", "an object with `name` and `parameters`"),
    ("tools[].function.name", "a text"),
    ("tools[].function.description", "a text"),
    ("stream", "true or false"),
    ("truncate", "true or false"),
    ("logprobs", "true or false"),
    ("top_logprobs", "a whole number from 0 to 20"),
    ("options", "an object"),
    ("options.num_predict", "a whole number"),
    ("options.top_k", "a whole number"),
    ("options.seed", "a whole number"),
    ("options.repeat_last_n", "a whole number"),
    ("options.mirostat", "0, 1 or 2"),
    ("options.stop", "a text or a list of at most 16 texts"),
    ("options.stop[]", "a text"),
    // All that are left are sampling parameters.
    ("", "a number"),
];
