//! What operators do is kept, and told on the command line.

use std::fs;

use chat_tests::{Client, Folder};

const OPERATOR: &str = "[[operator]]\nname = \"ada\"\npassword = \"engine\"\n";

/// Runs `chat-server operator log …` in a folder; its exit code and what it printed.
fn log(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = folder.command("chat-server");
    command.args(["operator", "log"]).args(arguments);
    command.arg("--database").arg(folder.database());
    let output = command.output().expect("the program starts");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

#[test]
fn what_operators_did_on_any_server_is_listed_while_the_chat_runs_and_after() {
    let folder = Folder::new();
    let config = folder.path().join("chat.toml");
    fs::write(&config, OPERATOR).expect("writable");
    let config = config.to_str().expect("UTF-8");
    let mut launcher = folder.launcher(&["--servers", "2", "--config", config]);
    let mut ada = Client::in_lobby(launcher.address(), "ada");
    let mut troll = Client::in_lobby(launcher.address(), "troll");
    assert_ne!(ada.server(), troll.server());
    ada.send("OPER ada engine");
    ada.wait_for(" 381 ");
    ada.send("KILL troll :that is enough");
    troll.wait_for("ERROR ");
    ada.send("WALLOPS :the troll is gone");
    ada.barrier("done");

    for stopped in [false, true] {
        if stopped {
            assert!(launcher.stop().success());
        }
        let (code, text) = log(&folder, &[]);
        assert_eq!(code, Some(0), "{text}");
        let acts: Vec<&str> = text.lines().collect();
        assert_eq!(acts.len(), 3, "{text}");
        for (act, part) in acts.iter().zip(["OPER", "KILL troll", "WALLOPS"]) {
            assert!(act.contains(" ada ") && act.contains(part), "{part}: {act}");
        }
        assert!(!text.contains("engine"), "{text}");
        let (code, text) = log(&folder, &["--last", "1"]);
        assert_eq!((code, text.lines().count()), (Some(0), 1), "{text}");
        assert!(text.contains("WALLOPS"), "{text}");
    }
}

#[test]
fn without_a_database_there_is_no_log() {
    let folder = Folder::new();
    let (code, text) = log(&folder, &[]);
    assert_eq!(code, Some(1), "{text}");
    let database = folder.database();
    assert!(text.contains(database.to_str().expect("UTF-8")), "{text}");
    assert!(!database.exists());
}
