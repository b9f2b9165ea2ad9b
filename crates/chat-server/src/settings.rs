//! What was set and may change while the server runs: the configuration, and what follows from it.

use chat_network::Limits;
use chat_proto::{CapabilitySet, Isupport, name, numeric};

use crate::capabilities;
use crate::config::Config;
use crate::render::{self, Burst, Wire};
use crate::state::{MODES, MONITORED, TARGETS};

/// The configuration, and what follows from it. Made anew when it changes, never changed.
pub(crate) struct Settings {
    /// What was set.
    pub(crate) config: Config,
    /// The capabilities that clients may ask for.
    pub(crate) capabilities: CapabilitySet,
    /// What the server supports.
    pub(crate) supported: Isupport,
    /// The same as lines of 005.
    pub(crate) isupport: Burst,
    /// What is said first to who comes, if anything.
    pub(crate) greeting: Option<Wire>,
    /// 375, 372 and 376, or 422.
    pub(crate) motd: Burst,
}

impl Settings {
    /// What follows from a configuration and the bounds of the chat.
    pub(crate) fn new(config: Config, limits: &Limits) -> Self {
        // The longest nick: what fits with it fits with every other.
        let nick = "x".repeat(limits.nick);
        let supported = supported(&config, limits);
        let isupport: Vec<Wire> = supported
            .lines(&config.name, &nick)
            .into_iter()
            .map(Wire::from)
            .collect();
        let greeting = || {
            let text = format!("*** You are on {}", config.label());
            render::notice_of(&config.name, "*", &text)
        };
        Self {
            greeting: config.greeting.then(greeting),
            capabilities: capabilities::available(&config),
            supported,
            isupport: Burst::new(&isupport, &config.name, &nick),
            motd: Burst::new(&motd(&config, &nick), &config.name, &nick),
            config,
        }
    }

    /// The longest page of history.
    pub(crate) fn history_page(&self) -> u32 {
        history_page(&self.config)
    }
}

/// The longest page of history.
fn history_page(config: &Config) -> u32 {
    // Half of what may wait for a client, with lines of 1 KiB.
    let fits = u32::try_from(config.limits.sendq / 2048).unwrap_or(u32::MAX);
    config.history.page.min(fits).max(1)
}

/// The tokens of RPL_ISUPPORT.
fn supported(config: &Config, limits: &Limits) -> Isupport {
    let mut isupport = Isupport::new();
    isupport
        .set("ACCOUNTEXTBAN", "a")
        .set("AWAYLEN", limits.away)
        .set("BOT", "B")
        .set("CASEMAPPING", "ascii")
        .set("CHATHISTORY", history_page(config))
        .set("CHANLIMIT", format_args!("#:{}", limits.channels_per_user))
        .set("CHANMODES", "Ibe,k,fl,CMRUimnstu")
        .set("CHANNELLEN", limits.channel)
        .set("CHANTYPES", name::CHANTYPES)
        .set("ELIST", "CMNTU")
        .set("EXCEPTS", "e")
        // `a:` an account, `m:` a mute; nothing stands before the letter.
        .set("EXTBAN", ",am")
        .set("HOSTLEN", limits.host)
        .flag("INVEX")
        .set("KEYLEN", limits.key)
        .set("KICKLEN", limits.kick)
        .set("MAXLIST", format_args!("Ibe:{}", limits.list_entries))
        .set("MAXTARGETS", TARGETS)
        .set("MODES", MODES)
        .set("MONITOR", MONITORED)
        .set("MSGREFTYPES", "msgid,timestamp")
        .set("NAMELEN", limits.realname)
        .set("NETWORK", &config.network)
        .set("NICKLEN", limits.nick)
        .set("PREFIX", "(qaohv)~&@%+")
        .set("STATUSMSG", "~&@%+")
        .set("TARGMAX", format_args!(
            "JOIN:,KICK:{TARGETS},LIST:,NAMES:,NOTICE:{TARGETS},PART:,PRIVMSG:{TARGETS},TAGMSG:{TARGETS},WHOIS:"
        ))
        .set("TOPICLEN", limits.topic)
        .set("USERLEN", limits.username)
        // How names outside of ASCII are folded, for clients that can.
        .set("UTF8MAPPING", "rfc8265")
        .flag("UTF8ONLY")
        .flag("WHOX");
    if !config.icon.is_empty() {
        isupport.set("draft/ICON", &config.icon);
    }
    isupport
}

/// The message of the day.
fn motd(config: &Config, nick: &str) -> Vec<Wire> {
    let text = config.motd.trim_end();
    if text.is_empty() {
        let code = numeric::ERR_NOMOTD;
        return vec![render::numeric_of(
            &config.name,
            nick,
            code,
            &[],
            code.text(),
        )];
    }
    let start = format!("- {} Message of the day - ", config.name);
    let mut lines = vec![render::numeric_of(
        &config.name,
        nick,
        numeric::RPL_MOTDSTART,
        &[],
        &start,
    )];
    for line in text.lines() {
        let line = format!("- {line}");
        lines.push(render::numeric_of(
            &config.name,
            nick,
            numeric::RPL_MOTD,
            &[],
            &line,
        ));
    }
    let end = numeric::RPL_ENDOFMOTD;
    lines.push(render::numeric_of(&config.name, nick, end, &[], end.text()));
    lines
}
