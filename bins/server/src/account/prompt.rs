//! A password, from a person or from a pipe: never from an argument, which everybody can read who
//! lists processes.

use std::io::{self, BufRead as _, IsTerminal as _, Stdin, Write as _};

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Asks twice without showing what is typed; from a pipe, reads one line.
pub(super) fn password() -> anyhow::Result<String> {
    let input = io::stdin();
    if !input.is_terminal() {
        return line(&input);
    }
    let _silent = Silent::new().context("cannot hide what is typed")?;
    say("Password: ");
    let password = line(&input)?;
    say("\nAgain: ");
    let again = line(&input)?;
    say("\n");
    if password != again {
        bail!("the two passwords differ");
    }
    Ok(password)
}

fn line(input: &Stdin) -> anyhow::Result<String> {
    let mut line = String::new();
    input
        .lock()
        .read_line(&mut line)
        .context("cannot read the password")?;
    if line.is_empty() {
        bail!("no password was given");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn say(text: &str) {
    let mut output = io::stderr();
    // Who cannot read the question can still type.
    let _ = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
}

/// The terminal shows nothing of what is typed, until this is dropped.
struct Silent(Termios);

impl Silent {
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // There is nothing else that could be done about it.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
