//! What handlers may look at: the replica, the configuration, the board.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chat_network::{Network, Position, ServerId};
use chat_proto::numeric;
use chat_stats::Board;
use smol_str::SmolStr;

use crate::auth::Auth;
use crate::command::lusers;
use crate::config::Config;
use crate::render::{self, Burst, Wire};
use crate::settings::Settings;
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
    /// What was set and stays as it is.
    pub(crate) config: Fixed,
    /// What this server is called where it matters which one it is.
    pub(crate) label: SmolStr,
    /// What was set and may change.
    settings: RefCell<Rc<Settings>>,
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
    pub(crate) unregistered: Cell<u32>,
    /// Who wants to know of whose coming and going.
    pub(crate) watchers: RefCell<Watchers>,
    /// 002 to 004.
    pub(crate) welcome: Burst,
    /// 251 to 266.
    pub(crate) lusers: Burst,
}

/// What stays as it is for as long as the server runs.
pub(crate) struct Fixed {
    /// The number of this server.
    pub(crate) server: u16,
    /// The one name of the whole fleet on the wire.
    pub(crate) name: String,
    /// The name of the network.
    pub(crate) network: String,
}

impl State {
    /// The state of a server that has just linked.
    pub(crate) fn new(config: Config, network: Network, position: Position, board: Board) -> Self {
        let now = jiff::Zoned::now();
        let mut state = Self {
            label: config.label(),
            config: Fixed {
                server: config.server,
                name: config.name.clone(),
                network: config.network.clone(),
            },
            settings: RefCell::new(Rc::new(Settings::new(config, network.limits()))),
            position: Cell::new(position),
            most_users: Cell::new(network.user_count()),
            network: RefCell::new(network),
            board,
            auth: Auth::default(),
            created: now.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
            started: now.timestamp().as_millisecond(),
            unregistered: Cell::new(0),
            watchers: RefCell::default(),
            welcome: Burst::new(&[], "", ""),
            lusers: Burst::new(&[], "", ""),
        };
        // The longest nick: what fits with it fits with every other.
        let nick = "x".repeat(state.network.borrow().limits().nick);
        let welcome = state.welcome_lines(&nick);
        state.welcome = Burst::new(&welcome, &state.config.name, &nick);
        state.lusers = lusers::lines(&state.config.name, &nick);
        state.take_settings();
        state
    }

    /// What was set and may change, as it is now.
    pub(crate) fn settings(&self) -> Rc<Settings> {
        Rc::clone(&self.settings.borrow())
    }

    /// What was set and may change becomes what the network knows of it, if that is something; what
    /// was before.
    pub(crate) fn take_settings(&self) -> Rc<Settings> {
        let before = self.settings();
        let network = self.network.borrow();
        if let Some(written) = network.settings() {
            let config = Config {
                server: before.config.server,
                label: before.config.label.clone(),
                name: before.config.name.clone(),
                network: before.config.network.clone(),
                ..match Config::from_settings(written) {
                    Ok(config) => config,
                    Err(error) => {
                        tracing::error!(%error, "the new configuration cannot be understood");
                        return before;
                    }
                }
            };
            self.settings
                .replace(Rc::new(Settings::new(config, network.limits())));
        }
        before
    }

    /// This server's number.
    pub(crate) fn server(&self) -> ServerId {
        ServerId(self.config.server)
    }

    /// Connections of all servers that are not registered: here as counted here, elsewhere what has a
    /// place, also on its way there, and neither is on nor leaves.
    pub(crate) fn unknown_connections(&self) -> u64 {
        let own = usize::from(self.config.server).saturating_sub(1);
        let snapshot = self.board.snapshot();
        let others = snapshot.servers.iter().filter(|server| server.index != own);
        u64::from(self.unregistered.get())
            + others
                .map(|server| {
                    let known = server.now.saturating_add(server.leaving.into());
                    u64::from(server.places_taken).saturating_sub(known)
                })
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
}
