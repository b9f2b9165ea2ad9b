//! What a person types into the input line.

use smol_str::SmolStr;

use crate::{Command, SearchFor};

/// A command that can be typed, for help texts and completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The word after the slash.
    pub name: &'static str,
    /// What follows it.
    pub usage: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// Every command that [`parse`] knows, sorted by name.
pub const COMMANDS: &[Entry] = &[
    entry("away", "[reason]", "tell others that you are away"),
    entry("back", "", "tell others that you are back"),
    entry("ban", "mask", "keep somebody out of the channel"),
    entry("cs", "words", "talk to ChanServ"),
    entry("deop", "nick…", "take operators' rights away"),
    entry("devoice", "nick…", "take voice away"),
    entry("help", "[command]", "tell what can be typed"),
    entry("invite", "nick [#channel]", "invite somebody"),
    entry("join", "#channel [key]", "join a channel"),
    entry("kick", "nick [reason]", "remove somebody from the channel"),
    entry("list", "[mask, <n, >n]", "show which channels there are"),
    entry("me", "action", "say what you are doing"),
    entry("mode", "[modes]", "set or show the channel's modes"),
    entry("msg", "nick text", "send a private message"),
    entry("nick", "name", "change your nickname"),
    entry("notice", "target text", "send a notice"),
    entry("ns", "words", "talk to NickServ"),
    entry("op", "nick…", "give operators' rights"),
    entry("part", "[#channel] [reason]", "leave a channel"),
    entry("quit", "[reason]", "disconnect and leave"),
    entry("rate", "1-5", "rate the service with one to five stars"),
    entry("raw", "line", "send a line of the protocol as it is"),
    entry("reconnect", "", "connect again at once"),
    entry("search", "words", "search in what was said"),
    entry("topic", "[text]", "set or show the channel's topic"),
    entry("unban", "mask", "let somebody in again"),
    entry("voice", "nick…", "give voice"),
    entry("whois", "nick", "ask who somebody is"),
];

/// Why what was typed cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was typed.
    #[error("nothing to send")]
    Empty,
    /// There is no such command.
    #[error("there is no command /{0}: /help tells which there are")]
    Unknown(String),
    /// Something is missing or wrong after the command.
    #[error("{problem}{} Usage: /{name} {usage}", if problem.ends_with('?') { "" } else { "." })]
    Usage {
        /// The command.
        name: &'static str,
        /// What should follow.
        usage: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// Text without a command where there is nobody to say it to.
    #[error("nobody listens here: join a channel first, or use /msg nick text")]
    NoTarget,
}

/// Reads what was typed. `target` is the channel or person whose buffer is shown, if any.
/// Text that begins with two slashes is said with one.
///
/// # Errors
/// [`Error`] says what to type instead.
///
/// ```
/// use chat_client::{Command, slash};
///
/// let command = slash::parse("/rate 5", Some("#lobby"))?;
/// assert_eq!(command, Command::Rate(5));
/// assert!(slash::parse("/rate six", None).is_err());
/// # Ok::<(), slash::Error>(())
/// ```
pub fn parse(input: &str, target: Option<&str>) -> Result<Command, Error> {
    let input = input.trim_end();
    if input.trim().is_empty() {
        return Err(Error::Empty);
    }
    let Some(rest) = input.strip_prefix('/') else {
        return say(input, target);
    };
    if rest.starts_with('/') {
        return say(rest, target);
    }
    let (word, rest) = split(rest);
    let word = word.to_ascii_lowercase();
    let name = canonical(&word);
    let Some(entry) = COMMANDS.iter().find(|entry| entry.name == name) else {
        return Err(Error::Unknown(word));
    };
    Typed {
        entry,
        rest,
        target,
    }
    .command()
}

/// The commands to explain, where `/help` was typed: one, if it is named, else all.
#[must_use]
pub fn help(input: &str) -> Option<&'static [Entry]> {
    let (word, rest) = split(input.trim().strip_prefix('/')?);
    if !word.eq_ignore_ascii_case("help") {
        return None;
    }
    let named = rest.trim_start_matches('/').to_ascii_lowercase();
    let named = canonical(&named);
    let at = COMMANDS.iter().position(|entry| entry.name == named);
    Some(at.map_or(COMMANDS, |at| &COMMANDS[at..=at]))
}

/// What was typed after a known command.
struct Typed<'a> {
    entry: &'static Entry,
    rest: &'a str,
    target: Option<&'a str>,
}

const fn entry(name: &'static str, usage: &'static str, help: &'static str) -> Entry {
    Entry { name, usage, help }
}

fn canonical(word: &str) -> &str {
    match word {
        "j" => "join",
        "leave" => "part",
        "query" | "m" => "msg",
        "quote" => "raw",
        "exit" | "bye" => "quit",
        "t" => "topic",
        "nickserv" => "ns",
        "chanserv" => "cs",
        "channels" => "list",
        "find" => "search",
        "h" => "help",
        other => other,
    }
}

fn say(text: &str, target: Option<&str>) -> Result<Command, Error> {
    Ok(Command::Say {
        target: target.ok_or(Error::NoTarget)?.into(),
        text: text.to_owned(),
    })
}

/// The first word and what follows it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim())
}

fn is_channel(text: &str) -> bool {
    text.starts_with(['#', '&'])
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

// === impl Typed ===

impl Typed<'_> {
    fn command(&self) -> Result<Command, Error> {
        match self.entry.name {
            "away" => Ok(Command::Away(Some(
                some(self.rest).unwrap_or("away".into()),
            ))),
            "back" => Ok(Command::Away(None)),
            "invite" => self.invite(),
            "join" => self.join(),
            "kick" => self.kick(),
            "me" => Ok(Command::Act {
                target: self.target.ok_or(Error::NoTarget)?.into(),
                text: self.all("Say what you are doing")?,
            }),
            "msg" => self.to_somebody(|target, text| Command::Say { target, text }),
            "nick" => Ok(Command::Nick(self.one("A nickname is one word")?)),
            "notice" => self.to_somebody(|target, text| Command::Notice { target, text }),
            "part" => self.part(),
            "quit" => Ok(Command::Quit(some(self.rest))),
            "rate" => self.rate(),
            "raw" => Ok(Command::Raw(self.all("The line is missing")?)),
            "reconnect" => Ok(Command::Reconnect),
            "topic" => self.topic(),
            "whois" => Ok(Command::Whois(self.one("A nickname is one word")?)),
            other => self.rarer(other),
        }
    }

    fn rarer(&self, name: &str) -> Result<Command, Error> {
        match name {
            "ban" => self.modes("+b"),
            "unban" => self.modes("-b"),
            "op" => self.modes("+o"),
            "deop" => self.modes("-o"),
            "voice" => self.modes("+v"),
            "devoice" => self.modes("-v"),
            "mode" if self.rest.starts_with(['#', '&']) => {
                Ok(Command::Raw(format!("MODE {}", self.rest)))
            }
            "mode" => Ok(Command::Raw(format!(
                "MODE {} {}",
                self.channel()?,
                self.rest
            ))),
            "ns" => Ok(Command::Raw(format!("NS :{}", self.all("Say what")?))),
            "cs" => Ok(Command::Raw(format!("CS :{}", self.all("Say what")?))),
            "list" => Ok(Command::List(some(self.rest))),
            "search" => Ok(Command::Search(SearchFor {
                text: self.all("Search for what?")?,
                limit: 100,
                ..SearchFor::default()
            })),
            // Answered by who shows it: see `help`.
            "help" => Err(Error::Empty),
            other => Err(Error::Unknown(other.to_owned())),
        }
    }

    /// One mode for several nicknames or masks.
    fn modes(&self, mode: &str) -> Result<Command, Error> {
        let given: Vec<&str> = self.rest.split_whitespace().collect();
        if given.is_empty() {
            return Err(self.usage("Whom?"));
        }
        let (sign, letter) = mode.split_at(1);
        let letters = letter.repeat(given.len());
        let channel = self.channel()?;
        Ok(Command::Raw(format!(
            "MODE {channel} {sign}{letters} {}",
            given.join(" ")
        )))
    }

    fn usage(&self, problem: &'static str) -> Error {
        Error::Usage {
            name: self.entry.name,
            usage: self.entry.usage,
            problem,
        }
    }

    fn all(&self, problem: &'static str) -> Result<String, Error> {
        some(self.rest).ok_or_else(|| self.usage(problem))
    }

    fn one(&self, problem: &'static str) -> Result<SmolStr, Error> {
        let (word, more) = split(self.rest);
        match !word.is_empty() && more.is_empty() {
            true => Ok(word.into()),
            false => Err(self.usage(problem)),
        }
    }

    /// The channel shown, for commands that act on it.
    fn channel(&self) -> Result<SmolStr, Error> {
        let shown = self.target.filter(|t| is_channel(t));
        let shown = shown.ok_or_else(|| self.usage("This is not a channel"))?;
        Ok(shown.into())
    }

    fn join(&self) -> Result<Command, Error> {
        let (channel, key) = split(self.rest);
        if channel.is_empty() {
            return Err(self.usage("Which channel?"));
        }
        let channel = match is_channel(channel) {
            true => channel.into(),
            false => SmolStr::from(format!("#{channel}")),
        };
        if key.contains(' ') {
            return Err(self.usage("A channel's name and its key have no spaces"));
        }
        let key = (!key.is_empty()).then(|| key.into());
        Ok(Command::Join { channel, key })
    }

    fn part(&self) -> Result<Command, Error> {
        let (first, more) = split(self.rest);
        let (channel, reason) = match is_channel(first) {
            true => (first.into(), more),
            false => (self.channel()?, self.rest),
        };
        Ok(Command::Part {
            channel,
            reason: some(reason),
        })
    }

    fn topic(&self) -> Result<Command, Error> {
        let (first, more) = split(self.rest);
        let (channel, text) = match is_channel(first) {
            true => (first.into(), more),
            false => (self.channel()?, self.rest),
        };
        Ok(Command::Topic {
            channel,
            text: some(text),
        })
    }

    fn kick(&self) -> Result<Command, Error> {
        let (nick, reason) = split(self.rest);
        if nick.is_empty() {
            return Err(self.usage("Whom?"));
        }
        Ok(Command::Kick {
            channel: self.channel()?,
            nick: nick.into(),
            reason: some(reason),
        })
    }

    fn invite(&self) -> Result<Command, Error> {
        let (nick, channel) = split(self.rest);
        if nick.is_empty() {
            return Err(self.usage("Whom?"));
        }
        let channel = match channel {
            "" => self.channel()?,
            given => given.into(),
        };
        Ok(Command::Invite {
            channel,
            nick: nick.into(),
        })
    }

    fn rate(&self) -> Result<Command, Error> {
        match self.rest.parse() {
            Ok(stars @ 1..=5) => Ok(Command::Rate(stars)),
            _ => Err(self.usage("A rating is a number from 1 to 5")),
        }
    }

    fn to_somebody(&self, make: fn(SmolStr, String) -> Command) -> Result<Command, Error> {
        let (to, text) = split(self.rest);
        let text = some(text).ok_or_else(|| self.usage("Say to whom, and what"))?;
        Ok(make(to.into(), text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn here(input: &str) -> Result<Command, Error> {
        parse(input, Some("#lobby"))
    }

    #[test]
    fn plain_text_is_said_to_the_buffer_shown() {
        let said = |text: &str| Command::Say {
            target: "#lobby".into(),
            text: text.into(),
        };
        assert_eq!(here("hello you "), Ok(said("hello you")));
        assert_eq!(here("//etc/passwd"), Ok(said("/etc/passwd")));
        assert_eq!(parse("hello", None), Err(Error::NoTarget));
        assert_eq!(here("   "), Err(Error::Empty));
    }

    #[test]
    fn channels_get_their_sign_and_part_takes_the_shown_one() {
        let join = |channel: &str, key: Option<&str>| Command::Join {
            channel: channel.into(),
            key: key.map(SmolStr::from),
        };
        assert_eq!(here("/join rust"), Ok(join("#rust", None)));
        assert_eq!(here("/J #rust secret"), Ok(join("#rust", Some("secret"))));
        let part = |channel: &str, reason: Option<&str>| Command::Part {
            channel: channel.into(),
            reason: reason.map(str::to_owned),
        };
        assert_eq!(here("/part see you"), Ok(part("#lobby", Some("see you"))));
        assert_eq!(here("/part #x bye"), Ok(part("#x", Some("bye"))));
        assert!(matches!(
            parse("/part", Some("ana")),
            Err(Error::Usage { .. })
        ));
    }

    #[test]
    fn ranks_and_bans_are_modes_of_the_channel_shown() {
        let raw = |line: &str| Ok(Command::Raw(line.to_owned()));
        assert_eq!(here("/op ana bob"), raw("MODE #lobby +oo ana bob"));
        assert_eq!(here("/unban *!*@x"), raw("MODE #lobby -b *!*@x"));
        assert_eq!(here("/mode +m"), raw("MODE #lobby +m"));
        assert_eq!(here("/mode #x"), raw("MODE #x"));
        assert_eq!(here("/ns identify x"), raw("NS :identify x"));
        assert!(matches!(
            parse("/op ana", Some("bob")),
            Err(Error::Usage { .. })
        ));
        assert!(matches!(here("/voice"), Err(Error::Usage { .. })));
    }

    #[test]
    fn help_tells_of_one_or_of_all() {
        assert_eq!(help("hello"), None);
        assert_eq!(help("/helpful"), None);
        assert_eq!(help("/help"), Some(COMMANDS));
        let one = help("/HELP /j").unwrap();
        assert!(one.len() == 1 && one[0].name == "join");
    }

    #[test]
    fn a_rating_is_one_to_five() {
        assert_eq!(here("/rate 3"), Ok(Command::Rate(3)));
        for wrong in ["/rate", "/rate 0", "/rate 6", "/rate five", "/rate 3 4"] {
            assert!(matches!(here(wrong), Err(Error::Usage { .. })), "{wrong}");
        }
    }

    #[test]
    fn errors_say_what_to_type() {
        assert_eq!(
            here("/dance").unwrap_err().to_string(),
            "there is no command /dance: /help tells which there are"
        );
        let error = here("/msg ana").unwrap_err().to_string();
        assert_eq!(error, "Say to whom, and what. Usage: /msg nick text");
        let error = here("/kick").unwrap_err().to_string();
        assert_eq!(error, "Whom? Usage: /kick nick [reason]");
    }

    #[test]
    fn every_listed_command_is_known_and_the_list_is_sorted() {
        assert!(COMMANDS.is_sorted_by_key(|entry| entry.name));
        for entry in COMMANDS {
            let typed = format!("/{} #a b", entry.name);
            let parsed = here(&typed);
            assert!(
                !matches!(parsed, Err(Error::Unknown(_))),
                "{typed}: {parsed:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn anything_typed_is_answered(input in "/?\\PC{0,40}", target in "(#?[a-z]{1,5})?") {
            let target = (!target.is_empty()).then_some(target.as_str());
            if let Ok(command) = parse(&input, target) {
                // Whatever could be read can be sent or is refused with a reason.
                let _ = command.lines();
            }
        }
    }
}
