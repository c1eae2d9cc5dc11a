//! Finds the model at home that is meant by a name which is not exactly its own.
//!
//! Exact names come first, wherever they are; elsewhere only exact ones count.

use std::borrow::Cow;

use oratory_contract::{At, Failure, FailureKind, Meant, Near, Wanted};

use super::{Portfolio, Site, names, unlisted};

/// Returns the wish, with a model's full name where only one at home can be meant.
pub(crate) fn resolve<'a>(
    portfolio: &Portfolio,
    near: Option<&Near>,
    wanted: &'a Wanted,
) -> Result<Cow<'a, Wanted>, Failure> {
    let (Wanted::Named(name), Some(near)) = (wanted, near) else {
        return Ok(Cow::Borrowed(wanted));
    };
    let known = |site: &Site| {
        let listed = site.models().iter().any(|model| names(wanted, site, model));
        listed || matches!(site, Site::Remote(_)) && unlisted(wanted, site).is_some()
    };
    if portfolio.sites().iter().any(known) {
        return Ok(Cow::Borrowed(wanted));
    }
    for site in portfolio.sites().iter().filter(|site| matches!(site, Site::Local(_))) {
        let models = site.models();
        let here: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        match near(name, &here) {
            Meant::One(model) => {
                let full = format!("{}/{model}", site.card().name);
                return Ok(Cow::Owned(Wanted::Named(full)));
            }
            Meant::Several(models) => return Err(several(name, &models)),
            Meant::None => {}
        }
    }
    Ok(Cow::Borrowed(wanted))
}

fn several(name: &str, models: &[String]) -> Failure {
    let shown: String = name.chars().take(80).collect();
    let models = models.join(", ");
    let message = format!("the model {shown:?} may be any of {models}");
    Failure::new(FailureKind::UnknownModel, At::Caller, message).hint("write one of them in full")
}
