//! Servers of others, where they are installed: started with their limits out of the way.

use std::fmt;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::spawn::{START, Started, end};

/// Which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Peer {
    Ngircd,
    Inspircd,
    Ergo,
}

impl Peer {
    /// All that we know of.
    pub(crate) const ALL: [Self; 3] = [Self::Ngircd, Self::Inspircd, Self::Ergo];

    fn program(self) -> &'static str {
        match self {
            Self::Ngircd => "ngircd",
            Self::Inspircd => "inspircd",
            Self::Ergo => "ergo",
        }
    }

    /// Where it is installed, if it is: on the path, or where system programs are.
    pub(crate) fn path(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
            .map(|folder| folder.join(self.program()))
            .find(|program| program.is_file())
    }

    /// How many come at the same time, where the server needs another number than ours do.
    pub(crate) fn at_once(self) -> Option<u32> {
        match self {
            Self::Ngircd => Some(8),
            Self::Inspircd => Some(2000),
            Self::Ergo => None,
        }
    }

    /// What has to be known to read its figures.
    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::Ngircd => {
                "8 come at a time, as its backlog of connections is 10; a message that follows \
                 another one may wait up to 40 ms, as it does not set TCP_NODELAY"
            }
            Self::Inspircd => {
                "2,000 come at a time, as it finishes registrations once a second; a message that \
                 follows another one may wait up to 40 ms, as it does not set TCP_NODELAY"
            }
            Self::Ergo => "it keeps history in memory",
        }
    }

    /// Its version as it tells it, if it is installed.
    pub(crate) fn version(self) -> Option<String> {
        let output = Command::new(self.path()?).arg("--version").output().ok();
        let told = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let version = told.as_deref().and_then(version);
        Some(version.unwrap_or_else(|| "of an unknown version".to_owned()))
    }

    /// Starts it in a temporary folder on a free port of the loopback address.
    pub(crate) fn start(self) -> anyhow::Result<Started> {
        let program = self
            .path()
            .with_context(|| format!("{self} is not installed"))?;
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let address = free_address()?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut command = Command::new(program);
        match self {
            Self::Ngircd => ngircd(&mut command, folder.path(), address)?,
            Self::Inspircd => inspircd(&mut command, folder.path(), address)?,
            Self::Ergo => ergo(&mut command, folder.path(), address)?,
        }
        let mut child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {self}"))?;
        let deadline = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            let gone = !matches!(child.try_wait(), Ok(None));
            if gone || Instant::now() > deadline {
                end(&mut child);
                let log = fs::read_to_string(folder.path().join("log")).unwrap_or_default();
                bail!("{self} does not come up: {}", log.trim());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Started::new(child, address, folder))
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program())
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|peer| peer.program() == text);
        found.ok_or_else(|| format!("{text} is no server that we know of"))
    }
}

/// The first number with a dot in it.
fn version(told: &str) -> Option<String> {
    let numbers = told.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let dotted = numbers.map(|number| number.trim_matches('.'));
    dotted
        .filter(|number| !number.is_empty())
        .find(|number| number.contains('.'))
        .map(str::to_owned)
}

/// A port that was free a moment ago.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr()?)
}

fn ngircd(command: &mut Command, folder: &Path, address: SocketAddr) -> anyhow::Result<()> {
    let config = folder.join("ngircd.conf");
    let text = format!(
        "[Global]\nName = load.test.local\nInfo = load\nListen = {}\nPorts = {}\n\
         [Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 0\nMaxNickLength = 31\n\
         MaxPenaltyTime = 0\nPingTimeout = 3600\nPongTimeout = 3600\n\
         [Options]\nDNS = no\nIdent = no\nPAM = no\nPredefChannelsOnly = no\n",
        address.ip(),
        address.port()
    );
    fs::write(&config, text)?;
    command.arg("--nodaemon").arg("--config").arg(config);
    Ok(())
}

fn inspircd(command: &mut Command, folder: &Path, address: SocketAddr) -> anyhow::Result<()> {
    let config = folder.join("inspircd.conf");
    let here = folder.display();
    let text = format!(
        "<server name=\"load.test.local\" description=\"load\" network=\"load\">\n\
         <admin name=\"load\" nick=\"load\" email=\"load@localhost\">\n\
         <bind address=\"{}\" port=\"{}\" type=\"clients\">\n\
         <connect allow=\"*\" timeout=\"60\" pingfreq=\"3600\" hardsendq=\"104857600\" \
         softsendq=\"104857600\" recvq=\"1048576\" localmax=\"1000000\" globalmax=\"1000000\" \
         fakelag=\"no\" threshold=\"1000000000\" commandrate=\"1000000000\" resolvehostnames=\"no\" \
         useident=\"no\" maxchans=\"1000\">\n\
         <performance somaxconn=\"4096\" softlimit=\"1000000\" netbuffersize=\"65534\">\n\
         <options prefixquit=\"\" nouserdns=\"yes\">\n<dns enabled=\"no\">\n\
         <path datadir=\"{here}\" logdir=\"{here}\" runtimedir=\"{here}\" configdir=\"{here}\">\n\
         <pid file=\"{here}/inspircd.pid\">\n<files motd=\"\">\n",
        address.ip(),
        address.port()
    );
    fs::write(&config, text)?;
    command
        .args(["--nofork", "--nopid", "--runasroot", "--config"])
        .arg(config);
    Ok(())
}

fn ergo(command: &mut Command, folder: &Path, address: SocketAddr) -> anyhow::Result<()> {
    let config = folder.join("ircd.yaml");
    let here = folder.display();
    let text = format!(
        r#"network: {{name: load}}
server:
  name: load.test.local
  listeners: {{"{address}": null}}
  casemapping: precis
  enforce-utf8: true
  lookup-hostnames: false
  forward-confirm-hostnames: false
  check-ident: false
  max-sendq: 64M
  idle-timeouts: {{ping: 1h, disconnect: 2h}}
  ip-limits: {{count: false, throttle: false}}
  ip-cloaking: {{enabled: false}}
accounts:
  authentication-enabled: true
  registration: {{enabled: false}}
  multiclient: {{enabled: false}}
channels: {{default-modes: "+nt", max-channels-per-client: 1000}}
datastore: {{path: "{here}/ircd.db", autoupgrade: true}}
languages: {{enabled: false}}
fakelag: {{enabled: false}}
limits: {{nicklen: 32, identlen: 20, realnamelen: 150, channellen: 64, awaylen: 390, kicklen: 390,
  topiclen: 390, monitor-entries: 100, whowas-entries: 100, chan-list-modes: 100,
  registration-messages: 1024, multiline: {{max-bytes: 4096, max-lines: 100}}}}
history: {{enabled: true, channel-length: 2048, client-length: 256}}
logging: [{{method: stderr, type: "*", level: error}}]
"#
    );
    fs::write(&config, text)?;
    let made = Command::new(command.get_program())
        .args(["initdb", "--quiet", "--conf"])
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cannot start ergo")?;
    if !made.success() {
        bail!("ergo does not make its database");
    }
    command.args(["run", "--quiet", "--conf"]).arg(config);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_is_told() {
        for (told, wanted) in [
            (
                "ngIRCd 26.1-IDENT+IPv6+PAM-x86_64/pc/linux-gnu\n",
                Some("26.1"),
            ),
            ("InspIRCd-3.15.0-debian\n", Some("3.15.0")),
            ("ergo-2.20.0-unreleased", Some("2.20.0")),
            ("no number.", None),
        ] {
            assert_eq!(version(told).as_deref(), wanted, "{told}");
        }
    }
}
