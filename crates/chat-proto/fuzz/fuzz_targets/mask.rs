//! Masks mean what a table of all prefixes says; folding keeps lengths.
#![no_main]

use chat_proto::CaseMapping;
use chat_proto::casemap::mask_matches;
use libfuzzer_sys::fuzz_target;

/// Which prefixes of `text` the mask covers, letter by letter: slow, and plain to see.
fn by_table(mask: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut covered = vec![false; text.len() + 1];
    covered[0] = true;
    for letter in mask.chars() {
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match letter {
                '*' => covered[end] || (end > 0 && next[end - 1]),
                '?' => end > 0 && covered[end - 1],
                _ => end > 0 && covered[end - 1] && text[end - 1] == letter,
            };
        }
        covered = next;
    }
    covered[text.len()]
}

// The mask, a newline, the text.
fuzz_target!(|input: &str| {
    let Some((mask, text)) = input.split_once('\n') else {
        return;
    };
    assert_eq!(mask_matches(mask, text), by_table(mask, text));
    for mapping in [CaseMapping::Ascii, CaseMapping::Rfc1459] {
        let (mask_folded, text_folded) = (mapping.fold(mask), mapping.fold(text));
        assert_eq!(text_folded.len(), text.len());
        assert_eq!(mapping.fold(&text_folded), text_folded);
        assert_eq!(
            mapping.mask_matches(mask, text),
            mask_matches(&mask_folded, &text_folded)
        );
    }
});
