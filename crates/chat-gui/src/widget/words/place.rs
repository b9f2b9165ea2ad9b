//! Places in a text: as lines, which is how it is drawn, and as offsets in bytes.

use std::ops::Range;

/// The offset of a place that is so many bytes into a line. Always between two letters of the text.
pub(super) fn offset(text: &str, line: usize, index: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    text.floor_char_boundary(before.saturating_add(index))
}

/// The line of an offset, and how many bytes into it.
pub(super) fn line(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count(), before.len() - start)
}

/// The word at an offset, or the one letter that is there and belongs to none.
pub(super) fn word(text: &str, offset: usize) -> Range<usize> {
    let offset = text.floor_char_boundary(offset);
    let is_part = |c: char| c.is_alphanumeric() || "-_'".contains(c);
    let (before, after) = text.split_at(offset);
    let start = before.trim_end_matches(is_part).len();
    let end = text.len() - after.trim_start_matches(is_part).len();
    match after.chars().next() {
        Some(letter) if start == end => offset..offset + letter.len_utf8(),
        _ => start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_is_what_stands_between_spaces_and_signs() {
        let text = "say naïve, don't";
        assert_eq!(&text[word(text, 5)], "naïve");
        assert_eq!(&text[word(text, 4)], "naïve");
        assert_eq!(&text[word(text, text.len())], "don't");
        assert_eq!(&text[word(text, text.find(", ").unwrap() + 1)], " ");
        assert_eq!(word("", 0), 0..0);
    }

    proptest! {
        #[test]
        fn lines_and_offsets_lead_to_each_other(text in "[aä\\n🙂]{0,12}", at in 0usize..40) {
            let at = text.floor_char_boundary(at);
            let (line_number, index) = line(&text, at);
            prop_assert_eq!(offset(&text, line_number, index), at);
            // A place that is none leads to one nevertheless.
            prop_assert!(text.is_char_boundary(offset(&text, line_number, index + 1)));
            let word = word(&text, at);
            prop_assert!(text.get(word.clone()).is_some() && word.start <= at && at <= word.end);
        }
    }
}
