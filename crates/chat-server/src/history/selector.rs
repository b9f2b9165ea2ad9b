//! `timestamp=…` and `msgid=…`, as CHATHISTORY, MARKREAD and SEARCH take them.

use std::str::FromStr;

use chat_network::MessageId;
use chat_store::Mark;

/// A time as the server writes it, `YYYY-MM-DDThh:mm:ss.sssZ`, in milliseconds since 1970; the
/// fraction may have any number of digits, or none.
pub(crate) fn time(text: &str) -> Option<i64> {
    let well_formed = text.len() <= 40
        && text.ends_with('Z')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T' | b'.' | b'Z'));
    if !well_formed {
        return None;
    }
    let moment = jiff::Timestamp::from_str(text).ok()?;
    Some(moment.as_millisecond())
}

/// A point in history; an id that is none of ours is after everything and before nothing: it finds
/// nothing.
pub(crate) fn mark(text: &str) -> Option<Mark> {
    let (kind, value) = text.split_once('=')?;
    if kind.eq_ignore_ascii_case("timestamp") {
        time(value).map(Mark::Time)
    } else if kind.eq_ignore_ascii_case("msgid") && !value.is_empty() {
        let id = value.parse::<MessageId>().ok()?;
        Some(Mark::Id(id.0.0))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use chat_network::Position;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_and_ids_are_read() {
        assert_eq!(time("1970-01-01T00:00:01.500Z"), Some(1500));
        assert_eq!(time("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(time("2262-01-01T00:00:00.000Z"), Some(9_214_646_400_000));
        assert_eq!(
            mark("timestamp=1970-01-01T00:00:00.001Z"),
            Some(Mark::Time(1))
        );
        assert_eq!(
            mark("Timestamp=1970-01-01T00:00:00.001Z"),
            Some(Mark::Time(1))
        );
        let id = MessageId(Position(77));
        assert_eq!(mark(&format!("msgid={id}")), Some(Mark::Id(77)));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            "*",
            "timestamp",
            "timestamp=",
            "timestamp=*",
            "timestamp=2026",
            "timestamp=2026-13-01T00:00:00.000Z",
            "timestamp=2026-01-01T00:00:00.000",
            "timestamp=2026-01-01T00:00:00.000+01:00",
            "timestamp=2026-01-01 00:00:00Z",
            "msgid=",
            "msgid=x",
            "time=1970-01-01T00:00:01Z",
            "1970-01-01T00:00:01Z",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,60}", zone in "(timestamp|msgid)=[0-9TZ:.-]{0,40}") {
            let _ = mark(&text);
            let _ = mark(&zone);
        }

        #[test]
        fn what_the_server_writes_is_read_back(ms in 0_i64..253_402_300_799_999) {
            let text = crate::render::server_time(chat_network::Timestamp(ms));
            prop_assert_eq!(time(text.as_str()), Some(ms));
        }
    }
}
