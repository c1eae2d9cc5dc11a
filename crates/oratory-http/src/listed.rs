//! Lists of what is kept, and what a client may say about which part of one it wants.
//!
//! How a page is told is the dialect's matter.

use http::Uri;

use crate::failures::short;
use crate::rejected::Rejected;

/// What can be listed.
pub(crate) trait Listed {
    /// Returns its name.
    fn id(&self) -> &str;
    /// Returns when it was made, in seconds since 1970.
    fn created(&self) -> u64;
}

/// Puts what was made last first.
pub(crate) fn newest_first<T: Listed>(all: &mut [T]) {
    all.sort_by(|a, b| (b.created(), b.id()).cmp(&(a.created(), a.id())));
}

/// Returns a field of the query.
pub(crate) fn field<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let fields = uri.query().unwrap_or_default().split('&');
    fields
        .filter_map(|field| field.split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// Returns how much one page may hold.
pub(crate) fn limit(uri: &Uri, usual: usize, most: usize) -> Result<usize, Rejected> {
    match field(uri, "limit").map(str::parse) {
        None => Ok(usual),
        Some(Ok(limit)) if (1..=most).contains(&limit) => Ok(limit),
        Some(_) => {
            let message = format!("`limit` must be a whole number from 1 to {most}");
            Err(Rejected::field("limit", message))
        }
    }
}

/// Returns where in a list stands what a field of the query names, if it names something.
pub(crate) fn place<T: Listed>(
    all: &[T],
    uri: &Uri,
    name: &str,
) -> Result<Option<usize>, Rejected> {
    let Some(id) = field(uri, name).filter(|id| !id.is_empty()) else { return Ok(None) };
    all.iter().position(|one| one.id() == id).map(Some).ok_or_else(|| {
        let message = format!("`{name}` is {:?}, and nothing is called so", short(id));
        Rejected::field(name, message)
    })
}
