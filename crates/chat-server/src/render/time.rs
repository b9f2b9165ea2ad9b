//! Times as text.

use std::fmt::{self, Write as _};

use chat_network::Timestamp;
use jiff::tz::Offset;

/// A short text without memory from the heap.
pub(crate) struct Text {
    bytes: [u8; 32],
    length: usize,
}

impl Text {
    fn new() -> Self {
        Self {
            bytes: [0; 32],
            length: 0,
        }
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let place = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// The value of the `time` tag: `2026-01-31T23:59:59.999Z`. Times outside of the years 0 to 9999
/// have none.
pub(crate) fn server_time(time: Timestamp) -> Text {
    let mut text = Text::new();
    let Ok(moment) = jiff::Timestamp::from_millisecond(time.0) else {
        return text;
    };
    let civil = Offset::UTC.to_datetime(moment);
    let written = write!(
        text,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
        civil.millisecond(),
    );
    if written.is_err() || civil.year() < 0 {
        return Text::new();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_the_specification_wants() {
        let text = |ms| server_time(Timestamp(ms)).as_str().to_owned();
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(1_582_934_399_999), "2020-02-28T23:59:59.999Z");
        assert_eq!(text(1_582_934_400_001), "2020-02-29T00:00:00.001Z");
        assert_eq!(text(i64::MAX), "");
        assert_eq!(text(-62_200_000_000_000), "");
    }
}
