//! The screen that asks where to go and as whom.

use std::path::PathBuf;

use chat_client::tls::{Identity, Trust};
use chat_client::{Account, Config, Endpoint};
use iced::Task;

mod view;

use super::settings::Settings;

/// The screen's state: the fields, and what was wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Connect {
    address: String,
    nick: String,
    realname: String,
    password: String,
    account: String,
    secret: String,
    /// The files of the user's own certificate and its key.
    certificate: String,
    key: String,
    /// Any certificate of the server is taken. Never remembered.
    insecure: bool,
    /// The passwords are remembered too.
    remember: bool,
    /// Others are told that one is writing.
    typing: bool,
    more: bool,
    error: Option<String>,
}

/// What the user does.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed into the address.
    Address(String),
    /// Typed into the nickname.
    Nick(String),
    /// Typed into the real name.
    RealName(String),
    /// Typed into the password of the server.
    Password(String),
    /// Typed into the account.
    Account(String),
    /// Typed into the password of the account.
    Secret(String),
    /// Typed into the file of the certificate.
    Certificate(String),
    /// Typed into the file of its key.
    CertificateKey(String),
    /// Takes any certificate of the server, or not.
    Insecure(bool),
    /// Remembers the passwords, or not.
    Remember(bool),
    /// Tells others that one is writing, or not.
    Typing(bool),
    /// Shows or hides the fields that few need.
    More,
    /// Pressed Enter in the address.
    AddressDone,
    /// Wants to connect.
    Submit,
}

/// What the screen asks of the window.
#[derive(Debug, Clone)]
pub enum Event {
    /// Connect like this.
    Connect(Box<Config>),
}

/// Used when nothing is typed: a server on this machine.
const DEFAULT_ADDRESS: &str = "127.0.0.1:6667";

// === impl Connect ===

impl Connect {
    /// The screen with the values of last time.
    #[must_use]
    pub fn new(settings: &Settings) -> Connect {
        Connect {
            address: settings.address.clone(),
            nick: settings.nick.clone(),
            realname: settings.realname.clone(),
            account: settings.account.clone(),
            secret: settings.account_password.clone(),
            password: settings.server_password.clone(),
            certificate: settings.certificate.clone(),
            key: settings.certificate_key.clone(),
            insecure: false,
            remember: settings.remember_passwords,
            typing: settings.typing,
            more: !settings.account.is_empty() || !settings.certificate.is_empty(),
            error: None,
        }
    }

    /// The same screen, saying what went wrong.
    #[must_use]
    pub fn with_error(mut self, error: Option<String>) -> Connect {
        self.error = error;
        self
    }

    /// What should have the keyboard first: the first field that is empty, else the nickname.
    pub fn focus<M: Send + 'static>(&self) -> Task<M> {
        let first = if self.address.is_empty() {
            "address"
        } else {
            "nick"
        };
        iced::widget::operation::focus(first)
    }

    /// What to remember until next time.
    pub fn remember(&self, settings: &mut Settings) {
        settings.address.clone_from(&self.address);
        settings.nick.clone_from(&self.nick);
        settings.realname.clone_from(&self.realname);
        settings.account.clone_from(&self.account);
        settings.certificate.clone_from(&self.certificate);
        settings.certificate_key.clone_from(&self.key);
        settings.typing = self.typing;
        settings.remember_passwords = self.remember;
        let kept = |password: &String| match self.remember {
            true => password.clone(),
            false => String::new(),
        };
        settings.account_password = kept(&self.secret);
        settings.server_password = kept(&self.password);
    }

    /// Takes in what the user does.
    pub fn update(&mut self, message: Message) -> (Task<Message>, Option<Event>) {
        match message {
            Message::Address(address) => self.address = address,
            Message::Nick(nick) => self.nick = nick,
            Message::RealName(realname) => self.realname = realname,
            Message::Password(password) => self.password = password,
            Message::Account(account) => self.account = account,
            Message::Secret(secret) => self.secret = secret,
            Message::Certificate(file) => self.certificate = file,
            Message::CertificateKey(file) => self.key = file,
            Message::Insecure(insecure) => self.insecure = insecure,
            Message::Remember(remember) => self.remember = remember,
            Message::Typing(typing) => self.typing = typing,
            Message::More => {
                self.more = !self.more;
                let next = if self.more { "realname" } else { "nick" };
                return (iced::widget::operation::focus(next), None);
            }
            Message::AddressDone => return (iced::widget::operation::focus("nick"), None),
            Message::Submit => match self.config() {
                Ok(config) => {
                    self.error = None;
                    return (Task::none(), Some(Event::Connect(Box::new(config))));
                }
                Err(error) => self.error = Some(error),
            },
        }
        (Task::none(), None)
    }

    /// The configuration that the fields ask for, or what is wrong with them.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn config(&self) -> Result<Config, String> {
        let address = match self.address.trim() {
            "" => DEFAULT_ADDRESS,
            typed => typed,
        };
        let endpoint = Endpoint::parse(address).map_err(|error| format!("Address: {error}."))?;
        let nick = self.nick.trim();
        if nick.is_empty() {
            return Err("Choose a nickname.".to_owned());
        }
        if nick.contains(char::is_whitespace) {
            return Err("A nickname has no spaces.".to_owned());
        }
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let mut config = Config::new(endpoint, nick);
        config.realname = given(&self.realname);
        config.password = (!self.password.is_empty()).then(|| self.password.clone());
        config.account = self.account()?;
        if let Some((certificate, key)) = self.certificate_files() {
            let identity = Identity::load(&certificate, &key);
            config.tls.identity = Some(identity.map_err(|error| format!("{error}."))?);
            let named = !self.account.trim().is_empty() && config.account.is_none();
            config.certificate_account = named.then(|| self.account.trim().into());
        }
        if self.insecure {
            config.tls.trust = Trust::Anyone;
        }
        Ok(config)
    }

    /// The files of the certificate and its key, which may be one.
    fn certificate_files(&self) -> Option<(PathBuf, PathBuf)> {
        let certificate = self.certificate.trim();
        let key = match self.key.trim() {
            "" => certificate,
            key => key,
        };
        (!certificate.is_empty()).then(|| (certificate.into(), key.into()))
    }

    /// The account, if one is given. Without a name it is the account of the nickname.
    fn account(&self) -> Result<Option<Account>, String> {
        let name = match self.account.trim() {
            "" => self.nick.trim(),
            typed => typed,
        };
        match (self.secret.is_empty(), self.account.trim().is_empty()) {
            (true, true) => Ok(None),
            (true, false) if self.certificate_files().is_some() => Ok(None),
            (true, false) => Err("The account needs its password.".to_owned()),
            (false, _) if name.contains(char::is_whitespace) => {
                Err("The name of an account has no spaces.".to_owned())
            }
            (false, _) => Ok(Some(Account {
                name: name.into(),
                password: self.secret.clone(),
            })),
        }
    }
}

#[cfg(test)]
mod tests;
