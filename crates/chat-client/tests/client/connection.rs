use std::time::Duration;

use chat_client::{Client, Command, Limits, Model, SendError, Update};

use crate::support::{Server, connect, disconnected, line, registered, wait};

fn say(text: &str) -> Command {
    Command::Say {
        target: "#lobby".into(),
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn it_registers_with_what_it_was_given() {
    let server = Server::start().await;
    let mut config = server.config();
    config.password = Some("sesame street".to_owned());
    config.username = Some("anna".into());
    config.realname = Some("Ana Example".to_owned());
    let (_client, mut updates) = connect(config);
    let mut there = server.accept().await;
    assert_eq!(there.hear().await.unwrap(), "PASS :sesame street");
    assert_eq!(there.hear().await.unwrap(), "CAP LS 302");
    assert_eq!(there.hear().await.unwrap(), "NICK ana");
    assert_eq!(there.hear().await.unwrap(), "USER anna 0 * :Ana Example");
    there.say(":s CAP * LS :").await;
    there.until("CAP END").await;
    there.say(":s 433 * ana :Nickname is already in use").await;
    assert_eq!(there.hear().await.unwrap(), "NICK ana_");
    there.say(":s 001 ana_ :Welcome").await;
    assert_eq!(registered(&mut updates).await, "ana_");
}

#[tokio::test]
async fn pings_are_answered_and_its_own_measure_the_lag() {
    let server = Server::start().await;
    let mut config = server.config();
    config.ping_interval = Duration::from_millis(20);
    let (_client, mut updates) = connect(config);
    let mut there = server.welcome("").await;
    there.say("PING :are you there").await;
    assert_eq!(there.until("PONG").await, "PONG :are you there");
    let ping = there.until("PING").await;
    let token = ping.strip_prefix("PING ").unwrap();
    there.say(&format!(":s PONG s :{token}")).await;
    wait(&mut updates, |update| match update {
        Update::Lag(lag) => Some(lag),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_tried_again() {
    let server = Server::start().await;
    let mut config = server.config();
    config.ping_interval = Duration::from_millis(20);
    // Long enough for the second registration on a machine that is busy.
    config.dead_after = Duration::from_secs(2);
    let (_client, mut updates) = connect(config);
    let _silent = server.welcome("").await;
    let (reason, again) = disconnected(&mut updates).await;
    assert!(reason.contains("nothing heard") && again, "{reason}");
    let _second = server.welcome("").await;
    registered(&mut updates).await;
}

#[tokio::test]
async fn it_comes_back_to_its_channels() {
    let server = Server::start().await;
    let mut config = server.config();
    config.channels = vec![("#rust".into(), None)];
    let (client, mut updates) = connect(config);
    let mut there = server.welcome("").await;
    assert_eq!(there.until("JOIN").await, "JOIN #rust");
    there.say(":ana!a@h JOIN #lobby").await;
    there.say(":ana!a@h JOIN #rust").await;
    line(&mut updates, "JOIN #rust").await;
    let part = Command::Part {
        channel: "#rust".into(),
        reason: None,
    };
    client.send(part).await.unwrap();
    there.until("PART").await;
    there.say(":ana!a@h PART #rust").await;
    there.say("ERROR :Server-2 has crashed").await;
    drop(there);
    let (reason, again) = disconnected(&mut updates).await;
    assert_eq!((reason.as_str(), again), ("Server-2 has crashed", true));
    let mut there = server.welcome("").await;
    assert_eq!(there.until("JOIN").await, "JOIN #lobby");
}

#[tokio::test]
async fn what_is_said_is_seen_once_with_and_without_echo() {
    let server = Server::start().await;
    for capabilities in ["", "echo-message message-tags"] {
        let (client, mut updates) = connect(server.config());
        let mut there = server.welcome(capabilities).await;
        registered(&mut updates).await;
        client.send(say("hello")).await.unwrap();
        assert_eq!(there.until("PRIVMSG").await, "PRIVMSG #lobby :hello");
        if !capabilities.is_empty() {
            there.say("@msgid=1 :ana!a@h PRIVMSG #lobby :hello").await;
        }
        there.say(":bob!b@h PRIVMSG #lobby :the end").await;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|l: &String| !l.contains("the end")) {
            seen.push(line(&mut updates, "PRIVMSG #lobby").await);
        }
        assert_eq!(seen.len(), 2, "{capabilities}: {seen:?}");
        assert!(seen[0].contains(":ana") && seen[0].ends_with("hello"));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_told() {
    let server = Server::start().await;
    let (client, mut updates) = connect(server.config());
    let mut there = server.welcome("").await;
    registered(&mut updates).await;
    client.send(Command::Rate(9)).await.unwrap();
    let reason = wait(&mut updates, |update| match update {
        Update::NotSent { reason, .. } => Some(reason),
        _ => None,
    })
    .await;
    assert_eq!(reason, "a rating is 1 to 5 stars, not 9");
    client.send(Command::Rate(5)).await.unwrap();
    assert_eq!(there.until("RATE").await, "RATE 5");
}

#[tokio::test]
async fn quitting_says_goodbye_and_ends_it() {
    let server = Server::start().await;
    let (client, mut updates) = connect(server.config());
    let mut there = server.welcome("").await;
    registered(&mut updates).await;
    client
        .send(Command::Quit(Some("bye all".into())))
        .await
        .unwrap();
    assert_eq!(there.until("QUIT").await, "QUIT :bye all");
    there.say("ERROR :Closing link").await;
    drop(there);
    assert_eq!(
        disconnected(&mut updates).await,
        ("you left".to_owned(), false)
    );
    assert!(updates.next().await.is_none());
    assert_eq!(client.send(say("late")).await, Err(SendError::Closed));
}

#[tokio::test]
async fn a_dropped_client_leaves_too() {
    let server = Server::start().await;
    let (client, mut updates) = connect(server.config());
    let mut there = server.welcome("").await;
    registered(&mut updates).await;
    drop(client);
    assert_eq!(there.until("QUIT").await, "QUIT");
}

#[tokio::test]
async fn a_refusal_for_good_ends_it_and_no_server_is_waited_for() {
    let server = Server::start().await;
    let (_client, mut updates) = connect(server.config());
    let mut there = server.accept().await;
    there.until("USER").await;
    there.say(":s 464 * :Password incorrect").await;
    let ended = disconnected(&mut updates).await;
    assert_eq!(ended, ("Password incorrect".to_owned(), false));

    let config = server.config();
    drop(server);
    let (client, mut updates) = connect(config);
    let (reason, again) = disconnected(&mut updates).await;
    assert!(reason.contains("cannot connect") && again, "{reason}");
    let help = ". No server listens at that port: start it, or try another port";
    assert!(reason.ends_with(help), "{reason}");
    client.send(Command::Quit(None)).await.unwrap();
    let ended = wait(&mut updates, |update| match update {
        Update::Disconnected { retry: None, .. } => Some(()),
        _ => None,
    });
    ended.await;
}

#[tokio::test]
async fn bad_lines_are_left_out() {
    let server = Server::start().await;
    let (_client, mut updates) = connect(server.config());
    let mut there = server.welcome("").await;
    there.say(":s NOTICE ana :nul \0 inside").await;
    there
        .say(&format!(":s NOTICE ana :{}", "x".repeat(9_000)))
        .await;
    there.say(":s NOTICE ana :good").await;
    let notice = line(&mut updates, "NOTICE").await;
    assert!(notice.ends_with("good"), "{notice}");
}

#[tokio::test]
async fn several_lines_are_one_message_where_the_server_takes_that() {
    let server = Server::start().await;
    let (client, mut updates) = Client::connect(server.config());
    let mut there = server
        .welcome("batch message-tags draft/multiline=max-bytes=4096,max-lines=32")
        .await;
    let say = Command::Reply {
        target: "#lobby".into(),
        id: "7".into(),
        text: "one\ntwo ".to_owned(),
    };
    client.send(say).await.unwrap();
    let begin = there.until("@+draft/reply").await;
    assert_eq!(begin, "@+draft/reply=7 BATCH +m1 draft/multiline #lobby");
    assert_eq!(there.hear().await.unwrap(), "@batch=m1 PRIVMSG #lobby :one");
    assert_eq!(
        there.hear().await.unwrap(),
        "@batch=m1 PRIVMSG #lobby :two "
    );
    assert_eq!(there.hear().await.unwrap(), "BATCH -m1");
    // The server sends nothing back, and yet it is seen.
    let mut model = Model::new("ana", "Example", Limits::default());
    there.say(":ana!a@h JOIN #lobby").await;
    let name = "#lobby";
    there.say(":ana!a@h PRIVMSG #lobby :LAST").await;
    let mut echoes = Vec::new();
    while model
        .find(name)
        .is_none_or(|b| b.lines().iter().all(|l| &*l.text != "LAST"))
    {
        let update = updates.next().await.unwrap();
        if let Update::Line { message, .. } = &update
            && (message.is("BATCH") || message.is("PRIVMSG"))
        {
            echoes.push(String::from_utf8(message.as_bytes().to_vec()).unwrap());
        }
        model.apply(&update);
    }
    assert_eq!(
        echoes[0],
        "@+draft/reply=7 :ana BATCH +m1 draft/multiline #lobby"
    );
    assert_eq!(echoes[2], "@batch=m1 :ana PRIVMSG #lobby :two ");
    assert_eq!(echoes[3], ":ana BATCH -m1");
}
