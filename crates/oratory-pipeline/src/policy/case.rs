//! What a policy is asked: who, what, what for and when.
//!
//! The same case has the same answer as long as the rules stay.

use oratory_contract::{Asked, CallerName, GroupName, Spending};

use crate::label::Reading;

/// What a policy is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Case {
    /// Who asks.
    pub caller: CallerName,
    /// The groups they are in.
    pub groups: Vec<GroupName>,
    /// What the request is labelled.
    pub reading: Reading,
    /// What it is for; empty where the caller has not said.
    pub purpose: String,
    /// The hour of the day, in UTC.
    pub hour: u8,
    /// The day of the week: 1 is Monday.
    pub weekday: u8,
    /// What the caller has spent; nothing where no rule asks.
    pub spent: Spending,
}

impl Case {
    /// Returns the case of a request at a moment, in milliseconds since 1970.
    pub(crate) fn of(asked: &Asked, reading: Reading, unix_ms: u64, spent: Spending) -> Self {
        let (caller, groups) = (asked.caller.name.clone(), asked.caller.groups().to_vec());
        let purpose = asked.purpose.clone().unwrap_or_default();
        let (hour, weekday) = clock(unix_ms);
        Self { caller, groups, reading, purpose, hour, weekday, spent }
    }
}

/// Returns the hour of the day, in UTC, and the day of the week, where 1 is Monday.
pub fn clock(unix_ms: u64) -> (u8, u8) {
    let hours = unix_ms / 3_600_000;
    // The first of January 1970 was a Thursday.
    ((hours % 24) as u8, ((hours / 24 + 3) % 7 + 1) as u8)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn hours_and_days_are_those_of_the_calendar() {
        let at = clock;
        assert_eq!(at(0), (0, 4), "a Thursday");
        assert_eq!(at(1_795_259_665_000), (11, 6), "Saturday, 21 November 2026, 11:14");
        assert_eq!(at(1_795_391_999_999), (23, 7), "the Sunday's last moment");
        assert_eq!(at(1_795_392_000_000), (0, 1), "and Monday");
    }
}
