//! The screen that asks where to go and as whom.

use chat_client::{Account, Config, Endpoint};
use iced::widget::{button, column, container, space, text, text_input};
use iced::{Center, Element, Fill, Task};

use super::settings::Settings;
use crate::theme::{self, size, space as gap, style};
use crate::widget::bubble;

/// The screen's state: the fields, and what was wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Connect {
    address: String,
    nick: String,
    realname: String,
    password: String,
    account: String,
    secret: String,
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
            more: !settings.account.is_empty(),
            ..Connect::default()
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
            Message::More => self.more = !self.more,
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
        Ok(config)
    }

    /// The account, if one is given. Without a name it is the account of the nickname.
    fn account(&self) -> Result<Option<Account>, String> {
        let name = match self.account.trim() {
            "" => self.nick.trim(),
            typed => typed,
        };
        match (self.secret.is_empty(), self.account.trim().is_empty()) {
            (true, true) => Ok(None),
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

    /// Draws the screen.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        // With all options there is no room for a picture in a low window.
        let picture = (!self.more).then(|| column![bubble(56.0), space().height(gap::S)]);
        let head = column![
            picture,
            text("Welcome").size(size::HERO),
            text("Connect to a chat server to meet everybody on it.")
                .size(size::NOTE)
                .style(style::muted),
        ]
        .spacing(gap::XS)
        .align_x(Center)
        .width(Fill);
        let connect = button(text("Connect").size(size::BODY).width(Fill).align_x(Center))
            .padding(11)
            .width(Fill)
            .style(style::primary)
            .on_press(Message::Submit);
        let card = column![head, self.form(), connect].spacing(gap::L);
        let card = container(card)
            .padding(gap::XL)
            .width(400)
            .style(style::card);
        let note = text("Works with any IRC server")
            .size(size::SMALL)
            .style(style::faint);
        container(column![card, note].spacing(gap::M).align_x(Center))
            .center(Fill)
            .style(style::side_pane)
            .into()
    }

    fn form(&self) -> Element<'_, Message> {
        let mut form = column![
            labelled("Server", self.address_field()),
            labelled(
                "Nickname",
                field("nick", "Your name here", &self.nick, Message::Nick)
            ),
        ]
        .spacing(gap::M);
        if self.more {
            let password = field(
                "password",
                "Only if it asks for one",
                &self.password,
                Message::Password,
            );
            form = form
                .push(labelled("Real name", self.realname_field()))
                .push(labelled("Account", self.account_field()))
                .push(labelled("Account password", self.secret_field()))
                .push(labelled("Server password", password.secure(true)));
        }
        let more = if self.more {
            "Fewer options"
        } else {
            "More options"
        };
        let more = button(text(more).size(size::NOTE))
            .padding([2, 0])
            .style(style::link)
            .on_press(Message::More);
        form = form.push(more);
        if let Some(error) = &self.error {
            let told = text(error).size(size::NOTE).style(text::danger);
            let told = container(told).padding([gap::S, gap::M]).width(Fill);
            form = form.push(told.style(style::tinted_danger));
        }
        form.into()
    }

    fn address_field(&self) -> text_input::TextInput<'_, Message> {
        field("address", DEFAULT_ADDRESS, &self.address, Message::Address)
            .on_submit(Message::AddressDone)
    }

    fn account_field(&self) -> text_input::TextInput<'_, Message> {
        field(
            "account",
            "If you have one",
            &self.account,
            Message::Account,
        )
    }

    fn secret_field(&self) -> text_input::TextInput<'_, Message> {
        field("secret", "Never stored", &self.secret, Message::Secret).secure(true)
    }

    fn realname_field(&self) -> text_input::TextInput<'_, Message> {
        field(
            "realname",
            "Shown to who asks about you",
            &self.realname,
            Message::RealName,
        )
    }
}

fn field<'a>(
    id: &'static str,
    placeholder: &str,
    value: &str,
    on_input: fn(String) -> Message,
) -> text_input::TextInput<'a, Message> {
    text_input(placeholder, value)
        .id(id)
        .on_input(on_input)
        .on_submit(Message::Submit)
        .padding([10, 12])
        .size(size::BODY)
        .font(theme::FONT)
        .style(style::field_on_card)
}

fn labelled<'a>(label: &'a str, field: text_input::TextInput<'a, Message>) -> Element<'a, Message> {
    let label = text(label).size(size::NOTE).style(style::muted);
    column![label, field].spacing(gap::XS + 2.0).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_test::{selector, simulator};

    /// Lets a user act on the screen; returns the event that came of it.
    fn act(
        screen: &mut Connect,
        act: impl FnOnce(&mut iced_test::Simulator<'_, Message>),
    ) -> Option<Event> {
        let messages: Vec<Message> = {
            let mut ui = simulator(screen.view());
            act(&mut ui);
            ui.into_messages().collect()
        };
        let events = messages.into_iter().map(|message| screen.update(message).1);
        events.flatten().last()
    }

    fn type_into(screen: &mut Connect, id: &'static str, text: &str) {
        act(screen, |ui| {
            ui.click(selector::id(id)).unwrap();
            ui.typewrite(text);
        });
    }

    #[test]
    fn typing_and_pressing_connect_gives_the_configuration() {
        let mut screen = Connect::default();
        type_into(&mut screen, "address", "localhost:7000");
        type_into(&mut screen, "nick", "ana");
        act(&mut screen, |ui| drop(ui.click("More options").unwrap()));
        type_into(&mut screen, "password", "sesame");
        type_into(&mut screen, "realname", "Ana E");
        let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
        let Some(Event::Connect(config)) = event else {
            panic!("no event: {screen:?}");
        };
        assert_eq!(config.endpoint.to_string(), "localhost:7000");
        assert_eq!(config.nick, "ana");
        assert_eq!(config.password.as_deref(), Some("sesame"));
        assert_eq!(config.realname.as_deref(), Some("Ana E"));
        let mut settings = Settings::default();
        screen.remember(&mut settings);
        assert_eq!(
            (settings.address.as_str(), settings.nick.as_str()),
            ("localhost:7000", "ana")
        );
    }

    #[test]
    fn the_address_says_how_to_connect() {
        for (typed, shown) in [
            ("ircs://irc.example.org", "ircs://irc.example.org:6697"),
            ("ircs://host:7000", "ircs://host:7000"),
            (
                "wss://chat.example.org/irc",
                "wss://chat.example.org:443/irc",
            ),
            ("host:7000", "host:7000"),
        ] {
            let mut screen = Connect::default();
            type_into(&mut screen, "address", typed);
            type_into(&mut screen, "nick", "ana");
            let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
            let Some(Event::Connect(config)) = event else {
                panic!("no event: {screen:?}");
            };
            assert_eq!(config.endpoint.to_string(), shown);
        }
        let mut screen = Connect::default();
        type_into(&mut screen, "address", "https://host");
        type_into(&mut screen, "nick", "ana");
        let error = screen.config().unwrap_err();
        assert!(
            error.contains("only irc://, ircs://, ws:// and wss://"),
            "{error}"
        );
    }

    #[test]
    fn what_is_wrong_is_said_and_nothing_happens() {
        let mut screen = Connect::default();
        let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
        assert!(event.is_none());
        assert!(simulator(screen.view()).find("Choose a nickname.").is_ok());
        type_into(&mut screen, "nick", "two words");
        type_into(&mut screen, "address", "host:port");
        assert!(screen.config().unwrap_err().contains("not a port"));
        screen.address = String::new();
        assert_eq!(screen.config().unwrap_err(), "A nickname has no spaces.");
        screen.nick = "one".to_owned();
        let config = screen.config().unwrap();
        assert_eq!(config.endpoint.to_string(), DEFAULT_ADDRESS);
    }

    #[test]
    fn an_account_is_given_and_its_password_is_not_remembered() {
        let mut screen = Connect::default();
        type_into(&mut screen, "nick", "ana");
        act(&mut screen, |ui| drop(ui.click("More options").unwrap()));
        type_into(&mut screen, "account", "anna");
        let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
        assert!(event.is_none());
        let told = "The account needs its password.";
        assert!(simulator(screen.view()).find(told).is_ok());
        type_into(&mut screen, "secret", "sesame");
        let event = act(&mut screen, |ui| drop(ui.click("Connect").unwrap()));
        let Some(Event::Connect(config)) = event else {
            panic!("no event: {screen:?}");
        };
        let account = config.account.expect("is given");
        assert_eq!((&*account.name, &*account.password), ("anna", "sesame"));
        let mut settings = Settings::default();
        screen.remember(&mut settings);
        assert_eq!(settings.account, "anna");
        assert!(!format!("{settings:?}").contains("sesame"));
        assert!(Connect::new(&settings).secret.is_empty());
    }

    #[test]
    fn a_password_alone_is_that_of_the_nickname_s_account() {
        let mut screen = Connect {
            nick: "ana".to_owned(),
            ..Connect::default()
        };
        assert!(screen.config().unwrap().account.is_none());
        screen.secret = "sesame".to_owned();
        let account = screen.config().unwrap().account.expect("is given");
        assert_eq!(account.name, "ana");
    }

    #[test]
    fn enter_in_the_nickname_connects() {
        let mut screen = Connect::default();
        type_into(&mut screen, "nick", "ana");
        let event = act(&mut screen, |ui| {
            ui.click(selector::id("nick")).unwrap();
            ui.tap_key(iced::keyboard::key::Named::Enter);
        });
        assert!(matches!(event, Some(Event::Connect(_))));
    }
}
