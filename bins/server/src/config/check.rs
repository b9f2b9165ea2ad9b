//! What the types of the configuration file alone do not say: ranges, and the form of names.

use std::ops::Range;

use super::{File, Launcher, Limits, Server};

impl File {
    /// Checks what the types alone do not say.
    ///
    /// # Errors
    ///
    /// The table, the key and what was expected.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        self.server.check()?;
        self.check_doors()?;
        self.launcher.check()?;
        self.history.check()?;
        self.limits.check()?;
        self.accounts.check()
    }
}

impl File {
    /// Where clients come in.
    fn check_doors(&self) -> Result<(), Wrong> {
        let Self { tls, websocket, .. } = self;
        if self.addresses().next().is_none() {
            let problem = "expected at least one address such as \"127.0.0.1:6667\", \
                           here or in [tls] or [websocket]";
            return Err(("server", "listen", problem));
        }
        let secure = !(tls.listen.is_empty() && websocket.tls_listen.is_empty());
        if secure && tls.certificate.is_none() {
            let problem = "expected the file of the certificate, as there are addresses with TLS";
            return Err(("tls", "certificate", problem));
        }
        if secure && tls.key.is_none() {
            let problem = "expected the file of the private key, as there are addresses with TLS";
            return Err(("tls", "key", problem));
        }
        if tls.sts_port == Some(0) {
            return Err(("tls", "sts_port", "expected a port from 1 to 65535"));
        }
        if tls.sts_seconds > 0 && tls.listen.is_empty() {
            let problem = "expected an address in `listen` for who is to come over TLS";
            return Err(("tls", "sts_seconds", problem));
        }
        let origin = |origin: &String| {
            !origin.is_empty() && origin.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !websocket.origins.iter().all(origin) {
            let problem = "expected pages such as \"https://chat.example.org\"";
            return Err(("websocket", "origins", problem));
        }
        Ok(())
    }
}

/// What is wrong: the table, the key and what was expected.
pub(super) type Wrong = (&'static str, &'static str, &'static str);

impl Server {
    fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem| Err(("server", key, problem));
        let word = |text: &str| {
            (1..=63).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic())
                && !text.starts_with(':')
        };
        if !word(&self.name) || !self.name.contains('.') {
            return wrong(
                "name",
                "expected a host name with a dot, of at most 63 letters",
            );
        }
        if !word(&self.network) {
            return wrong("network", "expected a word of at most 63 letters");
        }
        if !is_line(&self.description) {
            return wrong("description", "expected one line of at most 200 bytes");
        }
        if !self.lobby.is_empty() && !chat_server::config::is_channel_name(&self.lobby) {
            return wrong(
                "lobby",
                "expected a channel name such as \"#lobby\", or \"\"",
            );
        }
        if self.admin.len() > 3 || self.admin.iter().any(|line| !is_line(line)) {
            return wrong("admin", "expected up to three lines of at most 200 bytes");
        }
        if self.icon.len() > 300 || !self.icon.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("icon", "expected an address without a space, or \"\"");
        }
        if self.motd.len() > 32 << 10 || self.motd.contains('\0') {
            return wrong("motd", "expected text of at most 32 KiB");
        }
        Ok(())
    }
}

impl Launcher {
    fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem| Err(("launcher", key, problem));
        if self
            .servers
            .is_some_and(|servers| !(1..=256).contains(&servers))
        {
            return wrong("servers", "expected a number of servers from 1 to 256");
        }
        if self.capacity == Some(0) {
            return wrong("capacity", "expected at least 1 place per server");
        }
        if self
            .instance
            .as_ref()
            .is_some_and(|name| !is_instance_name(name))
        {
            return wrong("instance", "expected up to 32 letters, digits, '-' or '_'");
        }
        Ok(())
    }
}

impl Limits {
    fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, problem| Err(("limits", key, problem));
        for (key, seconds) in [
            ("registration_seconds", self.registration_seconds),
            ("ping_seconds", self.ping_seconds),
            ("pong_seconds", self.pong_seconds),
        ] {
            if !(1..=86_400).contains(&seconds) {
                return wrong(key, "expected seconds from 1 to 86400");
            }
        }
        for (key, lines) in [
            ("flood_burst", self.flood_burst),
            ("flood_rate", self.flood_rate),
        ] {
            if lines == 0 {
                return wrong(key, "expected at least 1");
            }
        }
        if self.sendq < 16 << 10 {
            return wrong("sendq", "expected at least 16384 bytes");
        }
        if self.held_bytes < 8 << 20 {
            return wrong("held_bytes", "expected at least 8388608 bytes");
        }
        if self.channels == 0 {
            return wrong("channels", "expected at least 1");
        }
        if self.metadata_keys > 100 {
            return wrong("metadata_keys", "expected at most 100");
        }
        // More would not fit into a line behind the longest prefix, target and key.
        if self.metadata_value_bytes > 256 {
            return wrong("metadata_value_bytes", "expected at most 256");
        }
        if self.metadata_subscriptions > 1000 {
            return wrong("metadata_subscriptions", "expected at most 1000");
        }
        Ok(())
    }
}

/// Whether a text is one line of a length that fits into an answer.
pub(super) fn is_line(text: &str) -> bool {
    text.len() <= 200 && !text.contains(['\r', '\n', '\0'])
}

/// Whether a text can name an instance: it becomes part of file names.
#[must_use]
pub fn is_instance_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The line (from 1) in which a part of the text begins.
pub(super) fn line_at(text: &str, span: Option<Range<usize>>) -> usize {
    let before = span.and_then(|span| text.get(..span.start));
    1 + before.unwrap_or_default().matches('\n').count()
}

/// The line (from 1) on which a table's key is set, or that of the table, or 1.
pub(super) fn line_of(text: &str, table: &str, key: &str) -> usize {
    nth_line_of(text, table, 0, key)
}

/// The same for one (counted from 0) of several tables with that name, `[[table]]`.
pub(super) fn nth_line_of(text: &str, table: &str, number: usize, key: &str) -> usize {
    let headers = [format!("[{table}]"), format!("[[{table}]]")];
    let mut seen = 0;
    let mut inside = false;
    let mut found = 1;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            let this = headers.iter().any(|header| line.starts_with(header));
            inside = this && seen == number;
            seen += usize::from(this);
            if inside {
                found = at + 1;
            }
        } else if inside
            && line
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        {
            return at + 1;
        }
    }
    found
}
