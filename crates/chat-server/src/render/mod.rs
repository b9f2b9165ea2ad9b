//! From what happened, and from answers, to lines.
//!
//! [`Wire`] is the only thing that reaches a client's queue, and it is made of [`WireLine`]s only.
//! `event` writes the bodies, [`Rendered`] joins a body with its tags once per [`Variant`], `multiline`
//! knows messages of several lines, and `burst` makes the text that everyone gets on arrival.
//!
//! [`Variant`]: crate::session::Variant

mod burst;
pub(crate) mod event;
mod multiline;
mod time;
mod variants;

use bytes::{Bytes, BytesMut};
use chat_proto::{Numeric, WireLine};

pub(crate) use burst::Burst;
pub(crate) use multiline::Block;
pub(crate) use time::server_time;
pub(crate) use variants::Rendered;

use crate::command::cut;
use crate::state::State;

/// One line, or several, as they go out. Cloning counts a reference.
#[derive(Clone, Debug)]
pub(crate) struct Wire(Bytes);

impl Wire {
    /// Length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes, to be queued.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// Lines, one after the other.
    pub(crate) fn of_lines(lines: BytesMut) -> Self {
        Self(lines.freeze())
    }

    /// The bytes.
    pub(crate) fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl FromIterator<Self> for Wire {
    /// Several as one.
    fn from_iter<I: IntoIterator<Item = Self>>(wires: I) -> Self {
        let mut whole = BytesMut::new();
        for wire in wires {
            whole.extend_from_slice(&wire.0);
        }
        Self(whole.freeze())
    }
}

impl From<WireLine> for Wire {
    fn from(line: WireLine) -> Self {
        Self(line.into_bytes())
    }
}

/// A numeric to a nick (`*` where there is none yet); an empty text is left out.
pub(crate) fn numeric(
    state: &State,
    nick: &str,
    code: Numeric,
    params: &[&str],
    text: &str,
) -> Wire {
    numeric_of(&state.config.name, nick, code, params, text)
}

/// The same from a server of that name.
pub(crate) fn numeric_of(
    server: &str,
    nick: &str,
    code: Numeric,
    params: &[&str],
    text: &str,
) -> Wire {
    let line = WireLine::builder()
        .source(server)
        .numeric(code)
        .param(nick)
        .params(params.iter().copied());
    let line = if text.is_empty() {
        line
    } else {
        line.trailing(text)
    };
    line.finish().into()
}

/// A NOTICE of the server.
pub(crate) fn notice(state: &State, nick: &str, text: &str) -> Wire {
    notice_of(&state.config.name, nick, text)
}

/// The same from a server of that name.
pub(crate) fn notice_of(server: &str, nick: &str, text: &str) -> Wire {
    let line = WireLine::builder().source(server).command("NOTICE");
    line.param(nick).trailing(text).finish().into()
}

/// A standard reply FAIL. The context is parameters with spaces between them, or empty.
pub(crate) fn fail(state: &State, command: &str, code: &str, context: &str, text: &str) -> Wire {
    let line = WireLine::builder()
        .source(&state.config.name)
        .command("FAIL")
        .param(command)
        .param(code);
    let line = if context.is_empty() {
        line
    } else {
        line.params(context.split(' '))
    };
    line.trailing(text).finish().into()
}

/// A standard reply FAIL about several things; one that is empty is told as `*`.
pub(crate) fn fail_about(
    state: &State,
    command: &str,
    code: &str,
    about: &[&str],
    text: &str,
) -> Wire {
    let shown = about.iter().map(|given| match cut(given, 64) {
        "" => "*",
        given => given,
    });
    let line = WireLine::builder()
        .source(&state.config.name)
        .command("FAIL");
    let line = line.param(command).param(code).params(shown);
    line.trailing(text).finish().into()
}

/// The last line of a connection.
pub(crate) fn error(text: &str) -> Wire {
    WireLine::builder()
        .command("ERROR")
        .trailing(text)
        .finish()
        .into()
}
