//! Lists, page by page, in OpenAI's way: `limit`, `order` and `after`.
//!
//! What is listed says by which name it goes on.

use http::Uri;
use schemars::JsonSchema;
use serde::Serialize;

use crate::listed::{Listed, field, limit, newest_first, place};
use crate::rejected::Rejected;

/// A page of a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List<T> {
    object: &'static str,
    data: Vec<T>,
    first_id: Option<String>,
    last_id: Option<String>,
    has_more: bool,
}

/// Returns the page that is asked for, the newest first if nothing is said.
pub(crate) fn page<T: Listed>(
    mut all: Vec<T>,
    uri: &Uri,
    usual: usize,
    most: usize,
) -> Result<List<T>, Rejected> {
    let limit = limit(uri, usual, most)?;
    newest_first(&mut all);
    match field(uri, "order") {
        None | Some("desc") => {}
        Some("asc") => all.reverse(),
        Some(_) => return Err(Rejected::field("order", "`order` must be asc or desc")),
    }
    if let Some(at) = place(&all, uri, "after")? {
        all.drain(..=at);
    }
    let has_more = all.len() > limit;
    all.truncate(limit);
    let id = |one: Option<&T>| one.map(|one| one.id().to_owned());
    let (first_id, last_id) = (id(all.first()), id(all.last()));
    Ok(List { object: "list", data: all, first_id, last_id, has_more })
}
