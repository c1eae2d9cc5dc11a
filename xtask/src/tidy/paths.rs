//! No path of somebody's home or of a build machine is ever committed.
//!
//! Made-up homes are fine where an example needs one: of `you`, `user` and a few more.

use super::files::place;
use super::{Breach, Source};

// In two parts each, or this file would break the rule itself.
const HOMES: [&str; 2] = [concat!("/ho", "me/"), concat!("/Us", "ers/")];
const MACHINES: [&str; 3] =
    [concat!("/ro", "ot/."), concat!("/wo", "rk/main"), concat!("/wo", "rk/shared")];
const MADE_UP: [&str; 6] = ["you", "user", "me", "alice", "ada", "oratory"];

pub(super) fn of_one_machine(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources {
        for (at, line) in source.text.lines().enumerate() {
            breaches
                .extend(find(line).map(|path| {
                    Breach::new(place(source, at), format!("holds the path {path:?}"))
                }));
        }
    }
    breaches
}

fn find(line: &str) -> Option<&str> {
    let machine = MACHINES.into_iter().find(|machine| line.contains(machine));
    machine.or_else(|| HOMES.into_iter().find_map(|home| home_of_somebody(line, home)))
}

fn home_of_somebody<'a>(line: &'a str, home: &str) -> Option<&'a str> {
    line.match_indices(home).find_map(|(start, _)| {
        let rest = &line[start + home.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let somebody = !rest[..end].is_empty() && !MADE_UP.contains(&&rest[..end]);
        somebody.then(|| &line[start..start + home.len() + end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source;

    #[test]
    fn a_path_of_one_machine_is_found_and_a_made_up_one_is_not() {
        let breach = |text: &str| of_one_machine(&[source("a.md", text)]).len();
        assert_eq!(breach(concat!("see /ho", "me/karl/x")), 1);
        assert_eq!(breach(concat!("see /Us", "ers/Karl")), 1);
        assert_eq!(breach(concat!("see /ro", "ot/.cargo")), 1);
        assert_eq!(breach(concat!("see /ho", "me/you/models")), 0);
        assert_eq!(breach("the /home/ folder"), 0);
    }
}
