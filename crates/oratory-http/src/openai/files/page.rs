//! Lists, page by page, in OpenAI's way: `limit`, `order` and `after`.
//!
//! What is listed says by which name it goes on.

use http::Uri;
use schemars::JsonSchema;
use serde::Serialize;

use crate::failures::short;
use crate::rejected::Rejected;

/// What can be listed.
pub(crate) trait Listed {
    /// Returns its name.
    fn id(&self) -> &str;
    /// Returns when it was made, in seconds since 1970.
    fn created(&self) -> u64;
}

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
    let limit = match field(uri, "limit").map(str::parse) {
        None => usual,
        Some(Ok(limit)) if (1..=most).contains(&limit) => limit,
        Some(_) => {
            let message = format!("`limit` must be a whole number from 1 to {most}");
            return Err(Rejected::field("limit", message));
        }
    };
    all.sort_by(|a, b| (a.created(), a.id()).cmp(&(b.created(), b.id())));
    match field(uri, "order") {
        None | Some("desc") => all.reverse(),
        Some("asc") => {}
        Some(_) => return Err(Rejected::field("order", "`order` must be asc or desc")),
    }
    if let Some(after) = field(uri, "after").filter(|after| !after.is_empty()) {
        let at = all.iter().position(|one| one.id() == after).ok_or_else(|| {
            let message = format!("`after` is {:?}, and nothing is called so", short(after));
            Rejected::field("after", message)
        })?;
        all.drain(..=at);
    }
    let has_more = all.len() > limit;
    all.truncate(limit);
    let id = |one: Option<&T>| one.map(|one| one.id().to_owned());
    let (first_id, last_id) = (id(all.first()), id(all.last()));
    Ok(List { object: "list", data: all, first_id, last_id, has_more })
}

/// Returns a field of the query.
pub(super) fn field<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let fields = uri.query().unwrap_or_default().split('&');
    fields
        .filter_map(|field| field.split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
