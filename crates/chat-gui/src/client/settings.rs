//! What is remembered until next time. Passwords are only if the user wants it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::scale::Scale;
use crate::theme::Mode;

/// The last values of the connect screen, and how the window looks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The server, as it was typed.
    pub address: String,
    /// The nickname.
    pub nick: String,
    /// The real name.
    pub realname: String,
    /// The account.
    pub account: String,
    /// Whether the passwords are remembered.
    pub remember_passwords: bool,
    /// The password of the account, if it is remembered.
    pub account_password: String,
    /// The password of the server, if it is remembered.
    pub server_password: String,
    /// The file of the user's own certificate.
    pub certificate: String,
    /// The file of its key, if that is another one.
    pub certificate_key: String,
    /// Dark or light.
    pub mode: Mode,
    /// How large everything is drawn.
    pub scale: Scale,
    /// Whether the list of people is shown.
    pub people: People,
    /// Whether others are told that one is writing.
    pub typing: bool,
    /// The channels that the user was on last, by the server's address as it was typed.
    pub channels: BTreeMap<String, Vec<String>>,
}

/// Whether the list of people is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum People {
    /// It is.
    #[default]
    Shown,
    /// It is not.
    Hidden,
}

/// Servers whose channels are remembered, and how many of each.
const MAX_SERVERS: usize = 20;
const MAX_CHANNELS: usize = 100;

/// A file bigger than this is not a file of settings.
const MAX_SIZE: u64 = 256 * 1024;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            address: String::new(),
            nick: String::new(),
            realname: String::new(),
            account: String::new(),
            remember_passwords: false,
            account_password: String::new(),
            server_password: String::new(),
            certificate: String::new(),
            certificate_key: String::new(),
            mode: Mode::default(),
            scale: Scale::default(),
            people: People::default(),
            typing: true,
            channels: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The file in the user's folder for configuration; `None` where there is no such folder.
    #[must_use]
    pub fn default_path() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "chat-client")?;
        Some(folders.config_dir().join("client.toml"))
    }

    /// The channels that the user was on last at the address that is in the form.
    #[must_use]
    pub fn channels_here(&self) -> &[String] {
        self.channels.get(&self.address).map_or(&[], Vec::as_slice)
    }

    /// The user is on these channels there. Says whether that is something new.
    pub fn remember_channels(&mut self, channels: Vec<String>) -> bool {
        if self.channels_here() == channels || channels.len() > MAX_CHANNELS {
            return false;
        }
        if self.channels.len() >= MAX_SERVERS && !self.channels.contains_key(&self.address) {
            self.channels.pop_first();
        }
        self.channels.insert(self.address.clone(), channels);
        true
    }

    /// Reads the settings. What is missing or cannot be read has its default: a broken file must
    /// not keep anybody from chatting.
    #[must_use]
    pub fn load(path: &Path) -> Settings {
        let small = fs::metadata(path).is_ok_and(|data| data.len() <= MAX_SIZE);
        let text = if small {
            fs::read_to_string(path).ok()
        } else {
            None
        };
        let settings = text.and_then(|text| toml::from_str(&text).ok());
        settings.unwrap_or_default()
    }

    /// Writes the settings, making the folder if need be. The old file stays whole until the new
    /// one is.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = path.with_extension("toml.new");
        // A file left over may be open to others.
        let _ = fs::remove_file(&new);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        options.open(&new)?.write_all(text.as_bytes())?;
        fs::rename(&new, path)
    }
}

/// Passwords are never shown.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("nick", &self.nick)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/client.toml");
        assert_eq!(Settings::load(&path), Settings::default());
        let settings = Settings {
            address: "irc.example.org:7000".to_owned(),
            nick: "ana \"the\" first".to_owned(),
            realname: "Ana\nExample".to_owned(),
            account: "anna".to_owned(),
            remember_passwords: true,
            account_password: "sesame".to_owned(),
            server_password: "open".to_owned(),
            certificate: "/home/ana/ana.pem".to_owned(),
            certificate_key: String::new(),
            mode: Mode::Light,
            scale: Scale::percent(125),
            people: People::Hidden,
            typing: false,
            channels: [("irc.example.org:7000".to_owned(), vec!["#a".to_owned()])].into(),
        };
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
        assert!(!format!("{settings:?}").contains("sesame"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "there may be passwords in it");
        }
    }

    #[test]
    fn channels_are_remembered_for_each_server() {
        let mut settings = Settings {
            address: "one".to_owned(),
            ..Settings::default()
        };
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!(settings.remember_channels(names(&["#a", "#b"])));
        assert!(!settings.remember_channels(names(&["#a", "#b"])));
        settings.address = "two".to_owned();
        assert!(settings.channels_here().is_empty());
        settings.address = "one".to_owned();
        assert_eq!(settings.channels_here(), names(&["#a", "#b"]));
        for n in 0..100 {
            settings.address = n.to_string();
            settings.remember_channels(names(&["#c"]));
        }
        assert_eq!(settings.channels.len(), MAX_SERVERS);
    }

    #[test]
    fn a_broken_file_is_as_none_and_unknown_keys_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.toml");
        fs::write(&path, "scale = 5000").unwrap();
        assert_eq!(Settings::load(&path).scale, Scale::percent(300));
        fs::write(&path, "mode = \"purple\"").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
        fs::write(&path, "nick = \"ana\"\nfrom_the_future = 1").unwrap();
        assert_eq!(Settings::load(&path).nick, "ana");
    }
}
