//! A real client, irssi, on a pseudo-terminal.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use chat_tests::{Client, Folder, PATIENCE};

#[test]
fn irssi_joins_and_chats_across_servers() {
    if Command::new("irssi").arg("--version").output().is_err() {
        // scripts/test installs it; without it there is nothing to test.
        panic!("irssi is not installed: apt-get install irssi");
    }
    let folder = Folder::new();
    let mut launcher = folder.launcher(&["--servers", "2"]);
    let address = launcher.address();
    let mut friend = Client::in_lobby(address, "friend");

    let home = format!("--home={}", folder.path().join("irssi").display());
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let arguments = [&home, "-n", "walker", "-c", &host, "-p", &port];
    let mut terminal = folder
        .terminal(Path::new("irssi"), &arguments)
        .env("HOME", folder.path())
        .spawn()
        .expect("script is there");
    let mut keys = terminal.stdin.take().expect("piped");
    let mut screen = terminal.stdout.take().expect("piped");
    let (sender, shown) = sync_channel(10_000);
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 4096];
        while let Ok(count @ 1..) = screen.read(&mut buffer) {
            let _ = sender.try_send(buffer[..count].to_vec());
        }
    });

    friend.wait_for(":walker!");
    // The lobby is its second window, behind the one of the status.
    keys.write_all(b"/window goto 2\r").expect("irssi reads");
    friend.send("PRIVMSG #lobby :welcome walker");
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    while !contains(&seen, b"welcome walker") {
        assert!(
            Instant::now() < deadline,
            "{}",
            String::from_utf8_lossy(&seen)
        );
        if let Ok(bytes) = shown.recv_timeout(Duration::from_millis(200)) {
            seen.extend(bytes);
        }
    }
    keys.write_all(b"/msg #lobby glad to be here\r")
        .expect("irssi reads");
    let line = friend.wait_for("glad to be here");
    assert!(line.starts_with(":walker!"), "{line}");
    keys.write_all(b"/quit see you\r").expect("irssi reads");
    let line = friend.wait_for(" QUIT ");
    assert!(line.contains("see you"), "{line}");
    terminal.wait().expect("our own child");
    assert!(launcher.stop().success());
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
