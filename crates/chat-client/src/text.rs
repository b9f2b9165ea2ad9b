//! Text on its way out and on its way in.

use chat_proto::multiline::Piece;

/// Cuts `text` into pieces that fit one line each: at line ends, then at `limit` bytes, there at
/// a space if one is near and never inside a character. Empty lines are left out.
pub(crate) fn pieces(text: &str, limit: usize) -> Vec<&str> {
    let mut out = Vec::new();
    for mut rest in text.split(['\r', '\n', '\0']) {
        rest = rest.trim_end();
        while rest.len() > limit {
            let at = cut(rest, limit);
            let (head, tail) = rest.split_at(at);
            out.push(head.trim_end());
            rest = tail.trim_start();
        }
        if !rest.is_empty() {
            out.push(rest);
        }
    }
    out
}

/// Cuts `text` into the pieces of a message of several lines: at line ends, and at `limit` bytes, from
/// where the line goes on. Blank lines stay, but for those at the beginning and the end.
pub(crate) fn block(text: &str, limit: usize) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for line in text.split('\n') {
        let mut rest = line.trim_end_matches(['\r', '\0']);
        if rest.trim().is_empty() {
            rest = "";
        }
        let mut concat = false;
        while rest.len() > limit {
            let (text, tail) = rest.split_at(cut(rest, limit));
            out.push(Piece { text, concat });
            (rest, concat) = (tail, true);
        }
        out.push(Piece { text: rest, concat });
    }
    let said = |piece: &Piece<'_>| !piece.text.is_empty();
    let first = out.iter().position(said).unwrap_or(out.len());
    let end = out.iter().rposition(said).map_or(first, |last| last + 1);
    out.truncate(end);
    out.split_off(first)
}

/// Where to cut a text that is longer than `limit`: after a space in its last third, else at the
/// last character boundary, but always after at least one character.
fn cut(text: &str, limit: usize) -> usize {
    let mut end = limit;
    while end > 0 && !text.is_char_boundary(end) {
        end -= 1;
    }
    if end == 0 {
        return text.chars().next().map_or(text.len(), char::len_utf8);
    }
    match text[..end].rfind(' ') {
        Some(space) if space > end * 2 / 3 => space + 1,
        _ => end,
    }
}

/// The text without formatting codes (bold, colours and so on) and other control characters,
/// which could move or hide what stands beside them. The ends of its lines stay.
#[must_use]
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\u{3}' => {
                if skip(&mut rest, 2, |c| c.is_ascii_digit()) > 0 && rest.peek() == Some(&',') {
                    let mut ahead = rest.clone();
                    ahead.next();
                    // A comma belongs to the code only when a number follows it.
                    if skip(&mut ahead, 2, |c| c.is_ascii_digit()) > 0 {
                        rest = ahead;
                    }
                }
            }
            '\u{4}' => {
                skip(&mut rest, 6, |c| c.is_ascii_hexdigit());
            }
            // The separators of lines and paragraphs: only the end of a line begins another one.
            '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            '\n' => out.push('\n'),
            c if c.is_control() || is_bidi_override(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Skips at most `most` characters that are `wanted`; returns how many there were.
fn skip(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    most: usize,
    wanted: impl Fn(&char) -> bool,
) -> usize {
    let mut count = 0;
    while count < most && rest.next_if(&wanted).is_some() {
        count += 1;
    }
    count
}

fn is_bidi_override(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether `text` speaks of `nick`: the nickname as a word of its own, whatever its case.
pub(crate) fn mentions(text: &str, nick: &str) -> bool {
    if nick.is_empty() {
        return false;
    }
    let is_part = |c: char| c.is_alphanumeric() || "-_[]{}|^`\\".contains(c);
    let text = text.to_lowercase();
    let nick = nick.to_lowercase();
    text.match_indices(&nick).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_text_is_cut_at_spaces_and_never_inside_a_character() {
        assert_eq!(pieces("one two three", 8), ["one two", "three"]);
        assert_eq!(pieces("äöü", 3), ["ä", "ö", "ü"]);
        assert_eq!(pieces("a\r\n\r\nb\n", 100), ["a", "b"]);
        assert!(pieces("", 10).is_empty());
        assert_eq!(pieces("🙂🙂", 1), ["🙂", "🙂"]);
    }

    #[test]
    fn a_block_keeps_its_lines_and_says_where_one_goes_on() {
        let block = |text, limit| {
            let pieces = block(text, limit).into_iter();
            pieces
                .map(|piece| (piece.text, piece.concat))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            block("\n \r\n  a\r\n\n\nb \n\n", 9),
            [("  a", false), ("", false), ("", false), ("b ", false)]
        );
        assert_eq!(
            block("one two three", 8),
            [("one two ", false), ("three", true)]
        );
        assert!(block(" \n\n ", 9).is_empty());
    }

    #[test]
    fn formatting_codes_are_taken_away() {
        assert_eq!(plain("\u{2}bold\u{f} \u{3}04,12red\u{3} x"), "bold red x");
        assert_eq!(plain("\u{3}4,you"), ",you");
        assert_eq!(plain("\u{4}ff0000hex"), "hex");
        assert_eq!(plain("tab\there\u{7}\u{202e}"), "tab here");
        assert_eq!(plain("one\u{2028}line\u{2029}only"), "one line only");
        assert_eq!(plain("Köln 🙂"), "Köln 🙂");
    }

    #[test]
    fn a_mention_is_a_whole_word() {
        assert!(mentions("hello Ana!", "ana"));
        assert!(mentions("ANA: look", "ana"));
        assert!(!mentions("banana", "ana"));
        assert!(!mentions("ana_ is away", "ana"));
        assert!(!mentions("anything", ""));
    }

    proptest! {
        #[test]
        fn pieces_keep_every_word(text in "\\PC{0,200}", limit in 1usize..50) {
            let squeezed = |s: &str| s.split_whitespace().collect::<String>();
            let cut = pieces(&text, limit);
            prop_assert!(cut.iter().all(|p| p.len() <= limit.max(4)));
            prop_assert_eq!(squeezed(&cut.concat()), squeezed(&text));
        }

        #[test]
        fn a_block_put_together_is_the_text(text in "[a-c ä\\n]{0,60}", limit in 2usize..9) {
            let mut whole = String::new();
            for (at, piece) in block(&text, limit).iter().enumerate() {
                prop_assert!(piece.text.len() <= limit);
                prop_assert!(!(piece.concat && piece.text.is_empty()));
                if at > 0 && !piece.concat {
                    whole.push('\n');
                }
                whole.push_str(piece.text);
            }
            let lines = text.split('\n').map(|l| if l.trim().is_empty() { "" } else { l });
            let expected = lines.collect::<Vec<_>>().join("\n");
            prop_assert_eq!(whole, expected.trim_matches('\n'));
        }

        #[test]
        fn plain_text_has_no_control_characters(text in "[\\x00-\\x20,0-9a-f\\u{202e}]{0,60}") {
            let plain = plain(&text);
            prop_assert!(!plain.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
