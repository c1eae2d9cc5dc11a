//! A `.gguf` file anywhere on the web: its size and what it is, its server says when asked.
//!
//! Nothing vouches for its content.

use crate::index::Origin;
use crate::plan::{Part, Plan, file_of, split};
use crate::reference::unescaped;
use crate::web::{escaped, host};
use crate::{ModelsError, file_name};

/// Returns what to fetch for an address.
pub(crate) fn plan(url: &str) -> Result<Plan, ModelsError> {
    let page = url.split(['?', '#']).next().unwrap_or(url);
    let last = page.rsplit('/').next().unwrap_or_default();
    let refused = |why: String| ModelsError::Name { asked: page.escape_debug().to_string(), why };
    let file = unescaped(last).ok_or_else(|| refused("its file name is not text".to_owned()))?;
    if let Some(why) = file_name::fault(&file) {
        return Err(refused(why));
    }
    let stem = &file[..file.len() - ".gguf".len()];
    let (name, _, total) = split(stem).unwrap_or((stem, 1, 1));
    let part = |number| {
        let there = file_of(name, number, total);
        // A part of a split model names all of them; a lone file is called as it is.
        let url = match total {
            1 => url.to_owned(),
            _ => url.replacen(last, &escaped(&there), 1),
        };
        Part { url, file: there, size: None, sha256: None }
    };
    let owner: String =
        host(url).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let plan = Plan {
        name: name.to_owned(),
        owner,
        origin: Origin::Link { url: page.to_owned() },
        licence: None,
        parts: (1..=total).map(part).collect(),
        projector: None,
        beside: None,
        with_token: false,
    };
    plan.checked()
}
