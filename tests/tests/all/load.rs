//! The load tester starts our programs itself, measures them in turns, and leaves nothing behind.

use chat_tests::{Folder, program_path};

#[test]
fn servers_are_started_compared_and_ended() {
    let folder = Folder::new();
    let result = folder.path().join("result.json");
    let picture = folder.path().join("result.svg");
    let mut command = folder.command("chat-load");
    command
        .args([
            "compare",
            "--servers",
            "one,fleet:2",
            "--loads",
            "fanout,rooms",
        ])
        .args([
            "--rounds",
            "1",
            "--seconds",
            "1",
            "--scale",
            "3",
            "--no-pin",
        ])
        .arg("--json")
        .arg(&result)
        .arg("--plot")
        .arg(&picture)
        .arg("--programs")
        .arg(program_path("chat-server").parent().expect("a folder"))
        .env("TMPDIR", folder.path());
    let output = command.output().expect("chat-load runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("cannot"), "{told}");
    assert!(told.contains("fan-out: CPU per delivery"), "{told}");
    assert!(told.contains("rooms: delivery p50"), "{told}");
    let json = std::fs::read_to_string(&result).expect("the result");
    for server in ["\"one\"", "\"fleet:2\""] {
        assert!(json.contains(server), "{json}");
    }
    assert!(
        std::fs::read_to_string(&picture)
            .expect("the picture")
            .contains("<rect")
    );
    assert_clean(&folder);

    // Pieces are put together, here one with itself.
    let output = folder
        .command("chat-load")
        .arg("merge")
        .args([&result, &result])
        .output()
        .expect("chat-load runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("medians of 2 rounds"), "{told}");
}

#[test]
fn a_fleet_is_started_welcomes_and_lets_people_in() {
    let folder = Folder::new();
    let programs = program_path("chat-server");
    let programs = programs.parent().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = folder.command("chat-load");
        command.args(arguments).arg("--programs").arg(programs);
        let output = command.env("TMPDIR", folder.path()).output();
        let output = output.expect("chat-load runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{told}");
        told
    };
    let started = run(&["start", "--spawn", "fleet:2", "--rounds", "1"]);
    for sort in ["first start on fleet:2", "later start on fleet:2"] {
        assert!(started.contains(sort), "{started}");
    }
    let edge = run(&["edge", "--spawn", "fleet:2", "--seconds", "1"]);
    // The launcher's own part stands beside that of its servers.
    for part in ["of it chat-launcher  ", "of it chat-server  "] {
        assert!(edge.contains(part), "{edge}");
    }
    assert_clean(&folder);
}

/// The folders of the servers lay in this one and are gone with them.
fn assert_clean(folder: &Folder) {
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
