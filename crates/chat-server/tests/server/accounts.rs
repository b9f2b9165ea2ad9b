//! Accounts for tests: they are made, and clients log in to them.

use chat_proto::sasl::{Plain, base64};
use chat_server::config::Accounts;
use chat_server::{Builder, Config};

use crate::client::Client;
use crate::harness::{Running, builder, limits};

/// The password of most of them.
pub(crate) const PASSWORD: &str = "sesame";

/// A server without a lobby and with these rules for accounts.
pub(crate) fn with(accounts: Accounts) -> Builder {
    builder().config(Config {
        name: "irc.test".to_owned(),
        lobby: String::new(),
        limits: limits(),
        accounts,
        ..Config::default()
    })
}

/// Makes an account, and leaves.
pub(crate) fn account(server: &Running, name: &str, password: &str) {
    let mut client = server.join(name);
    client.send(&format!("NS REGISTER {password}"));
    let source = "NickServ!NickServ@localhost";
    client.expect(&format!(":{source} NOTICE {name} :Account created"));
    client.send("QUIT");
    client.rest();
}

/// What PLAIN says for a name and a password.
pub(crate) fn plain(name: &str, password: &str) -> String {
    let plain = Plain {
        authzid: "",
        authcid: name,
        password,
    };
    base64::encode(&plain.to_bytes())
}

/// A client that has begun to log in.
pub(crate) fn begun(server: &Running, mechanism: &str) -> Client {
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send("CAP LS 302\r\nCAP REQ sasl");
    client.wait_for(" ACK ");
    client.send(&format!("AUTHENTICATE {mechanism}"));
    client.expect(":irc.test AUTHENTICATE +");
    client
}

/// A client that is logged in and registered.
pub(crate) fn logged_in(server: &Running, nick: &str, name: &str, password: &str) -> Client {
    let mut client = begun(server, "PLAIN");
    client.send(&format!("AUTHENTICATE {}", plain(name, password)));
    client.wait_for(" 903 ");
    client.send(&format!(
        "NICK {nick}\r\nUSER {nick} 0 * :Real {nick}\r\nCAP END"
    ));
    client.wait_for(" 001 ");
    client.sync();
    client
}

/// One more connection with an account, and all that it is told on arrival.
pub(crate) fn device(
    server: &Running,
    nick: &str,
    name: &str,
    capabilities: &str,
) -> (Client, Vec<String>) {
    let mut client = server.connect();
    client.wait_for("NOTICE");
    client.send(&format!("CAP REQ :sasl {capabilities}"));
    client.wait_for(" ACK ");
    client.send("AUTHENTICATE PLAIN");
    client.wait_for("AUTHENTICATE +");
    client.send(&format!("AUTHENTICATE {}", plain(name, PASSWORD)));
    client.wait_for(" 903 ");
    client.send(&format!(
        "NICK {nick}\r\nUSER u 0 * :Real {nick}\r\nCAP END"
    ));
    let told = client.sync();
    (client, told)
}
