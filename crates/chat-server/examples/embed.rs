//! A chat server inside another program: `cargo run -p chat-server --example embed`.

use std::io::{self, BufRead, Write};

use chat_server::Server;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder()
        .name("irc.example.org")
        .lobby("#lobby")
        .listen("127.0.0.1:0".parse()?)
        .start()?;
    writeln!(io::stdout(), "connect to {}", server.local_addrs()[0])?;
    // What is typed here is said in the lobby; end of input ends the server.
    for line in io::stdin().lock().lines() {
        server.say("#lobby", &line?)?;
    }
    server.shutdown_blocking("The program has ended")?;
    Ok(())
}
