//! The configuration read again while the chat runs.

use chat_journal::Role;
use chat_network::{Configuration, Limits, Right, Rights, ServerId};
use chat_server::config::{Config, Sts};

use crate::fleet::{Server, block_on, fleet};
use crate::harness::{Running, become_operator, limits, operator};

fn config() -> Config {
    Config {
        name: "irc.test".into(),
        network: "Test".into(),
        limits: limits(),
        operators: vec![
            operator("root", Rights::all()),
            operator("helper", Rights::from_iter([Right::Kill])),
        ],
        ..Config::default()
    }
}

fn change(config: &Config) -> Configuration {
    Configuration {
        change: config.reconfiguration(Limits::default()).map(Box::new),
        ..Configuration::default()
    }
}

/// Answers the next REHASH as a program with a file would.
fn answer(server: &Running, read: Configuration) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let askers = runtime.block_on(server.handle().rehash_wanted());
    let read = Configuration { askers, ..read };
    server.handle().configure(read).unwrap();
}

#[test]
fn it_takes_a_right_and_somebody_with_a_file() {
    let builder = chat_server::Server::builder().config(config());
    let server = Running::of(builder);
    let mut ann = server.join("ann");
    ann.sync();
    assert_eq!(
        ann.ask("REHASH"),
        [":irc.test 481 ann :Permission Denied- You're not an IRC operator"]
    );
    become_operator(&mut ann, "helper");
    let refused = ann.ask("REHASH");
    assert!(
        refused[0].starts_with(":irc.test 723 ann rehash :"),
        "{refused:?}"
    );
    let mut bob = server.join("bob");
    become_operator(&mut bob, "root");
    bob.send("REHASH");
    bob.expect(":irc.test 382 bob chat.toml :Rehashing");
    bob.expect(":irc.test NOTICE bob :REHASH: This program has no configuration file");
    bob.expect(":irc.test NOTICE bob :REHASH: nothing has changed");
}

#[test]
fn what_is_new_holds_at_once_and_is_told() {
    let builder = chat_server::Server::builder().config(config()).rereads();
    let server = Running::of(builder);
    let mut root = server.join("root");
    become_operator(&mut root, "root");
    root.ask("PART #lobby");
    let mut helper = server.join_with("helper", "cap-notify batch draft/extended-isupport");
    become_operator(&mut helper, "helper");
    let mut early = server.connect();
    early.send("CAP LS 302");
    early.wait_for("CAP * LS :");

    let mut new = config();
    new.operators.remove(1);
    new.motd = "new words".into();
    new.description = "newly described".into();
    new.admin = vec!["Ann".into()];
    new.icon = "https://chat.example/icon".into();
    new.password = "sesame".into();
    new.accounts.registration = false;
    new.name = "another.name".into();
    new.sts = Some(Sts {
        port: 6697,
        seconds: 60,
    });
    root.send("REHASH");
    root.expect(":irc.test 382 root chat.toml :Rehashing");
    let mut read = change(&new);
    read.notes = vec!["[server] name is what it was".into()];
    answer(&server, read);
    root.expect(
        ":irc.test 005 root draft/ICON=https://chat.example/icon :are supported by this server",
    );
    root.expect(":irc.test NOTICE root :REHASH: [server] name is what it was");
    root.expect(
        ":irc.test NOTICE root :REHASH: the configuration is read, and holds on all servers",
    );

    // Who is an operator no more is told, and what is different.
    helper.expect(":helper!~helper@127.0.0.1 MODE helper -o");
    helper.expect(":irc.test CAP helper NEW :sts=port=6697");
    helper.expect(":irc.test CAP helper DEL :draft/account-registration");
    helper.expect(":irc.test BATCH +isupport draft/isupport");
    helper.expect("@batch=isupport :irc.test 005 helper draft/ICON=https://chat.example/icon :are supported by this server");
    helper.expect(":irc.test BATCH -isupport");
    let refused = helper.ask("KILL root");
    assert!(refused[0].contains(" 481 "), "{refused:?}");
    early.expect(":irc.test CAP * NEW :sts=port=6697");
    early.expect(":irc.test CAP * DEL :draft/account-registration");

    assert!(root.ask("MOTD")[1].ends_with(" 372 root :- new words"));
    assert!(root.ask("ADMIN")[1].ends_with(" 257 root :Ann"));
    assert!(root.ask("VERSION")[0].contains("newly described"));
    assert!(root.ask("REGISTER root * password1")[0].contains("FAIL REGISTER"));
    let mut late = server.connect();
    late.send("NICK late\r\nUSER late 0 * :late");
    late.wait_for(" 464 ");

    // Back again, from outside and with nobody asking.
    new.sts = None;
    new.icon = String::new();
    server.handle().configure(change(&new)).unwrap();
    root.expect(":irc.test 005 root -draft/ICON :are supported by this server");
    let left = early.ask("PING x");
    assert!(left.iter().all(|line| !line.contains("sts")), "{left:?}");
}

#[test]
fn a_wrong_file_changes_nothing() {
    let builder = chat_server::Server::builder().config(config()).rereads();
    let server = Running::of(builder);
    let mut root = server.join("root");
    become_operator(&mut root, "root");
    root.send("REHASH");
    root.expect(":irc.test 382 root chat.toml :Rehashing");
    let wrong = Configuration {
        notes: vec!["in chat.toml: line 3: expected a number".into()],
        ..Configuration::default()
    };
    answer(&server, wrong);
    root.expect(":irc.test NOTICE root :REHASH: in chat.toml: line 3: expected a number");
    root.expect(":irc.test NOTICE root :REHASH: nothing has changed");
    assert!(root.ask("MOTD")[0].contains(" 422 "));
}

#[test]
fn the_same_holds_on_all_servers_and_on_one_that_comes_later() {
    block_on(async {
        let (journal, mut servers, board) = fleet(3).await;
        let new = Config {
            motd: "for everyone".into(),
            ..config()
        };
        journal.configure(change(&new)).unwrap();
        let seen = journal.attach(Role::Observer).await.unwrap();
        assert!(seen.network.settings().is_some());
        let (_, reader) = chat_store::open(&chat_store::Config::default()).unwrap();
        servers.pop().unwrap().stop();
        servers.push(Server::start(&journal, &reader, &board, 3).await);
        for (number, server) in (1..).zip(&servers) {
            let mut pipe = server.join(&format!("n{number}")).await;
            pipe.send("MOTD\r\n").await;
            pipe.wait_for(&format!(" 372 n{number} :- for everyone"))
                .await;
            let link = journal.attach(Role::Observer).await.unwrap();
            let user = link.network.user_by_nick(&format!("n{number}"));
            assert_eq!(user.unwrap().server(), ServerId(number));
        }
    });
}
