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
    assert!(!told.contains("left out"), "{told}");
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
    // The folders of the servers lay in this one and are gone with them.
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.path())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
