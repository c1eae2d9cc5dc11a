//! Pairs that take turns: whoever was first is second the next time, so that neither is favoured.

/// One measurement of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Which pair it belongs to.
    pub(crate) trial: usize,
    /// Whether it is the second of the two that is measured.
    pub(crate) second: bool,
}

impl Turn {
    /// Returns a number that is another for each pair.
    pub(crate) fn number(self) -> u32 {
        u32::try_from(self.trial).unwrap_or(u32::MAX)
    }
}

/// Returns the turns of so many pairs, and tells a person of each as it comes.
pub(crate) fn turns<'a>(
    name: &'a str,
    trials: usize,
    names: [&'a str; 2],
) -> impl Iterator<Item = Turn> + 'a {
    let all = (0..trials)
        .flat_map(|trial| [trial % 2 == 0, trial % 2 != 0].map(|second| (trial, second)));
    all.map(move |(trial, second)| {
        eprintln!("{name}: {}, {} of {trials}", names[usize::from(second)], trial + 1);
        Turn { trial, second }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_two_is_first_every_second_time() {
        let order: Vec<bool> = turns("x", 3, ["a", "b"]).map(|turn| turn.second).collect();
        assert_eq!(order, [true, false, false, true, true, false]);
    }
}
