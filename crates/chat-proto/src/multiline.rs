//! Messages of several lines ([draft/multiline](https://ircv3.net/specs/extensions/multiline)): how
//! their text is one text.
//!
//! A line feed stands between two lines, a carriage return where a line was sent in two pieces
//! (`draft/multiline-concat`). Neither can be in a line that a client sends, so a text has them only
//! if it was put together here. What it says is the text without its carriage returns.

/// The type of the batch.
pub const BATCH: &str = "draft/multiline";
/// The tag of a piece that goes on where the one before it ended.
pub const CONCAT: &str = "draft/multiline-concat";

/// One line, or a piece of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece<'a> {
    /// What it says.
    pub text: &'a str,
    /// It goes on where the one before it ended.
    pub concat: bool,
}

/// Whether a text is one of several pieces.
#[must_use]
pub fn is_multiline(text: &str) -> bool {
    memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some()
}

/// The pieces of a text, as they were sent; one for a text of one line.
///
/// ```
/// use chat_proto::multiline::{join, pieces};
/// let mut text = "hello".to_owned();
/// join(&mut text, "how is ", false);
/// join(&mut text, "everyone?", true);
/// assert_eq!(text, "hello\nhow is \reveryone?");
/// let all: Vec<_> = pieces(&text).map(|piece| (piece.text, piece.concat)).collect();
/// assert_eq!(all, [("hello", false), ("how is ", false), ("everyone?", true)]);
/// ```
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut concat = false;
    text.split_inclusive(['\n', '\r'])
        .chain(text.ends_with(['\n', '\r']).then_some(""))
        .map(move |whole| {
            let piece = Piece {
                text: whole.trim_end_matches(['\n', '\r']),
                concat,
            };
            concat = whole.ends_with('\r');
            piece
        })
}

/// Appends a piece to a text that has one already.
pub fn join(text: &mut String, piece: &str, concat: bool) {
    text.push(if concat { '\r' } else { '\n' });
    text.push_str(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_pieces_too() {
        let all = |text| pieces(text).map(|piece| piece.text).collect::<Vec<_>>();
        assert_eq!(all("a"), ["a"]);
        assert_eq!(all("\na\n\nb\n"), ["", "a", "", "b", ""]);
        assert!(!is_multiline("a b") && is_multiline("a\rb") && is_multiline("\n"));
    }
}
