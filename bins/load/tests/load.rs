//! Every load on a small server in this process.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};

use chat_server::{Server, ServerHandle, config::Limits};
use serde_json::Value;

/// A server without flood limits.
fn server() -> ServerHandle {
    let limits = Limits {
        flood: None,
        ..Limits::default()
    };
    let builder = Server::builder().lobby("").limits(limits);
    builder.start().expect("the server starts")
}

/// Runs chat-load, which bounds its own time.
fn chat_load(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chat-load"))
        .args(arguments)
        .output()
        .expect("chat-load starts")
}

/// Puts a load on a server; what it reports.
fn report(load: &str, address: SocketAddr, arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("result.json");
    let plot = folder.path().join("result.svg");
    let (address, own) = (address.to_string(), std::process::id().to_string());
    let mut all = vec![load, "--connect", &address, "--pid", &own];
    all.extend(["--json", text(&path), "--plot", text(&plot)]);
    all.extend(arguments);
    let output = chat_load(&all);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{load}: {error}");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(table.contains("per second"), "{table}");
    let picture = std::fs::read_to_string(&plot).expect("the picture");
    assert!(
        picture.starts_with("<svg ") && picture.ends_with("</svg>\n"),
        "{picture}"
    );
    let json = std::fs::read(&path).expect("the result");
    serde_json::from_slice(&json).expect("the result is JSON")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

fn number(report: &Value, path: &str) -> f64 {
    let value = report.pointer(path);
    value
        .and_then(Value::as_f64)
        .unwrap_or_else(|| panic!("no {path} in {report:#}"))
}

#[test]
fn fanout_reaches_everybody_and_tells_what_it_took() {
    let server = server();
    let arguments = [
        "--members",
        "8",
        "--senders",
        "2",
        "--window",
        "3",
        "--seconds",
        "1",
    ];
    let report = report("fanout", server.local_addrs()[0], &arguments);
    // Seven of eight get each message.
    assert_eq!(number(&report, "/settings/members").to_string(), "8");
    assert!(number(&report, "/count") >= 70.0, "{report:#}");
    assert!(number(&report, "/usage/cpu") > 0.0, "{report:#}");
    let (p50, max) = (
        number(&report, "/latencies/1/p50"),
        number(&report, "/latencies/1/max"),
    );
    assert!(0.0 < p50 && p50 <= max && max < 10_000_000.0, "{report:#}");
    let left = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        server.stats().totals.now == 0
    });
    assert!(left, "everyone has left");
}

#[test]
fn rooms_keep_their_rate() {
    let server = server();
    let arguments = [
        "--rooms",
        "3",
        "--members",
        "4",
        "--rate",
        "100",
        "--seconds",
        "2",
    ];
    let report = report("rooms", server.local_addrs()[0], &arguments);
    let deliveries = number(&report, "/count");
    assert!(
        (300.0..=900.0).contains(&deliveries),
        "600 are due: {report:#}"
    );
}

#[test]
fn churn_counts_whole_visits() {
    let server = server();
    let report = report(
        "churn",
        server.local_addrs()[0],
        &["--slots", "3", "--seconds", "1"],
    );
    let visits = number(&report, "/count");
    assert!(visits >= 3.0, "{report:#}");
    let came = server.stats().totals.total;
    assert!(
        f64::from(u32::try_from(came).unwrap()) >= visits,
        "{came} of {visits}"
    );
}

#[test]
fn connections_that_never_register_are_counted() {
    let server = server();
    let arguments = ["--slots", "3", "--seconds", "1"];
    let report = report("edge", server.local_addrs()[0], &arguments);
    let connections = number(&report, "/count");
    assert!(connections >= 3.0, "{report:#}");
    let totals = server.stats().totals;
    let rejected = f64::from(u32::try_from(totals.rejected).unwrap());
    assert!(rejected >= connections, "{totals:?} of {connections}");
    assert_eq!(totals.today, 0, "nobody was welcomed");
    let parts = report["usage"]["parts"].as_object().unwrap();
    assert!(!parts.is_empty(), "{report:#}");
}

#[test]
fn idle_clients_have_a_size() {
    let server = server();
    let arguments = ["--clients", "50", "--members", "10", "--seconds", "1"];
    let report = report("idle", server.local_addrs()[0], &arguments);
    assert_eq!(number(&report, "/count").to_string(), "50");
    assert!(number(&report, "/holding/descriptors") > 50.0, "{report:#}");
    assert!(number(&report, "/kib_per_client") < 500.0, "{report:#}");
}

#[test]
fn soak_does_everything_and_samples() {
    let server = server();
    let arguments = [
        "--clients",
        "12",
        "--members",
        "4",
        "--rate",
        "300",
        "--seconds",
        "4",
    ];
    let more = ["--sample", "1", "--growth", "900"];
    let report = report(
        "soak",
        server.local_addrs()[0],
        &[&arguments[..], &more].concat(),
    );
    assert!(number(&report, "/count") >= 400.0, "{report:#}");
    assert!(
        number(&report, "/settings/lines read") > 400.0,
        "{report:#}"
    );
    assert!(
        report["samples"].as_array().unwrap().len() >= 3,
        "{report:#}"
    );
    assert!(
        server.stats().totals.total > 12,
        "some were followed by others"
    );
}

#[test]
fn a_server_that_refuses_is_told() {
    let limits = Limits::default();
    let builder = Server::builder().password("secret").limits(limits);
    let server = builder.start().unwrap();
    let address = server.local_addrs()[0].to_string();
    let output = chat_load(&["idle", "--connect", &address, "--clients", "2"]);
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("464"), "{error}");
    let arguments = ["--clients", "2", "--seconds", "1", "--password", "secret"];
    let all = [&["idle", "--connect", &address][..], &arguments].concat();
    assert!(chat_load(&all).status.success());
}

#[test]
fn nothing_is_touched_that_was_not_named() {
    for (arguments, word) in [
        (&["idle"][..], "--connect"),
        (&["idle", "--connect", "192.0.2.1:6667"], "--yes-remote"),
        (
            &[
                "fanout",
                "--connect",
                "127.0.0.1:1",
                "--members",
                "2",
                "--senders",
                "3",
            ],
            "senders",
        ),
        (
            &["idle", "--spawn", "one", "--programs", "/nowhere"],
            "/nowhere/chat-server",
        ),
        (&["compare", "--servers", "nonesuch"], "nonesuch"),
    ] {
        let output = chat_load(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(word), "{arguments:?}: {error}");
    }
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let output = chat_load(&["idle", "--connect", &closed.to_string(), "--clients", "1"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot connect"));
}
