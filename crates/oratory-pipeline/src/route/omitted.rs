//! What of a request a place would leave out, and whether the request may go there all the same.
//!
//! Fields, tools and headers that nobody here reads go only to places that speak their dialect.

use oratory_contract::{Asked, At, Failure, FailureKind, ModelName, Strictness};

use crate::Site;

/// The most names that are told.
const MOST: usize = 16;

/// Why a model may not be asked: it would be left out what the request cannot do without.
pub(crate) struct Unfit {
    name: String,
    needed: Option<&'static str>,
}

/// Returns what of a request a model would not be told.
pub(crate) fn by(site: &Site, model: &ModelName, asked: &Asked) -> Vec<String> {
    let mut names: Vec<String> =
        asked.extras.left_out(understands(site, asked)).map(str::to_owned).collect();
    if let Site::Remote(place) = site {
        names.extend(place.leaves_out(model, asked).into_iter().map(str::to_owned));
    }
    names
}

/// Returns why a request may not go where these names are left out of it, if it may not.
pub(super) fn forbids(site: &Site, asked: &Asked, names: &[String]) -> Option<Unfit> {
    let needed = asked.extras.needed().filter(|_| !understands(site, asked));
    if let Some((name, why)) = needed {
        return Some(Unfit { name: name.to_owned(), needed: Some(why) });
    }
    let first = names.first().filter(|_| asked.extras.strictness == Strictness::Strict)?;
    Some(Unfit { name: first.clone(), needed: None })
}

/// Returns the failure of a request that may go nowhere for that.
pub(super) fn failure(unfit: &Unfit) -> Failure {
    let name: String = unfit.name.chars().take(80).collect();
    let (message, hint) = match unfit.needed {
        Some(why) => (
            format!("this Oratory cannot honour `{name}`, and with it {why}"),
            "take it out, or name a model at a place that speaks the same dialect",
        ),
        None => (
            format!("`{name}` would be left out, and `x-oratory-strict` asks that nothing is"),
            "take it out, name a model at a place that speaks the same dialect, or do not ask \
             for strictness",
        ),
    };
    Failure::new(FailureKind::Invalid, At::Caller, message).hint(hint)
}

/// Returns names as they are told to people, in one line.
pub(crate) fn told(names: &[String]) -> String {
    let mut line = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = names.len().checked_sub(MOST) {
        line.push_str(&format!(" and {more} more"));
    }
    line
}

fn understands(site: &Site, asked: &Asked) -> bool {
    match site {
        Site::Local(_) => false,
        Site::Remote(place) => asked.extras.words.is_some_and(|words| place.speaks(words)),
    }
}
