//! Accounts: from the command line with and without a running chat, over restarts, and never in a
//! log.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use chat_tests::{Client, Folder, Program};

/// Runs `chat-server account …` in a folder; its exit code and everything it printed.
fn account(folder: &Folder, arguments: &[&str], password: &str) -> (Option<i32>, String) {
    let mut command = folder.command("chat-server");
    command
        .arg("account")
        .args(arguments)
        .args(["--instance", &folder.instance()])
        .arg("--database")
        .arg(folder.database());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("piped");
    // A command that needs no password does not read.
    let _ = input.write_all(format!("{password}\n").as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("our own child");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

/// As [`account`]; it must be done.
#[track_caller]
fn done(folder: &Folder, arguments: &[&str], password: &str) -> String {
    let (code, text) = account(folder, arguments, password);
    assert_eq!(code, Some(0), "{arguments:?}: {text}");
    text
}

/// Whether somebody is let in with a password.
fn lets_in(program: &Program, name: &str, password: &str) -> bool {
    let mut client = Client::connect(program.address());
    client.register(&format!("x{name}"));
    client.send(&format!("NS IDENTIFY {name} {password}"));
    let answer = client.barrier("asked").join("\n");
    client.send("QUIT");
    let _ = client.rest();
    assert!(answer.contains("NickServ"), "{answer}");
    answer.contains(&format!("now logged in as {name}"))
}

#[test]
fn accounts_are_made_and_changed_while_nothing_runs() {
    let folder = Folder::new();
    assert_eq!(done(&folder, &["list"], ""), "");
    done(&folder, &["add", "ann"], "sesame");
    done(
        &folder,
        &["add", "bob", "--email", "bob@example.org"],
        "sesame",
    );
    for (arguments, password, told) in [
        (vec!["add", "Ann"], "sesame", "exists"),
        (vec!["add", "two words"], "sesame", "not a name"),
        (vec!["add", "eve"], "x", "at least 3"),
        (vec!["delete", "nobody"], "", "no such account"),
        (vec!["password", "nobody"], "sesame", "no such account"),
        (vec!["unsuspend", "bob"], "", "so already"),
        (vec!["verify", "bob"], "", "so already"),
    ] {
        let (code, text) = account(&folder, &arguments, password);
        assert_eq!(code, Some(3), "{arguments:?}: {text}");
        assert!(text.contains(told), "{arguments:?}: {text}");
    }
    done(&folder, &["suspend", "bob", "too loud"], "");
    let list = done(&folder, &["list"], "");
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(
        lines[0].starts_with("ann\t20") && lines[0].ends_with("\tactive"),
        "{list}"
    );
    assert!(
        lines[1].starts_with("bob\t") && lines[1].ends_with("suspended: too loud"),
        "{list}"
    );
    done(&folder, &["unsuspend", "bob"], "");
    done(&folder, &["delete", "bob"], "");
    done(&folder, &["password", "ann"], "better");
    let mut server = folder.server(&[]);
    assert!(lets_in(&server, "ann", "better"));
    assert!(!lets_in(&server, "ann", "sesame"));
    assert!(!lets_in(&server, "bob", "sesame"));
    assert!(server.stop().success());
}

/// What is asked while a chat runs is done by it, and seen at once on all its servers.
fn while_it_runs(folder: &Folder, program: &mut Program) {
    done(folder, &["add", "ann"], "sesame");
    assert!(done(folder, &["list"], "").starts_with("ann\t"));
    assert!(lets_in(program, "ann", "sesame"));
    let mut ann = Client::in_lobby(program.address(), "ann2");
    ann.send("NS IDENTIFY ann sesame");
    ann.wait_for("now logged in");
    done(folder, &["suspend", "ann", "too loud"], "");
    let last = ann.rest().pop().expect("an end");
    assert!(
        last.starts_with("ERROR :") && last.contains("too loud"),
        "{last}"
    );
    assert!(!lets_in(program, "ann", "sesame"));
    done(folder, &["unsuspend", "ann"], "");
    done(folder, &["password", "ann"], "better");
    assert!(lets_in(program, "ann", "better"));
    done(folder, &["delete", "ann"], "");
    assert!(!lets_in(program, "ann", "better"));
    assert!(program.stop().success());
}

#[test]
fn accounts_are_made_and_changed_while_a_server_runs() {
    let folder = Folder::new();
    let mut server = folder.server(&["--instance", &folder.instance()]);
    while_it_runs(&folder, &mut server);
}

#[test]
fn accounts_are_made_and_changed_while_a_fleet_runs() {
    let folder = Folder::new();
    let mut launcher = folder.launcher(&["--servers", "2", "--instance", &folder.instance()]);
    while_it_runs(&folder, &mut launcher);
}

#[test]
fn an_account_outlives_the_chat() {
    let folder = Folder::new();
    let mut server = folder.server(&[]);
    let mut client = Client::in_lobby(server.address(), "ann");
    client.send("NS REGISTER sesame");
    client.wait_for("Account created");
    assert!(server.stop().success());
    let server = folder.launcher(&["--servers", "2"]);
    assert!(lets_in(&server, "ann", "sesame"));
}

#[test]
fn a_password_is_never_an_argument() {
    let folder = Folder::new();
    for arguments in [
        vec!["add", "ann", "sesame"],
        vec!["password", "ann", "sesame"],
    ] {
        let (code, text) = account(&folder, &arguments, "");
        assert_eq!(code, Some(2), "{text}");
    }
    let (code, text) = account(&folder, &["add"], "");
    assert_eq!(code, Some(2), "{text}");
}

#[test]
fn on_a_terminal_a_password_is_asked_for_twice_and_not_shown() {
    let folder = Folder::new();
    let ask = |first: &str, second: &str| {
        let program = chat_tests::program_path("chat-server");
        let (instance, database) = (folder.instance(), folder.database());
        let mut arguments = vec!["account", "add", "ann", "--instance", &instance];
        arguments.extend(["--database", database.to_str().expect("UTF-8")]);
        let mut terminal = folder
            .terminal(&program, &arguments)
            .spawn()
            .expect("script is there");
        let mut screen = terminal.stdout.take().expect("piped");
        let mut keys = terminal.stdin.take().expect("piped");
        let mut seen = String::new();
        for (question, answer) in [("Password: ", first), ("Again: ", second)] {
            let mut byte = [0];
            while !seen.ends_with(question) {
                assert_eq!(screen.read(&mut byte).expect("a byte"), 1, "ended: {seen}");
                seen.push(char::from(byte[0]));
            }
            keys.write_all(format!("{answer}\n").as_bytes())
                .expect("it reads");
        }
        screen.read_to_string(&mut seen).expect("UTF-8");
        let status = terminal.wait().expect("our own child");
        assert!(!seen.contains("sesame"), "{seen}");
        (status.code(), seen)
    };
    let (code, seen) = ask("sesame", "sesamo");
    assert_eq!(code, Some(1), "{seen}");
    assert!(seen.contains("differ"), "{seen}");
    let (code, seen) = ask("sesame", "sesame");
    assert_eq!(code, Some(0), "{seen}");
}

#[test]
fn no_log_tells_a_password() {
    let folder = Folder::new();
    let mut command = folder.command("chat-server");
    command
        .env("CHAT_LOG", "trace")
        .args(["--listen", "127.0.0.1:0"])
        .arg("--database")
        .arg(folder.database());
    let mut server = Program::spawn(&mut command);
    let line = server.output("Connect to ");
    let address = line
        .trim_start_matches("Connect to ")
        .parse()
        .expect("an address");
    let mut client = Client::in_lobby(address, "ann");
    // `\0ann\0sesame` and `\0ann\0wrongone`.
    let (right, wrong) = ("AGFubgBzZXNhbWU=", "AGFubgB3cm9uZ29uZQ==");
    client.send("NS REGISTER sesame");
    client.wait_for("Account created");
    client.send("NS LOGOUT");
    client.wait_for("logged out");
    for response in [wrong, right] {
        client.send("AUTHENTICATE PLAIN");
        client.send(&format!("AUTHENTICATE {response}"));
    }
    client.wait_for(" 903 ");
    client.send("PRIVMSG NickServ :PASSWD sesame better better");
    client.wait_for("password is changed");
    assert!(server.stop().success());
    let log = server.all_output().join("\n");
    assert!(log.contains("a login failed"), "the log is there: {log}");
    for secret in [
        "sesame",
        "wrongone",
        "better",
        right,
        wrong,
        "$argon2",
        "SCRAM-SHA-256$",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
