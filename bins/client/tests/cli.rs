//! The program where there is nothing to draw on.

use std::process::Command;

#[test]
fn without_a_display_it_says_so_and_exits_with_1() {
    let output = Command::new(env!("CARGO_BIN_EXE_chat-client"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts");
    if cfg!(target_os = "linux") {
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("there is no display"), "{told}");
        assert!(!told.contains("panicked"), "{told}");
    }
}

#[test]
fn a_display_that_does_not_answer_is_an_error_too() {
    // No machine has so many displays.
    let output = Command::new(env!("CARGO_BIN_EXE_chat-client"))
        .env("DISPLAY", ":54321")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("the program starts");
    if cfg!(target_os = "linux") {
        assert_eq!(output.status.code(), Some(1));
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("does the display answer"), "{told}");
        assert!(!told.contains("panicked"), "{told}");
    }
}

#[test]
fn wrong_arguments_are_a_usage_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_chat-client"))
        .arg("--no-such-option")
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
}
