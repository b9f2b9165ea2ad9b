//! Starts that cannot work are refused, with a reason and a usage code, and leave all as it was.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::Output;

use chat_tests::{Client, Folder};
use rusqlite::Connection;

/// Runs a program to its end; its exit code and everything it printed.
fn run(folder: &Folder, program: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output: Output = folder
        .command(program)
        .args(arguments)
        .output()
        .expect("the program starts");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

#[test]
fn without_a_number_and_without_a_terminal_it_is_a_usage_error() {
    let folder = Folder::new();
    let (code, text) = run(&folder, "chat-launcher", &["--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--servers"), "{text}");
}

#[test]
fn on_a_terminal_it_asks_for_the_number() {
    let folder = Folder::new();
    let launcher = chat_tests::program_path("chat-launcher");
    let database = folder.database();
    let database = database.to_str().expect("UTF-8");
    let arguments = ["--listen", "127.0.0.1:0", "--database", database];
    let mut terminal = folder
        .terminal(&launcher, &arguments)
        .spawn()
        .expect("script is there");
    let mut keys = terminal.stdin.take().expect("piped");
    keys.write_all(b"none\n2\n").expect("it reads");
    let mut screen = BufReader::new(terminal.stdout.take().expect("piped"));
    let mut seen = String::new();
    while !seen.contains("Connect to ") {
        assert!(
            screen.read_line(&mut seen).expect("UTF-8") > 0,
            "ended: {seen}"
        );
    }
    assert!(seen.contains("Expected a number from 1 to 256"), "{seen}");
    assert!(seen.contains("Server-2 is up"), "{seen}");
    assert!(!seen.contains("Server-3"), "{seen}");
    // Ctrl-C, as a person leaves.
    keys.write_all(&[3]).expect("it reads");
    let mut rest = String::new();
    screen.read_to_string(&mut rest).expect("UTF-8");
    let status = terminal.wait().expect("our own child");
    assert!(status.success(), "{status}; after Ctrl-C: {rest}");
}

#[test]
fn no_servers_at_all_is_a_usage_error() {
    let folder = Folder::new();
    let (code, text) = run(&folder, "chat-launcher", &["--servers", "0"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("1..=256"), "{text}");
}

#[test]
fn a_wrong_configuration_is_refused_with_file_line_and_expectation() {
    let folder = Folder::new();
    let config = folder.path().join("wrong.toml");
    fs::write(&config, "[server]\nname = \"chat.test\"\nnick = \"x\"\n").expect("writable");
    let config = config.to_str().expect("UTF-8");
    for program in ["chat-launcher", "chat-server"] {
        let (code, text) = run(&folder, program, &["--config", config]);
        assert_eq!(code, Some(2), "{program}: {text}");
        for part in ["wrong.toml", "line 3", "unknown field `nick`"] {
            assert!(text.contains(part), "{program}: {part} in {text}");
        }
    }
}

#[test]
fn a_configuration_that_servers_cannot_be_told_is_refused_with_what_is_too_long() {
    let folder = Folder::new();
    let config = folder.path().join("long.toml");
    let write = |operators: usize| {
        let mut text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\nmotd = \"{}\"\n",
            "x".repeat(32 << 10)
        );
        for number in 0..operators {
            let password = "p".repeat(80);
            let line = format!("[[operator]]\nname = \"o{number}\"\npassword = \"{password}\"\n");
            text.push_str(&line);
        }
        fs::write(&config, text).expect("writable");
    };
    let path = config.to_str().expect("UTF-8");
    write(300);
    let arguments = ["--config", path, "--servers", "2"];
    let (code, text) = run(&folder, "chat-launcher", &arguments);
    assert_eq!(code, Some(2), "{text}");
    for part in [
        "expected at most 55296 bytes",
        "motd has 32768",
        "the 300 [[operator]]",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // What is not refused starts.
    write(200);
    let fleet = folder.launcher(&["--config", path, "--servers", "2"]);
    let mut ann = Client::in_lobby(fleet.address(), "ann");
    ann.send("MOTD");
    ann.wait_for(" 372 ann :- xxx");
}

#[test]
fn ports_that_do_not_match_the_servers_are_a_usage_error() {
    let folder = Folder::new();
    let (code, text) = run(
        &folder,
        "chat-launcher",
        &["--servers", "3", "--ports", "5001,5002"],
    );
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("each of the 3 servers"), "{text}");
}

#[test]
fn a_port_in_use_is_named() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let database = folder.database();
    let database = database.to_str().expect("UTF-8");
    for arguments in [
        &["chat-server", "--listen", &address, "--database", database][..],
        &[
            "chat-launcher",
            "--servers",
            "1",
            "--listen",
            &address,
            "--database",
            database,
        ],
    ] {
        let (code, text) = run(&folder, arguments[0], &arguments[1..]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(&address), "{text}");
        assert!(text.to_lowercase().contains("in use"), "{text}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_untouched() {
    let folder = Folder::new();
    let content = "this is a letter, not a database\n".repeat(100);
    fs::write(folder.database(), &content).expect("writable");
    refused_untouched(&folder, content.as_bytes(), "not a");
}

#[test]
fn a_database_of_a_newer_schema_is_refused_and_untouched() {
    let folder = Folder::new();
    let mut first = folder.server(&[]);
    assert!(first.stop().success());
    let database = Connection::open(folder.database()).expect("opens");
    database
        .pragma_update(None, "user_version", 100_000)
        .expect("writable");
    database.close().expect("closed");
    let content = fs::read(folder.database()).expect("readable");
    refused_untouched(&folder, &content, "newer");
}

fn refused_untouched(folder: &Folder, content: &[u8], word: &str) {
    let path = folder.database();
    let path = path.to_str().expect("UTF-8");
    for arguments in [
        &["chat-server", "--listen", "127.0.0.1:0", "--database", path][..],
        &[
            "chat-launcher",
            "--servers",
            "1",
            "--listen",
            "127.0.0.1:0",
            "--database",
            path,
        ],
    ] {
        let (code, text) = run(folder, arguments[0], &arguments[1..]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(word), "{word} in {text}");
        assert!(
            fs::read(path).expect("readable") == content,
            "the file was changed"
        );
    }
}

#[test]
fn a_path_need_not_be_utf8() {
    let folder = Folder::new();
    let strange = folder.path().join(OsStr::from_bytes(b"\xFF\xFE"));
    fs::create_dir(&strange).expect("writable");
    let mut command = folder.command("chat-launcher");
    command.args(["--servers", "1", "--listen", "127.0.0.1:0", "--database"]);
    command.arg(strange.join("storage.db"));
    let mut launcher = chat_tests::Program::spawn(command.env("XDG_RUNTIME_DIR", &strange));
    launcher.output("Connect to ");
    assert!(launcher.stop().success());
    assert!(!launcher.seen().iter().any(|line| line.contains("ERROR")));
}

#[test]
fn what_is_wrong_with_a_database_is_said_once() {
    let folder = Folder::new();
    let database = folder.path().join("missing").join("storage.db");
    let database = database.to_str().expect("UTF-8");
    let arguments = ["--listen", "127.0.0.1:0", "--database", database];
    for servers in [&[][..], &["--servers", "1"]] {
        let program = if servers.is_empty() {
            "chat-server"
        } else {
            "chat-launcher"
        };
        let (code, text) = run(&folder, program, &[&arguments[..], servers].concat());
        assert_eq!(code, Some(1), "{text}");
        assert_eq!(text.matches(database).count(), 1, "{text}");
    }
}

#[test]
fn a_leftover_or_garbage_segment_is_replaced() {
    let user = rustix::process::getuid().as_raw();
    for (number, garbage) in [vec![0xA5_u8; 8192], Vec::new(), b"short".to_vec()]
        .iter()
        .enumerate()
    {
        let folder = Folder::new();
        let instance = format!("left-{}-{number}", std::process::id());
        let segment = PathBuf::from(format!("/dev/shm/client_status.{user}.{instance}"));
        fs::write(&segment, garbage).expect("shared memory is writable");
        let mut launcher = folder.launcher(&["--servers", "1", "--instance", &instance]);
        let client = Client::in_lobby(launcher.address(), "fine");
        drop(client);
        assert!(launcher.stop().success());
        assert!(!segment.exists(), "the segment is gone");
    }
}

#[test]
fn an_instance_that_runs_is_not_disturbed() {
    let folder = Folder::new();
    let instance = format!("same-{}", std::process::id());
    let mut first = folder.server(&["--instance", &instance]);
    let other = folder.path().join("other.db");
    let (code, text) = run(
        &folder,
        "chat-server",
        &[
            "--instance",
            &instance,
            "--listen",
            "127.0.0.1:0",
            "--database",
            other.to_str().expect("UTF-8"),
        ],
    );
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("is running already"), "{text}");
    let _still = Client::in_lobby(first.address(), "still");
    assert!(first.stop().success());
}

#[test]
fn two_programs_do_not_write_one_database() {
    let folder = Folder::new();
    let first = folder.server(&[]);
    let database = folder.database();
    let (code, text) = run(
        &folder,
        "chat-server",
        &[
            "--listen",
            "127.0.0.1:0",
            "--database",
            database.to_str().expect("UTF-8"),
        ],
    );
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("storage.db"), "{text}");
    let _still = Client::in_lobby(first.address(), "still");
}

#[test]
fn the_monitor_says_what_is_missing() {
    // The programs in a folder without chat-monitor: it says what to build, and serves all the same.
    let folder = Folder::new();
    let lonely = folder.path().join("bin");
    fs::create_dir(&lonely).expect("writable");
    let copy = lonely.join("chat-server");
    fs::copy(chat_tests::program_path("chat-server"), &copy).expect("copied");
    let mut command = folder.command_of(&copy);
    let database = folder.database();
    let mut server = chat_tests::Program::spawn(command.args([
        "--listen",
        "127.0.0.1:0",
        "--window",
        "--database",
        database.to_str().expect("UTF-8"),
    ]));
    server.output("cargo build --release --bin chat-monitor");
    assert!(server.stop().success());
}
