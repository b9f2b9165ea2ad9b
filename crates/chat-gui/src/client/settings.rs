//! What is remembered until next time. Passwords are not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::theme::Mode;

/// The last values of the connect screen, and how the window looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The server, as it was typed.
    pub address: String,
    /// The nickname.
    pub nick: String,
    /// The real name.
    pub realname: String,
    /// The account; never its password.
    pub account: String,
    /// Dark or light.
    pub mode: Mode,
    /// Whether the list of people is shown.
    pub people: People,
    /// Whether others are told that one is writing.
    pub typing: bool,
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

/// A file bigger than this is not a file of settings.
const MAX_SIZE: u64 = 64 * 1024;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            address: String::new(),
            nick: String::new(),
            realname: String::new(),
            account: String::new(),
            mode: Mode::default(),
            people: People::default(),
            typing: true,
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
        fs::write(&new, text)?;
        fs::rename(&new, path)
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
            mode: Mode::Light,
            people: People::Hidden,
            typing: false,
        };
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path), settings);
    }

    #[test]
    fn a_broken_file_is_as_none_and_unknown_keys_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("client.toml");
        fs::write(&path, "mode = \"purple\"").unwrap();
        assert_eq!(Settings::load(&path), Settings::default());
        fs::write(&path, "nick = \"ana\"\nfrom_the_future = 1").unwrap();
        assert_eq!(Settings::load(&path).nick, "ana");
    }
}
