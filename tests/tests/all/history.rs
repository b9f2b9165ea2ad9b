//! History over servers, and from the command line.

use chat_tests::{Client, Folder, Program};

/// Runs `chat-server history …` in a folder; its exit code and what it printed.
fn history(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = folder.command("chat-server");
    command.arg("history").args(arguments);
    command.args(["--instance", &folder.instance()]);
    command.arg("--database").arg(folder.database());
    let output = command.output().expect("the program starts");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

/// The history of the lobby, as somebody who has just come sees it.
fn lobby(program: &Program, nick: &str) -> String {
    let mut client = Client::in_lobby(program.address(), nick);
    client.send("CHATHISTORY LATEST #lobby * 100");
    client.barrier("asked").join("\n")
}

/// ann, who has an account, and bob talk.
fn talk(program: &Program) {
    let mut ann = Client::in_lobby(program.address(), "ann");
    ann.send("NS REGISTER sesame");
    ann.wait_for("Account created");
    let mut bob = Client::in_lobby(program.address(), "bob");
    ann.send("PRIVMSG #lobby :of ann");
    bob.send("PRIVMSG #lobby :of bob");
    bob.send("PRIVMSG ann :to ann");
    ann.barrier("said");
    bob.barrier("said");
}

fn exported_and_forgotten(folder: &Folder, program: &mut Program) {
    talk(program);
    let told = lobby(program, "cleo");
    assert!(
        told.contains(":of ann") && told.contains(":of bob"),
        "{told}"
    );
    let (code, text) = history(folder, &["export", "--account", "Ann"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("\"text\":\"of ann\""), "{text}");
    assert!(text.contains("\"text\":\"to ann\""), "{text}");
    let (code, text) = history(folder, &["forget", "--account", "ann"]);
    assert_eq!(code, Some(0), "{text}");
    let told = lobby(program, "dora");
    assert!(
        !told.contains(":of ann") && told.contains(":of bob"),
        "{told}"
    );
    let (code, text) = history(folder, &["forget", "--account", "nobody"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("no such account"), "{text}");
    assert!(program.stop().success());
    // And while nothing runs.
    let (code, text) = history(folder, &["export", "--channel", "#Lobby"]);
    assert_eq!((code, text.lines().count()), (Some(0), 1), "{text}");
    let (code, text) = history(folder, &["forget", "--channel", "#Lobby"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = history(folder, &["export", "--channel", "#lobby"]);
    assert_eq!((code, text.as_str()), (Some(0), ""));
}

#[test]
fn a_persons_history_is_exported_and_forgotten_with_one_server() {
    let folder = Folder::new();
    let mut server = folder.server(&["--instance", &folder.instance()]);
    exported_and_forgotten(&folder, &mut server);
}

#[test]
fn a_persons_history_is_exported_and_forgotten_with_three_servers() {
    let folder = Folder::new();
    let mut launcher = folder.launcher(&["--servers", "3", "--instance", &folder.instance()]);
    exported_and_forgotten(&folder, &mut launcher);
}

#[test]
fn history_of_nobody_makes_no_sense() {
    let folder = Folder::new();
    let (code, _) = history(&folder, &["export"]);
    assert_eq!(code, Some(2));
    let both = ["export", "--account", "a", "--channel", "#a"];
    assert_eq!(history(&folder, &both).0, Some(2));
}
