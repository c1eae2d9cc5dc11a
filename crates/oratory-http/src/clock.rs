//! Moments as RFC 3339 writes them, in UTC.
//!
//! Writes only.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oratory_contract::calendar::date;

/// Returns a moment so many seconds after 1970, with so many nanoseconds if they are told.
pub(crate) fn written(seconds: u64, nanoseconds: Option<u32>) -> String {
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let part = nanoseconds.map(|nanoseconds| format!(".{nanoseconds:09}")).unwrap_or_default();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{part}Z")
}

/// Returns this moment, to the nanosecond, after `later`.
pub(crate) fn from_now(later: Duration) -> String {
    // Centuries ahead are as good as never.
    let later = later.min(Duration::from_secs(100 * 365 * 86_400));
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + later;
    written(since.as_secs(), Some(since.subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn leap_days_and_ends_of_years_are_where_they_belong() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_795_220_063, "2026-11-21T00:14:23Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(written(seconds, None), text);
        }
        assert_eq!(written(1, Some(5)), "1970-01-01T00:00:01.000000005Z");
    }
}
