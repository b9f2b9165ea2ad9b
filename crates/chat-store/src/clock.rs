//! From a moment to the words of the original tables: local date and local time of day.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment as `YYYY-MM-DD` and `HH:MM:SS` in the time zone of the system.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Local {
    pub(crate) date: String,
    pub(crate) time: String,
}

/// Tells moments as local ones. Many come and go in the same second: it is looked up once.
#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Clock {
    last: Option<(i64, Local)>,
}

impl Clock {
    /// `time_ms` is ms since 1970 UTC.
    pub(crate) fn local(&mut self, time_ms: i64) -> &Local {
        let second = time_ms.div_euclid(1000);
        if self.last.as_ref().is_none_or(|(last, _)| *last != second) {
            self.last = None;
        }
        &self.last.get_or_insert_with(|| (second, local(time_ms))).1
    }
}

impl Local {
    /// The moment, ms since 1970 UTC; of one that comes twice in a year the earlier. `None` where it
    /// is none.
    pub(crate) fn time_ms(&self) -> Option<i64> {
        let text = format!("{}T{}", self.date, self.time);
        let moment: jiff::civil::DateTime = text.parse().ok()?;
        let moment = moment.to_zoned(TimeZone::system()).ok()?;
        Some(moment.timestamp().as_millisecond())
    }
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
    fn a_moment_comes_back_to_the_second() {
        for time_ms in [0, 1_700_000_000_000, 1_735_689_599_999] {
            assert_eq!(local(time_ms).time_ms(), Some(time_ms / 1000 * 1000));
        }
        assert_eq!(Local::default().time_ms(), None);
    }

    #[test]
    fn every_second_is_looked_up() {
        let mut clock = Clock::default();
        for time_ms in [-1, 0, 999, 1000, 999, 1_700_000_000_000, i64::MAX] {
            assert_eq!(*clock.local(time_ms), local(time_ms), "{time_ms}");
        }
    }

    #[test]
    fn a_moment_outside_the_calendar_is_no_panic() {
        assert_eq!(in_zone(i64::MAX, TimeZone::UTC).date, "1970-01-01");
        assert_eq!(in_zone(i64::MIN, TimeZone::UTC).date, "1970-01-01");
    }
}
