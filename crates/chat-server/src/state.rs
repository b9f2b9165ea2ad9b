//! What handlers may look at: the replica, the configuration, the board.

use std::cell::{Cell, RefCell};

use chat_network::{Network, Position, ServerId};
use chat_proto::name;
use chat_proto::{CapabilitySet, Isupport, LineBody, WireLine, numeric};
use chat_stats::Board;
use smol_str::SmolStr;

use crate::auth::Auth;
use crate::capabilities;
use crate::config::Config;
use crate::render::{self, Burst, Wire};
use crate::watchers::Watchers;

/// The software and its version, as 002, 004 and VERSION tell it.
pub(crate) const VERSION: &str = concat!("chat-server-", env!("CARGO_PKG_VERSION"));
/// Targets of one PRIVMSG, NOTICE, TAGMSG or KICK.
pub(crate) const TARGETS: usize = 20;
/// Mode changes of one MODE.
pub(crate) const MODES: usize = 20;
/// Bytes of a message of several lines, with the line feeds between them.
pub(crate) const MULTILINE_BYTES: usize = 4096;
/// Lines of such a message.
pub(crate) const MULTILINE_LINES: usize = 32;
/// Nicks that one session may monitor.
pub(crate) const MONITORED: usize = 100;

/// What handlers may look at.
pub(crate) struct State {
    /// What was set.
    pub(crate) config: Config,
    /// What this server is called where it matters which one it is.
    pub(crate) label: SmolStr,
    /// The capabilities that clients may ask for.
    pub(crate) capabilities: CapabilitySet,
    /// How far the replica has come.
    pub(crate) position: Cell<Position>,
    /// The replica.
    pub(crate) network: RefCell<Network>,
    /// The numbers of all servers.
    pub(crate) board: Board,
    /// What is needed to check who somebody is.
    pub(crate) auth: Auth,
    /// When this server started, for people to read.
    pub(crate) created: String,
    /// When this server started, in milliseconds since 1970.
    pub(crate) started: i64,
    /// The most users there have been since.
    pub(crate) most_users: Cell<usize>,
    /// Connections here that are not registered (yet).
    pub(crate) unregistered: Cell<usize>,
    /// Who wants to know of whose coming and going.
    pub(crate) watchers: RefCell<Watchers>,
    /// What is said first to who comes, if anything.
    pub(crate) greeting: Option<Wire>,
    /// 002 to 004.
    pub(crate) welcome: Burst,
    /// 005.
    pub(crate) isupport: Burst,
    /// 375, 372 and 376, or 422.
    pub(crate) motd: Burst,
}

impl State {
    /// The state of a server that has just linked.
    pub(crate) fn new(config: Config, network: Network, position: Position, board: Board) -> Self {
        let now = jiff::Zoned::now();
        let mut state = Self {
            label: config.label(),
            capabilities: capabilities::available(&config),
            position: Cell::new(position),
            most_users: Cell::new(network.user_count()),
            network: RefCell::new(network),
            board,
            auth: Auth::default(),
            created: now.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
            started: now.timestamp().as_millisecond(),
            unregistered: Cell::new(0),
            watchers: RefCell::default(),
            greeting: None,
            welcome: Burst::new(&[], "", ""),
            isupport: Burst::new(&[], "", ""),
            motd: Burst::new(&[], "", ""),
            config,
        };
        // The longest nick: what fits with it fits with every other.
        let nick = "x".repeat(state.network.borrow().limits().nick);
        let text = format!("*** You are on {}", state.label);
        let greeting = render::notice(&state, "*", &text);
        state.greeting = state.config.greeting.then_some(greeting);
        let (welcome, motd) = (state.welcome_lines(&nick), state.motd_lines(&nick));
        let isupport = state.isupport_bodies(&nick);
        let isupport: Vec<Wire> = isupport
            .iter()
            .map(|body| WireLine::untagged(body).into())
            .collect();
        state.isupport = Burst::new(&isupport, &state.config.name, &nick);
        state.welcome = Burst::new(&welcome, &state.config.name, &nick);
        state.motd = Burst::new(&motd, &state.config.name, &nick);
        state
    }

    /// This server's number.
    pub(crate) fn server(&self) -> ServerId {
        ServerId(self.config.server)
    }

    /// Connections of all servers that are not registered: here as counted here, elsewhere what takes
    /// a place and is not on.
    pub(crate) fn unknown_connections(&self) -> u64 {
        let here = u64::try_from(self.unregistered.get()).unwrap_or(u64::MAX);
        if self.board.slot_count() < 2 {
            return here;
        }
        let own = usize::from(self.config.server).saturating_sub(1);
        let snapshot = self.board.snapshot();
        let others = snapshot.servers.iter().filter(|server| server.index != own);
        here + others
            .map(|server| u64::from(server.places_taken).saturating_sub(server.now))
            .sum::<u64>()
    }

    /// What a server of the fleet is called where it matters which one it is.
    pub(crate) fn label_of(&self, server: ServerId) -> SmolStr {
        if server == ServerId::HUB {
            SmolStr::new_static("not connected")
        } else if server == self.server() {
            self.label.clone()
        } else {
            smol_str::format_smolstr!("{server}")
        }
    }

    /// The lines of RPL_ISUPPORT, without tags.
    pub(crate) fn isupport_bodies(&self, nick: &str) -> Vec<LineBody> {
        let network = self.network.borrow();
        let limits = network.limits();
        let mut isupport = Isupport::new();
        isupport
            .set("ACCOUNTEXTBAN", "a")
            .set("AWAYLEN", limits.away)
            .set("BOT", "B")
            .set("CASEMAPPING", "ascii")
            .set("CHATHISTORY", self.history_page())
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
            .set("NETWORK", &self.config.network)
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
        drop(network);
        if !self.config.icon.is_empty() {
            isupport.set("draft/ICON", &self.config.icon);
        }
        isupport.bodies(&self.config.name, nick)
    }

    /// The longest page of history.
    pub(crate) fn history_page(&self) -> u32 {
        // Half of what may wait for a client, with lines of 1 KiB.
        let fits = u32::try_from(self.config.limits.sendq / 2048).unwrap_or(u32::MAX);
        self.config.history.page.min(fits).max(1)
    }

    fn welcome_lines(&self, nick: &str) -> Vec<Wire> {
        let name = self.config.name.as_str();
        let host = format!(
            "Your host is {name} ({}), running version {VERSION}",
            self.label
        );
        let created = format!("This server was created {}", self.created);
        vec![
            render::numeric(self, nick, numeric::RPL_YOURHOST, &[], &host),
            render::numeric(self, nick, numeric::RPL_CREATED, &[], &created),
            render::numeric(
                self,
                nick,
                numeric::RPL_MYINFO,
                &[
                    name,
                    VERSION,
                    "BRTZiow",
                    "CIMRUabefhiklmnoqstuv",
                    "Iabefhkloqv",
                ],
                "",
            ),
        ]
    }

    fn motd_lines(&self, nick: &str) -> Vec<Wire> {
        let text = self.config.motd.trim_end();
        if text.is_empty() {
            let code = numeric::ERR_NOMOTD;
            return vec![render::numeric(self, nick, code, &[], code.text())];
        }
        let start = format!("- {} Message of the day - ", self.config.name);
        let mut lines = vec![render::numeric(
            self,
            nick,
            numeric::RPL_MOTDSTART,
            &[],
            &start,
        )];
        for line in text.lines() {
            let line = format!("- {line}");
            lines.push(render::numeric(self, nick, numeric::RPL_MOTD, &[], &line));
        }
        let end = numeric::RPL_ENDOFMOTD;
        lines.push(render::numeric(self, nick, end, &[], end.text()));
        lines
    }
}
