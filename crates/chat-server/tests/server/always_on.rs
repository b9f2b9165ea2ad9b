//! Users who stay on when they have no connection.

use chat_server::config::Accounts;

use crate::accounts::{PASSWORD, account, device, with};
use crate::client::Client;
use crate::harness::Running;
use crate::lines::has;

/// `ann` stays on without a session, and is in `#a` with `bob`; it is so in the end too, and `bob`
/// has written `five`.
fn what_was_missed_is_shown(server: &Running, bob: &mut Client) {
    bob.ask("PRIVMSG #a :one\r\nPRIVMSG ann :two");
    // A device that knows history asks for itself; another is shown what there was.
    let (mut knows, told) = device(server, "ann", "ann", "batch draft/chathistory");
    assert!(!has(&told, " PRIVMSG "), "{told:#?}");
    knows.send("QUIT");
    knows.rest();
    bob.ask("PRIVMSG #a :three\r\nPRIVMSG ann :four");
    let (mut plain, told) = device(server, "ann", "ann", "");
    let shown: Vec<&String> = told
        .iter()
        .filter(|line| line.contains(" PRIVMSG "))
        .collect();
    assert_eq!(
        shown,
        [
            ":bob!~bob@127.0.0.1 PRIVMSG #a :three",
            ":bob!~bob@127.0.0.1 PRIVMSG ann :four"
        ]
    );
    let (second, told) = device(server, "ann", "ann", "");
    assert!(!has(&told, " PRIVMSG "), "nothing was missed: {told:#?}");
    plain.send("QUIT");
    plain.rest();
    second.vanish();
    bob.wait_for(" AWAY :Not connected");
    bob.ask("PRIVMSG ann :five");
}

#[test]
fn who_is_always_on_stays_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("storage.db");
    let start = || {
        let accounts = Accounts::default();
        Running::of(with(accounts).database(&database))
    };
    let server = start();
    account(&server, "ann", PASSWORD);
    let mut bob = server.join_with("bob", "away-notify");
    bob.ask("JOIN #a");
    let (mut phone, _) = device(&server, "ann", "ann", "");
    phone.ask("NS SET always-on on");
    phone.ask("JOIN #a");
    bob.ask("MODE #a +o ann");
    bob.sync();
    phone.send("QUIT");
    phone.rest();
    let away = ":ann!~u@127.0.0.1 AWAY :Not connected at the moment";
    assert_eq!(bob.sync(), [away]);
    let whois = bob.ask("WHOIS ann");
    assert!(has(&whois, "(not connected)"), "{whois:#?}");
    what_was_missed_is_shown(&server, &mut bob);
    server.stop("restart");

    let server = start();
    let mut bob = server.join_with("bob", "away-notify");
    let names = bob.ask("JOIN #a");
    assert!(
        has(&names, " 353 bob = #a :") && has(&names, "@ann"),
        "{names:#?}"
    );
    let (mut phone, told) = device(&server, "phone", "ann", "");
    assert!(has(&told, ":ann!~u@127.0.0.1 JOIN #a"), "{told:#?}");
    assert!(
        has(&told, "PRIVMSG ann :five") && !has(&told, ":four"),
        "{told:#?}"
    );
    assert_eq!(bob.sync(), [":ann!~u@127.0.0.1 AWAY"]);
    let refused = phone.ask("NICK other");
    assert!(
        has(&refused, " 400 ann NICK :You must use your account name"),
        "{refused:#?}"
    );
    phone.ask("NS SET always-on off");
    phone.send("QUIT :now");
    phone.rest();
    bob.expect(":ann!~u@127.0.0.1 QUIT :Quit: now");
}
