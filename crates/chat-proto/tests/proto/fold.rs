//! When names are the same, may be names, and can be taken for each other.

use chat_proto::fold::{alike, fits, fold, is_identifier, same, skeleton};
use chat_proto::name::{
    NICKLEN, is_like_service, is_valid_channel, is_valid_nick, is_valid_relayed_nick,
};
use proptest::prelude::*;

#[test]
fn spellings_of_one_name_fold_alike() {
    for (one, other) in [
        ("ANN", "ann"),
        ("ÉCOLE", "école"),
        ("e\u{301}cole", "école"),
        ("ＡＮＮ", "ann"),
        ("ΩMEGA", "ωmega"),
        ("ЕВАН", "еван"),
        ("@#École", "@#école"),
        ("École!~E@Host", "école!~e@host"),
    ] {
        assert_eq!(fold(one), fold(other), "{one} {other}");
        assert!(same(one, other), "{one} {other}");
    }
    for (one, other) in [
        ("straße", "strasse"),
        ("a[", "a{"),
        ("evan", "еvan"),
        ("Işıl", "Isil"),
    ] {
        assert!(!same(one, other), "{one} {other}");
    }
}

#[test]
fn names_of_any_script_are_names() {
    for nick in [
        "Işıl",
        "Евгений",
        "愛子",
        "ألكسندر",
        "דוד",
        "ann",
        "9front",
        "[x]`^{|}\\_-",
        "a=b",
    ] {
        assert!(is_valid_nick(nick, NICKLEN), "{nick}");
    }
    for bad in [
        "",
        "0",
        "a b",
        "a\u{a0}b",
        "🐬",
        "a,b",
        "a*",
        "a?",
        "a.b",
        "a!b",
        "a@b",
        "a:b",
        "a/b",
        "a#b",
        "a＠b",
        "a！b",
        "＃a",
        "#a",
        "~a",
        "&a",
        "%a",
        "+a",
        "-a",
        "$a",
        "a\u{200d}b",
        "a\u{202e}b",
        "ﬁn",
        "a\u{7f}",
        "אa",
        "a\u{1}",
    ] {
        assert!(!is_valid_nick(bad, NICKLEN), "{bad:?}");
    }
    assert!(is_valid_nick(&"д".repeat(15), 30));
    assert!(!is_valid_nick(&"д".repeat(16), 30), "lengths are in bytes");
}

#[test]
fn channels_of_any_script_are_channels() {
    for channel in [
        "#a", "##", "#c++", "#Łódź", "##愛", "#чат", "#a#b", "#a.b!c@d",
    ] {
        assert!(is_valid_channel(channel, 64), "{channel}");
    }
    for bad in [
        "#",
        "a",
        "&a",
        "#a b",
        "#a,b",
        "#a:b",
        "#a*",
        "#a?",
        "#a，b",
        "#🐬",
        "#a\u{7}",
        "#\u{200b}a",
    ] {
        assert!(!is_valid_channel(bad, 64), "{bad:?}");
    }
}

#[test]
fn a_relayed_nick_has_its_mark_within() {
    for nick in ["smt/discord", "a/b/c", "愛/matrix"] {
        assert!(is_valid_relayed_nick(nick, 30), "{nick}");
    }
    for bad in ["ann", "/ann", "ann/", "a!b/c", "a b/c", "/", "", "a/🐬"] {
        assert!(!is_valid_relayed_nick(bad, 30), "{bad}");
    }
}

#[test]
fn what_looks_alike_has_one_skeleton() {
    for (one, other) in [
        ("evan", "еvan"),
        ("alice", "aIice"),
        ("alice", "a1ice"),
        ("root", "r00t"),
        ("ann", "ａnn"),
        ("paypal", "раураl"),
        ("mat", "ɱat"),
    ] {
        assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        assert!(alike(one, other), "{one} {other}");
    }
    for (one, other) in [
        ("mom", "rnom"),
        ("ann", "anne"),
        ("a[b]", "a{b}"),
        ("愛", "爱"),
    ] {
        assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
    }
}

/// The table for ASCII is that of the standard, but for what is said of it.
#[test]
fn the_short_way_for_ascii_is_the_standards() {
    for byte in b'!'..=b'~' {
        let text = char::from(byte).to_string();
        // Joining `"` with `''` and the like would not be noticed by anyone; they are rare or no part
        // of names.
        if matches!(byte, b'm' | b'"' | b'%' | b'`') {
            continue;
        }
        let standard: String = unicode_security::skeleton(&text).collect();
        assert_eq!(skeleton(&text), standard.to_lowercase(), "{text}");
    }
}

#[test]
fn masks_fit_in_any_spelling() {
    assert!(fits("ÉCOLE!*@*", "école!~e@host"));
    assert!(fits("e\u{301}*", "École"));
    assert!(fits("ann!*@*", "ＡNN!~a@host"));
    assert!(fits("*!*@HOST", "愛!~a@host"));
    assert!(!fits("é?", "É"));
}

/// Of whatever script a name is that looks like that of a service.
#[test]
fn services_are_told_by_their_looks() {
    for like in [
        "nickserv",
        "N1CKSERV",
        "Nıckserv",
        "ChanServ",
        "ＣhanServ",
        "chаnserv",
    ] {
        assert!(is_like_service(like), "{like}");
    }
    for other in ["nickserv1", "nick", "chan", "chanserw", "", "愛"] {
        assert!(!is_like_service(other), "{other}");
    }
}

proptest! {
    #[test]
    fn names_are_alike_where_their_skeletons_are_the_same(
        one in "[iIlL1|oO0aаé]{0,3}",
        other in "[iIlL1|oO0aаé]{0,3}",
    ) {
        prop_assert_eq!(alike(&one, &other), skeleton(&one) == skeleton(&other));
    }

    #[test]
    fn folding_twice_is_folding_once(text in any::<String>()) {
        let folded = fold(&text).into_owned();
        prop_assert_eq!(fold(&folded), folded.as_str());
        prop_assert!(same(&text, &folded));
    }

    #[test]
    fn names_of_ascii_fold_as_they_always_did(text in "[ -~]{0,40}") {
        prop_assert_eq!(fold(&text), text.to_ascii_lowercase());
    }

    #[test]
    fn same_is_an_equivalence_by_the_fold(one in "[aAÄä\u{308}Ａ]{0,3}", other in "[aAÄä\u{308}Ａ]{0,3}") {
        prop_assert_eq!(same(&one, &other), fold(&one) == fold(&other));
    }

    /// One word for all the ways in which a name is written.
    #[test]
    fn another_spelling_of_a_name_is_a_name(text in "\\PC{1,8}") {
        if is_identifier(&text) {
            let folded = fold(&text).into_owned();
            prop_assert!(is_identifier(&folded), "{} {}", text, folded);
        }
    }
}
