//! Who holds a certificate logs in with it, on whichever server.

use crate::fleet::{block_on, fleet};

#[test]
fn a_certificate_that_was_added_logs_in_and_no_other() {
    block_on(async {
        let (journal, servers, _) = fleet(2).await;
        let mut ann = servers[0].connect_with(Some([0xab; 32])).await;
        ann.send("CAP LS 302\r\n").await;
        let caps = ann.wait_for(" CAP * LS ").await;
        assert!(caps.contains("sasl=PLAIN,SCRAM-SHA-256,EXTERNAL"), "{caps}");
        ann.send("NICK ann\r\nUSER a 0 * :A\r\nCAP END\r\n").await;
        ann.wait_for(" 366 ").await;
        ann.ask("NS REGISTER sesame").await;
        let told = ann.ask("NS CERT ADD").await.join("\n");
        assert!(told.contains("logs you in from now on"), "{told}");

        let mut other = servers[1].connect_with(Some([0xab; 32])).await;
        // The PONG to ann said that this server knows of it too.
        other.send("AUTHENTICATE EXTERNAL\r\n").await;
        other.wait_for("AUTHENTICATE +").await;
        let told = other.ask("AUTHENTICATE +").await.join("\n");
        assert!(told.contains(" 900 * *!*@localhost ann :"), "{told}");
        assert!(told.contains(" 903 * "), "{told}");

        // As somebody else, with another certificate, and with none.
        let mut other = servers[1].connect_with(Some([0xab; 32])).await;
        other.send("AUTHENTICATE EXTERNAL\r\n").await;
        // base64 of `root`
        let told = other.ask("AUTHENTICATE cm9vdA==").await.join("\n");
        assert!(told.contains(" 904 * "), "{told}");
        let mut other = servers[1].connect_with(Some([0xcd; 32])).await;
        other.send("AUTHENTICATE EXTERNAL\r\n").await;
        let told = other.ask("AUTHENTICATE +").await.join("\n");
        assert!(
            told.contains(" 904 * ") && !told.contains(" 900 "),
            "{told}"
        );
        let mut other = servers[1].connect().await;
        other.send("CAP LS 302\r\n").await;
        assert!(!other.wait_for(" LS ").await.contains("EXTERNAL"));
        let told = other.ask("AUTHENTICATE EXTERNAL").await.join("\n");
        assert!(
            told.contains(" 908 * ") && told.contains(" 904 * "),
            "{told}"
        );

        // NickServ takes it too, by the name of the account or without.
        let mut other = servers[1].connect_with(Some([0xab; 32])).await;
        other.send("NICK bob\r\nUSER b 0 * :B\r\n").await;
        other.wait_for(" 366 ").await;
        let told = other.ask("NS IDENTIFY").await.join("\n");
        assert!(told.contains("now logged in as ann"), "{told}");
        other.ask("NS LOGOUT").await;
        let told = other.ask("NS IDENTIFY ann").await.join("\n");
        assert!(told.contains("now logged in as ann"), "{told}");
        for server in servers {
            server.stop();
        }
        journal.shutdown().await;
    });
}

#[test]
fn who_was_suspended_meanwhile_does_not_come_in() {
    block_on(async {
        let (journal, servers, _) = fleet(1).await;
        let mut ann = servers[0].join("ann").await;
        ann.ask("NS REGISTER sesame").await;
        ann.send("QUIT\r\n").await;
        ann.wait_for("ERROR").await;
        let mut late = servers[0].connect().await;
        late.send("CAP LS 302\r\nAUTHENTICATE PLAIN\r\n").await;
        // base64 of `\\0ann\\0sesame`
        let told = late.ask("AUTHENTICATE AGFubgBzZXNhbWU=").await.join("\n");
        assert!(told.contains(" 903 * "), "{told}");
        let mut operator = journal.attach(chat_journal::Role::Operator).await.unwrap();
        let action = chat_network::Action::SuspendAccount {
            account: "ann".into(),
            reason: "why".into(),
        };
        operator.ask(action).await.unwrap().unwrap();
        let told = late
            .ask("NICK ann\r\nUSER a 0 * :A\r\nCAP END")
            .await
            .join("\n");
        assert!(
            told.contains("ACCOUNT_SUSPENDED") && !told.contains(" 001 "),
            "{told}"
        );
        let mut other = servers[0].connect().await;
        other.send("CAP LS 302\r\nAUTHENTICATE PLAIN\r\n").await;
        let told = other.ask("AUTHENTICATE AGFubgBzZXNhbWU=").await.join("\n");
        assert!(told.contains(" 902 * :This account is suspended"), "{told}");
        for server in servers {
            server.stop();
        }
        journal.shutdown().await;
    });
}

#[test]
fn certificates_are_shown_to_oneself_and_to_operators_on_any_server() {
    block_on(async {
        let (journal, servers, _) = fleet(2).await;
        let mut ann = servers[0].connect_with(Some([0xab; 32])).await;
        ann.send("NICK ann\r\nUSER a 0 * :A\r\n").await;
        ann.wait_for(" 366 ").await;
        ann.ask("NS REGISTER sesame").await;
        let mut second = servers[1].connect_with(Some([0xcd; 32])).await;
        second.send("CAP REQ sasl\r\nAUTHENTICATE PLAIN\r\n").await;
        // base64 of `\\0ann\\0sesame`
        second.send("AUTHENTICATE AGFubgBzZXNhbWU=\r\n").await;
        second.wait_for(" 903 ").await;
        second
            .send("NICK ann\r\nUSER a 0 * :A\r\nCAP END\r\n")
            .await;
        second.wait_for(" 366 ").await;
        let line = |nick: &str, byte: &str| {
            let fingerprint = byte.repeat(32);
            format!(":chat.local 276 {nick} ann :has client certificate fingerprint {fingerprint}")
        };
        let shown = |told: Vec<String>| -> Vec<String> {
            let about = |line: &String| line.contains(" 276 ");
            told.into_iter().filter(about).collect()
        };
        let both = |nick| [line(nick, "ab"), line(nick, "cd")];
        assert_eq!(shown(second.ask("WHOIS ann").await), both("ann"));
        let mut op = servers[1].join("op").await;
        assert!(shown(op.ask("WHOIS ann").await).is_empty());
        op.ask("OPER op secret").await;
        assert_eq!(shown(op.ask("WHOIS ann").await), both("op"));
        // It goes with its connection.
        ann.send("QUIT\r\n").await;
        ann.wait_for("ERROR").await;
        second.ask("PING all").await;
        assert_eq!(shown(op.ask("WHOIS ann").await), [line("op", "cd")]);
        for server in servers {
            server.stop();
        }
        journal.shutdown().await;
    });
}
