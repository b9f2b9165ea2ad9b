//! From a moment to the words of the original tables: local date and local time of day.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment as `YYYY-MM-DD` and `HH:MM:SS` in the time zone of the system.
pub(crate) struct Local {
    pub(crate) date: String,
    pub(crate) time: String,
}

/// `time_ms` is ms since 1970 UTC; what no calendar holds is taken as 1970.
pub(crate) fn local(time_ms: i64) -> Local {
    in_zone(time_ms, TimeZone::system())
}

/// Now, ms since 1970 UTC.
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

fn in_zone(time_ms: i64, zone: TimeZone) -> Local {
    let moment = Timestamp::from_millisecond(time_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let moment = moment.to_zoned(zone);
    Local {
        date: moment.strftime("%Y-%m-%d").to_string(),
        time: moment.strftime("%H:%M:%S").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_and_time_are_those_of_the_zone() {
        let east = TimeZone::fixed(jiff::tz::offset(2));
        let local = in_zone(1_700_000_000_000 - 14 * 60_000, east);
        assert_eq!(
            (local.date.as_str(), local.time.as_str()),
            ("2023-11-14", "23:59:20")
        );
        let east = TimeZone::fixed(jiff::tz::offset(2));
        let local = in_zone(1_700_000_000_000 - 13 * 60_000, east);
        assert_eq!(
            (local.date.as_str(), local.time.as_str()),
            ("2023-11-15", "00:00:20")
        );
    }

    #[test]
    fn a_moment_outside_the_calendar_is_no_panic() {
        assert_eq!(in_zone(i64::MAX, TimeZone::UTC).date, "1970-01-01");
        assert_eq!(in_zone(i64::MIN, TimeZone::UTC).date, "1970-01-01");
    }
}
