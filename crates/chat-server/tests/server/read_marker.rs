//! MARKREAD: how far somebody has read.

use crate::accounts::{PASSWORD, account, device};
use crate::harness::{Running, builder};
use crate::lines::has;

#[test]
fn who_has_no_account_has_read_markers_for_as_long_as_it_is_on() {
    let server = Running::quiet();
    let mut ann = server.join_with("ann", "draft/read-marker");
    let lines = ann.ask("JOIN #a");
    let marker = lines
        .iter()
        .position(|line| line == ":irc.test MARKREAD #a *");
    let end = lines.iter().position(|line| line.contains(" 366 "));
    assert!(marker.expect("told on JOIN") < end.expect("the end of names"));
    assert_eq!(ann.ask("MARKREAD bob"), [":irc.test MARKREAD bob *"]);
    for (ask, fail) in [
        ("", "NEED_MORE_PARAMS :Missing parameters"),
        ("#a 5", "INVALID_PARAMS 5 :Invalid parameters"),
        ("#a *", "INVALID_PARAMS * :Invalid parameters"),
    ] {
        let lines = ann.ask(&format!("MARKREAD {ask}"));
        assert_eq!(lines, [format!(":irc.test FAIL MARKREAD {fail}")]);
    }
    let told = |time: &str| [format!(":irc.test MARKREAD #a timestamp={time}")];
    let [early, late] = ["2019-01-04T14:33:26.123Z", "2020-01-04T14:33:26.123Z"];
    for (time, then) in [(early, early), (late, late), (early, late)] {
        let lines = ann.ask(&format!("MARKREAD #a timestamp={time}"));
        assert_eq!(lines, told(then));
    }
    ann.ask("PART #a");
    assert!(has(&ann.ask("JOIN #a"), &told(late)[0]));
    let lines = ann.ask("MARKREAD bob timestamp=9999-01-04T14:33:26.123Z");
    assert!(lines[0].contains(" MARKREAD bob timestamp=20"), "{lines:?}");
    let mut bob = server.join("bob");
    assert_eq!(bob.ask("MARKREAD #a"), [":irc.test MARKREAD #a *"]);
}

#[test]
fn how_far_one_has_read_is_told_to_all_devices_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    let begin = || Running::of(builder().database(&database).lobby(""));
    let server = begin();
    account(&server, "ann", PASSWORD);
    account(&server, "bob", PASSWORD);
    let (mut phone, _) = device(&server, "ann", "ann", "draft/read-marker");
    let (mut laptop, _) = device(&server, "ann", "ann", "draft/read-marker");
    let (mut old, _) = device(&server, "ann", "ann", "message-tags");
    let (mut bob, _) = device(&server, "bob", "bob", "draft/read-marker");
    phone.ask("JOIN #a");
    bob.ask("JOIN #a");
    for client in [&mut phone, &mut laptop, &mut old, &mut bob] {
        client.sync();
    }
    let early = "timestamp=2019-01-04T14:33:26.123Z";
    let late = "timestamp=2020-01-04T14:33:26.123Z";
    let told = |time: &str| vec![format!(":irc.test MARKREAD #a {time}")];
    assert_eq!(phone.ask(&format!("MARKREAD #A {late}")), told(late));
    assert_eq!(laptop.sync(), told(late));
    assert!(old.sync().is_empty());
    assert!(bob.sync().is_empty());
    // It only moves on, which only who asks is told.
    assert_eq!(laptop.ask(&format!("MARKREAD #a {early}")), told(late));
    assert!(phone.sync().is_empty());
    assert_eq!(bob.ask("MARKREAD #a"), told("*"));
    server.stop("for a moment");
    let server = begin();
    let (mut phone, _) = device(&server, "ann", "ann", "draft/read-marker");
    assert_eq!(phone.ask("MARKREAD #a"), told(late));
    assert!(has(&phone.ask("JOIN #a"), &told(late)[0]));
}
