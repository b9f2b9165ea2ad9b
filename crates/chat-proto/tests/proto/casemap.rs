//! Folding, equality and masks.

use chat_proto::CaseMapping;
use chat_proto::casemap::mask_matches;
use proptest::prelude::*;

const MAPPINGS: [CaseMapping; 2] = [CaseMapping::Ascii, CaseMapping::Rfc1459];

#[test]
fn mappings_fold_as_named() {
    let letters = r"ABZ[]\~ az{}|^ ÄΩ";
    assert_eq!(CaseMapping::Ascii.fold(letters), r"abz[]\~ az{}|^ ÄΩ");
    assert_eq!(CaseMapping::Rfc1459.fold(letters), r"abz{}|^ az{}|^ ÄΩ");
    for mapping in MAPPINGS {
        assert_eq!(CaseMapping::parse(mapping.name()), Some(mapping));
    }
    assert_eq!(CaseMapping::parse("klingon"), None);
}

#[test]
fn masks_match_as_in_the_table() {
    let cases = [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("**", "abc", true),
        ("?", "", false),
        ("?", "é", true),
        ("??", "é", false),
        ("a*", "abc", true),
        ("*c", "abc", true),
        ("a*c", "abbbc", true),
        ("a*c", "abbbcd", false),
        ("*b*", "abc", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*?", "", false),
        ("*?*?", "a", false),
        ("*ab", "aab", true),
        ("*aab*", "aaaab", true),
        ("*!*@*.example.org", "ann!a@b.example.org", true),
        ("*!*@*.example.org", "ann!a@example.org", false),
        ("ann!*@10.0.?.*", "ann!x@10.0.3.99", true),
        ("a*b*c", "a-b-b-c-x-c", true),
        ("*é", "caf\u{e9}", true),
    ];
    for (mask, text, wanted) in cases {
        assert_eq!(mask_matches(mask, text), wanted, "{mask} on {text}");
    }
}

#[test]
fn a_hostile_mask_ends() {
    // Trying every way to share the text among the stars would not end in a lifetime.
    let mask = format!("{}b", "*a".repeat(200));
    assert!(!mask_matches(&mask, &"a".repeat(2_000)));
    assert!(mask_matches(&mask, &format!("{}b", "a".repeat(2_000))));
}

#[test]
fn masks_fold_on_the_way() {
    assert!(CaseMapping::Ascii.mask_matches("ANN!*", "ann!a@h"));
    assert!(!CaseMapping::Ascii.mask_matches("a[?", "a{x"));
    assert!(CaseMapping::Rfc1459.mask_matches("a[?", "A{x"));
}

/// What a mask means, said as plainly as can be.
fn plainly(mask: &[char], text: &[char]) -> bool {
    match mask.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|taken| plainly(rest, &text[taken..])),
        Some(('?', rest)) => !text.is_empty() && plainly(rest, &text[1..]),
        Some((letter, rest)) => text.first() == Some(letter) && plainly(rest, &text[1..]),
    }
}

proptest! {
    #[test]
    fn masks_mean_what_they_plainly_mean(mask in "[abé*?]{0,8}", text in "[abé]{0,10}") {
        let (mask_chars, text_chars): (Vec<_>, Vec<_>) = (mask.chars().collect(), text.chars().collect());
        prop_assert_eq!(mask_matches(&mask, &text), plainly(&mask_chars, &text_chars));
    }

    #[test]
    fn folding_twice_is_folding_once(text in any::<String>()) {
        for mapping in MAPPINGS {
            let folded = mapping.fold(&text);
            prop_assert_eq!(folded.len(), text.len());
            prop_assert_eq!(mapping.fold(&folded), folded.as_ref());
            prop_assert!(mapping.eq(&text, &folded));
        }
    }

    #[test]
    fn equal_means_folded_alike(one in "[aA\\[{^~é]{0,3}", other in "[aA\\[{^~é]{0,3}") {
        for mapping in MAPPINGS {
            prop_assert_eq!(mapping.eq(&one, &other), mapping.fold(&one) == mapping.fold(&other));
        }
    }

    #[test]
    fn folding_masks_on_the_way_is_folding_them_before(mask in "[aB\\[{*?]{0,6}", text in "[Ab\\[{]{0,6}") {
        for mapping in MAPPINGS {
            prop_assert_eq!(
                mapping.mask_matches(&mask, &text),
                mask_matches(&mapping.fold(&mask), &mapping.fold(&text))
            );
        }
    }
}
