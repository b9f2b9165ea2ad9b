//! The configuration file, `chat.toml`: one file for chat-server and chat-launcher.
//!
//! Every table and key may be left out. An unknown key or a wrong value is refused with the file,
//! the line and what was expected. What the command line says wins over the file.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

mod accounts;
mod check;
mod compose;
mod history;
mod operator;
mod rehashed;

pub use accounts::Accounts;
pub use check::is_instance_name;
pub use history::History;
pub use operator::{Operator, OperatorClass};

/// The largest file that is read, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// The whole file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// What clients see and where they connect.
    pub server: Server,
    /// How many servers, and how people come over them.
    pub launcher: Launcher,
    /// The database.
    pub storage: Storage,
    /// What was said before.
    pub history: History,
    /// Bounds.
    pub limits: Limits,
    /// How accounts come to be.
    pub accounts: Accounts,
    /// Who may become an operator.
    pub operator: Vec<Operator>,
    /// Where clients connect over TLS, and the certificate.
    pub tls: Tls,
    /// Where clients connect by WebSocket.
    pub websocket: WebSocket,
    /// What operators of a class may do.
    pub operator_class: Vec<OperatorClass>,
}

/// `[server]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The one name of the whole fleet on the wire.
    pub name: String,
    /// The name of the network (005 NETWORK).
    pub network: String,
    /// A line about it (WHOIS 312).
    pub description: String,
    /// The channel that everyone is put into; empty: none.
    pub lobby: String,
    /// Where clients connect.
    pub listen: Vec<SocketAddr>,
    /// What clients must send with PASS; empty: nothing.
    pub password: String,
    /// The message of the day, one line of text per line.
    pub motd: String,
    /// Whether a client is told at once which server it is on.
    pub greeting: bool,
    /// What ADMIN tells: up to three lines.
    pub admin: Vec<String>,
    /// The address of a picture of the network; empty: none.
    pub icon: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            name: "chat.local".to_owned(),
            network: "Chat".to_owned(),
            description: "A chat of our own".to_owned(),
            lobby: "#lobby".to_owned(),
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 6667))],
            password: String::new(),
            motd: String::new(),
            greeting: true,
            admin: Vec::new(),
            icon: String::new(),
        }
    }
}

/// `[tls]`
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Where clients connect over TLS.
    pub listen: Vec<SocketAddr>,
    /// The certificate chain, the own certificate first (PEM).
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM, without a password).
    pub key: Option<PathBuf>,
    /// The seconds for which clients, once there, come over TLS only; 0: they are not asked to.
    pub sts_seconds: u32,
    /// The port that clients without TLS are sent to; default: that of the first address.
    pub sts_port: Option<u16>,
}

/// `[websocket]`
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebSocket {
    /// Where clients connect by WebSocket.
    pub listen: Vec<SocketAddr>,
    /// Where they do so over TLS, with the certificate of `[tls]`.
    pub tls_listen: Vec<SocketAddr>,
    /// Masks of the web pages that may connect; empty: all.
    pub origins: Vec<String>,
}

/// `[launcher]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Launcher {
    /// The number of servers, at least 1.
    pub servers: Option<u16>,
    /// Which server the next client gets.
    pub algorithm: Algorithm,
    /// How servers are started.
    pub approach: Approach,
    /// A direct port for each server (on the first listen address); empty: none.
    pub ports: Vec<u16>,
    /// Places per server; default: what the limit of open files leaves.
    pub capacity: Option<u32>,
    /// The name of this running fleet among others on the machine; default: the first port.
    pub instance: Option<String>,
}

impl Default for Launcher {
    fn default() -> Self {
        Self {
            servers: None,
            algorithm: Algorithm::LeastConnection,
            approach: Approach::Process,
            ports: Vec::new(),
            capacity: None,
            instance: None,
        }
    }
}

/// Which server the next client gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// The one with the fewest connections for its capacity.
    LeastConnection,
    /// The next in turn.
    RoundRobin,
}

/// How servers are started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Approach {
    /// The same program is started again in the server role.
    Process,
    /// A process forked before anything else forks the servers.
    Fork,
}

/// `[storage]`
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// The database file; default: `chat-server/storage.db` in the user's state folder.
    pub database: Option<PathBuf>,
    /// What a commit survives.
    pub durability: Durability,
}

/// What a commit survives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// Any crash of the programs.
    #[default]
    Normal,
    /// Loss of power as well.
    Full,
}

/// `[limits]`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Whether a client that sends too fast is slowed down.
    pub flood: bool,
    /// Lines that a client may send at once before it is slowed down.
    pub flood_burst: u32,
    /// Lines a second that it may send after that.
    pub flood_rate: u32,
    /// Bytes that may wait for a slow reader before it is cut off ("SendQ exceeded").
    pub sendq: usize,
    /// Seconds within which a client must have registered.
    pub registration_seconds: u64,
    /// Seconds of silence after which a client is pinged.
    pub ping_seconds: u64,
    /// Seconds within which it must answer.
    pub pong_seconds: u64,
    /// Channels that one user may be in.
    pub channels: usize,
    /// Entries in all lists (bans, exceptions, invitations) of one channel.
    pub list_entries: usize,
    /// Keys of metadata that a user or a channel may have.
    pub metadata_keys: usize,
    /// Length of a value of metadata, in bytes.
    pub metadata_value_bytes: usize,
    /// Keys of metadata whose changes one client may want to know.
    pub metadata_subscriptions: usize,
    /// Bytes of messages that may wait in memory while the disk fails.
    pub held_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flood: true,
            flood_burst: 20,
            flood_rate: 5,
            sendq: 1 << 20,
            registration_seconds: 30,
            ping_seconds: 120,
            pong_seconds: 60,
            channels: 100,
            list_entries: 100,
            metadata_keys: 20,
            metadata_value_bytes: 256,
            metadata_subscriptions: 50,
            held_bytes: 64 << 20,
        }
    }
}

impl File {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is larger than 1 MiB, is not TOML, has an unknown key or a wrong
    /// value. The error names the file, the line, and what was expected.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let length = fs::metadata(path)
            .with_context(|| format!("cannot read the configuration file {shown}"))?
            .len();
        if length > FILE_LIMIT {
            bail!("{shown}: a configuration file of at most {FILE_LIMIT} bytes was expected");
        }
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration file {shown}"))?;
        let file = Self::parse(&text).with_context(|| format!("in {shown}"))?;
        Ok(file)
    }

    /// Checks the text of a file. See [`File::read`].
    ///
    /// # Errors
    ///
    /// As [`File::read`].
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Self = toml::from_str(text).map_err(|error| {
            // Not the line itself: it may be one with a password.
            let line = check::line_at(text, error.span());
            anyhow::anyhow!("line {line}: {}", error.message().replace('\n', ", "))
        })?;
        file.check().map_err(|(table, key, problem)| {
            let line = check::line_of(text, table, key);
            anyhow::anyhow!("line {line}: [{table}] {key}: {problem}")
        })?;
        file.check_operators().map_err(|wrong| {
            let line = check::nth_line_of(text, wrong.table, wrong.number, wrong.key);
            let (table, key, problem) = (wrong.table, wrong.key, wrong.problem);
            anyhow::anyhow!("line {line}: [[{table}]] {key}: {problem}")
        })?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        format!("{:#}", File::parse(text).expect_err("refused"))
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(File::parse("").unwrap(), File::default());
        File::default()
            .check()
            .expect("the defaults pass their own check");
    }

    #[test]
    fn the_example_in_the_documentation_is_followed() {
        let page = include_str!("../../../docs/operations.md");
        let (_, example) = page.split_once("```toml\n").expect("an example");
        let (example, _) = example.split_once("```").expect("its end");
        let file = File::parse(example).expect("the example");
        assert_eq!(file.launcher.servers, Some(3));
        // What a reader does not find there is not documented.
        let documented: toml::Table = example.parse().expect("TOML");
        let all = toml::Table::try_from(&file).expect("plain data");
        for (name, table) in all.iter().filter(|(_, value)| value.is_table()) {
            for key in table.as_table().expect("a table").keys() {
                assert!(documented[name].get(key).is_some(), "[{name}] {key}");
            }
        }
    }

    #[test]
    fn every_table_and_key_can_be_written_and_read_back() {
        let mut file = File::default();
        file.launcher.servers = Some(3);
        file.launcher.capacity = Some(10);
        file.launcher.ports = vec![5001, 5002, 5003];
        file.launcher.instance = Some("test".to_owned());
        file.storage.database = Some(PathBuf::from("here.db"));
        file.tls = Tls {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 6697))],
            certificate: Some(PathBuf::from("chat.pem")),
            key: Some(PathBuf::from("chat.key")),
            sts_seconds: 60,
            sts_port: Some(6697),
        };
        file.websocket.origins = vec!["https://*.example.org".to_owned()];
        file.operator.push(Operator {
            name: "ann".to_owned(),
            password: "secret".to_owned(),
            class: Some("helpers".to_owned()),
            ..Operator::default()
        });
        file.operator_class.push(OperatorClass {
            name: "helpers".to_owned(),
            rights: vec!["kill".to_owned()],
            ..OperatorClass::default()
        });
        let text = toml::to_string(&file).unwrap();
        assert_eq!(File::parse(&text).unwrap(), file, "{text}");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_known_ones() {
        let error = refused("[server]\nname = \"a.b\"\nport = 5\n");
        assert!(error.contains("line 3"), "{error}");
        assert!(error.contains("unknown field `port`"), "{error}");
        assert!(error.contains("`listen`"), "{error}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_with_its_line() {
        let error = refused("[launcher]\n\nalgorithm = \"fastest\"\n");
        assert!(error.contains("line 3"), "{error}");
        assert!(error.contains("least-connection"), "{error}");
        assert!(refused("[launcher]\nservers = \"three\"").contains("line 2"));
        assert!(refused("[server]\nlisten = [\"nowhere\"]").contains("line 2"));
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_its_line() {
        for (text, line, word) in [
            ("[launcher]\nservers = 0", 2, "from 1 to 256"),
            ("[launcher]\nservers = 257", 2, "from 1 to 256"),
            ("[launcher]\ncapacity = 0", 2, "at least 1 place"),
            ("[launcher]\ninstance = \"a/b\"", 2, "letters, digits"),
            ("[server]\n# x\nname = \"no dot\"", 3, "host name"),
            ("[server]\nnetwork = \"two words\"", 2, "a word"),
            ("[server]\nlobby = \"lobby\"", 2, "channel name"),
            ("[server]\nlisten = []", 2, "at least one address"),
            ("[tls]\nlisten = [\"[::1]:0\"]", 1, "certificate"),
            (
                "[tls]\ncertificate = \"a\"\nlisten = [\"[::1]:0\"]",
                1,
                "key",
            ),
            ("[websocket]\ntls_listen = [\"[::1]:0\"]", 1, "certificate"),
            ("[tls]\nsts_seconds = 60", 2, "address"),
            ("[tls]\nsts_port = 0", 2, "port"),
            ("[websocket]\norigins = [\"\"]", 2, "https://"),
            ("[limits]\nflood = true\nflood_rate = 0", 3, "at least 1"),
            ("[limits]\nping_seconds = 0", 2, "seconds from 1"),
            ("[limits]\nsendq = 1", 2, "16384"),
            ("[history]\npage = 0", 2, "from 1 to 1000"),
            ("[history]\ncutoff = \"join\"", 2, "`join-time`"),
            (
                "[history]\ndays = 1\ntags = [\"typing\"]",
                3,
                "+draft/react",
            ),
            ("[server]\nicon = \"two words\"", 2, "without a space"),
            (
                "[server]\nadmin = [\"\", \"\", \"\", \"\"]",
                2,
                "three lines",
            ),
            (
                "[[operator]]\nname = \"ann\"",
                1,
                "a password or a certificate",
            ),
            (
                "[[operator]]\nname = \"ann\"\npassword = \"$argon2id$v=19$m=1\"",
                3,
                "a whole hash",
            ),
            (
                "[[operator]]\nname = \"ann\"\npassword = \"x\"\nclass = \"a\"",
                4,
                "class",
            ),
            (
                "[[operator_class]]\nname = \"a\"\nrights = [\"all\"]",
                3,
                "sajoin",
            ),
        ] {
            let error = refused(text);
            assert!(error.contains(&format!("line {line}")), "{text}: {error}");
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_is_named_in_its_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chat.toml");
        let missing = format!("{:#}", File::read(&path).unwrap_err());
        assert!(missing.contains("chat.toml"), "{missing}");
        fs::write(&path, "[nonsense]\n").unwrap();
        let wrong = format!("{:#}", File::read(&path).unwrap_err());
        assert!(
            wrong.contains("chat.toml") && wrong.contains("line 1"),
            "{wrong}"
        );
        fs::write(&path, vec![b'#'; 2 << 20]).unwrap();
        let large = format!("{:#}", File::read(&path).unwrap_err());
        assert!(large.contains("at most"), "{large}");
    }
}
