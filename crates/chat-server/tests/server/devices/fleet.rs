//! Connections of one user to several servers.

use crate::accounts::{PASSWORD, plain};
use crate::fleet::{Server, block_on, fleet};
use crate::pipe::Pipe;

/// A connection with an account to one server of a fleet.
async fn device_on(server: &Server, nick: &str, name: &str) -> Pipe {
    let mut pipe = server.connect().await;
    pipe.send("CAP REQ sasl\r\nAUTHENTICATE PLAIN\r\n").await;
    pipe.wait_for("AUTHENTICATE +").await;
    pipe.send(&format!("AUTHENTICATE {}\r\n", plain(name, PASSWORD)))
        .await;
    pipe.wait_for(" 903 ").await;
    pipe.send(&format!("NICK {nick}\r\nUSER u 0 * :u\r\nCAP END\r\n"))
        .await;
    pipe.wait_for(" 366 ").await;
    pipe
}

/// One more connection, whose client says before it is complete that nobody is at it.
async fn unattended_on(server: &Server, name: &str) -> Pipe {
    let mut pipe = server.connect().await;
    pipe.send("CAP REQ :sasl draft/pre-away\r\nAUTHENTICATE PLAIN\r\n")
        .await;
    pipe.wait_for("AUTHENTICATE +").await;
    pipe.send(&format!("AUTHENTICATE {}\r\n", plain(name, PASSWORD)))
        .await;
    pipe.wait_for(" 903 ").await;
    pipe.send(&format!(
        "AWAY *\r\nNICK {name}\r\nUSER u 0 * :u\r\nCAP END\r\n"
    ))
    .await;
    pipe.wait_for(&format!(" 306 {name} :")).await;
    pipe
}

/// What somebody is told of others being away, up to now.
async fn away_news(pipe: &mut Pipe) -> Vec<String> {
    let mut lines = pipe.sync().await;
    lines.retain(|line| line.contains(" AWAY"));
    lines
}

#[test]
fn a_user_is_away_when_nobody_is_at_any_device_on_any_server() {
    block_on(async {
        let (journal, servers, _) = fleet(2).await;
        let mut phone = servers[0].join("ann").await;
        phone
            .send(&format!(
                "NS REGISTER {PASSWORD}\r\nNS SET ALWAYS-ON ON\r\n"
            ))
            .await;
        phone.wait_for("ALWAYS-ON is on").await;
        let mut bob = servers[0].join("bob").await;
        bob.send("CAP REQ away-notify\r\n").await;
        let mut laptop = device_on(&servers[1], "ann", "ann").await;

        phone.send("AWAY :lunch\r\n").await;
        phone.wait_for(" 306 ann :").await;
        assert_eq!(away_news(&mut bob).await, [""; 0]);
        laptop.send("AWAY :bed\r\n").await;
        laptop.wait_for(" 306 ann :").await;
        laptop.sync().await;
        let bed = ":ann!~ann@localhost AWAY :bed";
        assert_eq!(away_news(&mut bob).await, [bed]);
        assert!(
            phone
                .sync()
                .await
                .iter()
                .all(|line| !line.contains(" 306 ")),
            "who did not ask is not answered"
        );
        phone.send("AWAY\r\n").await;
        phone.wait_for(" 305 ann :").await;
        phone.sync().await;
        assert_eq!(away_news(&mut bob).await, [":ann!~ann@localhost AWAY"]);
        phone.send("QUIT\r\n").await;
        phone.wait_for("ERROR").await;
        laptop.sync().await;
        assert_eq!(away_news(&mut bob).await, [bed], "one is left");

        // Who comes by itself makes nobody present, and shows nothing of its own.
        let mut robot = unattended_on(&servers[0], "ann").await;
        robot.sync().await;
        assert_eq!(away_news(&mut bob).await, [""; 0]);
        laptop.send("QUIT\r\n").await;
        laptop.wait_for("ERROR").await;
        let nobody = ":ann!~ann@localhost AWAY :Not here at the moment";
        bob.wait_for(nobody).await;
        let mut phone = device_on(&servers[1], "ann", "ann").await;
        phone.sync().await;
        assert_eq!(away_news(&mut bob).await, [":ann!~ann@localhost AWAY"]);

        // With its server a device is lost, and with it who was there.
        let mut servers = servers;
        servers.pop().unwrap().stop();
        bob.wait_for(nobody).await;
        robot.send("QUIT\r\n").await;
        robot.wait_for("ERROR").await;
        bob.send("PRIVMSG ann :are you there?\r\n").await;
        bob.wait_for(" 301 bob ann :").await;
        servers.pop().unwrap().stop();
        journal.shutdown().await;
    });
}

#[test]
fn devices_on_two_servers_are_one_user() {
    block_on(async {
        let (journal, servers, _) = fleet(2).await;
        let mut first = servers[0].join("ann").await;
        first.send(&format!("NS REGISTER {PASSWORD}\r\n")).await;
        first.wait_for("Account created").await;
        let mut bob = servers[0].join("bob").await;
        let mut second = device_on(&servers[1], "ann", "ann").await;
        assert!(bob.sync().await.iter().all(|line| !line.contains("ann!")));

        second.send("PRIVMSG #lobby :from the second\r\n").await;
        assert_eq!(
            first.wait_for("PRIVMSG").await,
            ":ann!~ann@localhost PRIVMSG #lobby :from the second"
        );
        first.send("PRIVMSG bob :from the first\r\n").await;
        second.wait_for("PRIVMSG bob :from the first").await;
        bob.send("PRIVMSG ann :to both\r\n").await;
        first.wait_for("PRIVMSG ann :to both").await;
        second.wait_for("PRIVMSG ann :to both").await;
        second.send("JOIN #two\r\n").await;
        first.wait_for(":ann!~ann@localhost JOIN #two").await;
        bob.send("WHOIS ann\r\n").await;
        bob.wait_for(" 330 bob ann ann ").await;

        first.send("QUIT :one\r\n").await;
        first.wait_for("ERROR").await;
        second.sync().await;
        assert!(bob.sync().await.iter().all(|line| !line.contains("QUIT")));
        // The end of a server is the end of the connections there, and of who has no other.
        let mut third = device_on(&servers[0], "ann", "ann").await;
        let mut servers = servers;
        servers.pop().unwrap().stop();
        assert!(bob.sync().await.iter().all(|line| !line.contains("QUIT")));
        third.send("PRIVMSG bob :still here\r\n").await;
        bob.wait_for("PRIVMSG bob :still here").await;
        servers.pop().unwrap().stop();
        journal.shutdown().await;
    });
}
