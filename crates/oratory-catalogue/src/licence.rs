//! Licences of models: what each allows, in a line.

use std::sync::LazyLock;

use serde::Serialize;

use crate::fact::rows;

/// The terms a model comes under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Licence {
    /// Its short name: `apache-2.0`.
    pub name: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Whether money may be made with the model.
    pub commerce: Commerce,
    /// What to know before.
    pub note: &'static str,
    /// Where its text stands.
    pub text: &'static str,
}

/// Whether money may be made with a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Commerce {
    /// It may.
    Free,
    /// It may by some, or in some ways.
    Conditions,
    /// It may not.
    No,
}

static LICENCES: LazyLock<Vec<Licence>> = LazyLock::new(|| {
    let rows = rows(include_str!("../data/licences.txt"));
    rows.map(|row| read(row).expect("the table is checked by a test")).collect()
});

fn read(row: &'static str) -> Option<Licence> {
    let mut cells = row.split(" | ").map(str::trim);
    let mut next = || cells.next();
    let (name, title) = (next()?, next()?);
    let commerce = match next()? {
        "free" => Commerce::Free,
        "conditions" => Commerce::Conditions,
        "no" => Commerce::No,
        _ => return None,
    };
    Some(Licence { name, title, commerce, note: next()?, text: next()? })
}

/// Returns the licence of that short name.
pub(crate) fn licence(name: &str) -> Option<&'static Licence> {
    LICENCES.iter().find(|licence| licence.name == name)
}
