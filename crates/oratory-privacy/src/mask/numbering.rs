//! Gives tool calls numbers of our own: what a caller calls them is nobody's business elsewhere.
//!
//! Nine letters and digits, because some providers take nothing else.

use std::collections::HashMap;

use oratory_contract::Message;

/// Replaces the names of calls by numbers, the same in a call and in what came of it.
pub(super) fn number(messages: &mut [Message]) {
    let mut known = HashMap::new();
    let mut count = 0_u32;
    let mut next = || {
        count += 1;
        format!("call{count:05}")
    };
    for message in messages {
        for call in &mut message.calls {
            let number = next();
            known.insert(std::mem::replace(&mut call.id, number.clone()), number);
        }
        if let Some(answered) = &mut message.answers {
            *answered = known.get(answered).cloned().unwrap_or_else(&mut next);
        }
    }
}
