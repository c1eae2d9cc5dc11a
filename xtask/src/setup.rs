//! Gets a machine ready to build llama.cpp: a C++ compiler, make, cmake and libclang.
//!
//! What is there is used. What is missing comes from the system's packages when we are root,
//! else from PyPI wheels in `.tools`, else the person is told the exact command. Nothing is
//! printed when nothing is to do.

use std::collections::BTreeMap;
use std::ffi::OsString;

use anyhow::{Result, bail};

use self::needs::Need;

mod needs;
mod packages;
mod wheels;

/// What every cargo call must have in its environment beside our own.
pub(crate) type Environment = BTreeMap<&'static str, OsString>;

/// Installs what is missing and returns what cargo needs to find it.
pub(crate) fn prepare() -> Result<Environment> {
    let missing = needs::missing();
    if missing.is_empty() {
        return Ok(needs::environment());
    }
    if wheels::can_give(&missing) && wheels::are_installed() {
        return wheels::environment(&missing);
    }
    let mut tried = Vec::new();
    if packages::may_install() {
        match packages::install(&missing) {
            Ok(()) if needs::missing().is_empty() => return Ok(needs::environment()),
            Ok(()) => tried.push("apt-get brought not all of it".to_owned()),
            Err(error) => tried.push(format!("{error:#}")),
        }
    }
    let missing = needs::missing();
    if wheels::can_give(&missing) {
        match wheels::install() {
            Ok(()) => return wheels::environment(&missing),
            Err(error) => tried.push(format!("{error:#}")),
        }
    }
    bail!(explanation(&missing, &tried))
}

fn explanation(missing: &[Need], tried: &[String]) -> String {
    let names: Vec<_> = missing.iter().map(|need| need.name()).collect();
    let mut text = format!("building Oratory needs {}, not found here\n", names.join(" and "));
    for failure in tried {
        text.push_str(&format!("  tried: {failure}\n"));
    }
    let command = packages::command(missing);
    text.push_str(&format!("type this, then try again:\n\n    {command}\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_installed_is_named_with_what_was_tried_and_a_command() {
        let text = explanation(&[Need::Cmake, Need::Libclang], &["no network".to_owned()]);
        assert!(text.starts_with("building Oratory needs cmake and libclang, not"), "{text}");
        assert!(text.contains("tried: no network"), "{text}");
        assert!(
            text.trim_end().lines().last().is_some_and(|line| line.contains("cmake")),
            "{text}"
        );
    }
}
