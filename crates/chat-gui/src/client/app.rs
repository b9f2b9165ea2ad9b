//! The window: which screen is shown, and what happens around it.

use std::path::PathBuf;

use chat_client::{Config, Limits, Model};
use iced::event::Status;
use iced::keyboard::{self, key::Named};
use iced::{Element, Event as Input, Size, Subscription, Task, Theme, mouse, window};
use jiff::{Timestamp, tz::TimeZone};

use super::chat::{self, Chat};
use super::connect::{self, Connect};
use super::settings::Settings;
use super::worker::{self, Job};
use crate::scale::Zoom;
use crate::theme::{self, FONT, size};
use crate::widget::shortcuts;

/// How the window begins.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The server to put into the form.
    pub address: Option<String>,
    /// The nickname to put into the form.
    pub nick: Option<String>,
    /// The real name to put into the form.
    pub realname: Option<String>,
    /// Sent to the server before anything else.
    pub password: Option<String>,
    /// Connect at once, without waiting for the button.
    pub connect: bool,
    /// Where settings are kept; `None` keeps nothing.
    pub settings: Option<PathBuf>,
}

/// How large the window is at first, in logical pixels.
const SIZE: Size = Size::new(1120.0, 720.0);

/// The whole window.
#[derive(Debug)]
pub struct App {
    screen: Screen,
    settings: Settings,
    settings_path: Option<PathBuf>,
    job: Option<Job>,
    jobs: u64,
    zone: TimeZone,
    size: Size,
    /// The window shall close as soon as the client has said good-bye.
    closing: bool,
}

#[derive(Debug)]
enum Screen {
    Connect(Box<Connect>),
    Chat(Box<Chat>),
}

/// Everything that can happen to the window.
#[derive(Debug, Clone)]
pub enum Message {
    /// On the connect screen.
    Connect(connect::Message),
    /// On the chat screen.
    Chat(chat::Message),
    /// From the worker.
    Worker(worker::Event),
    /// A key was pressed, and perhaps taken by what is being written.
    Pressed(keyboard::Key, keyboard::Modifiers, Status),
    /// Text was typed that no field has taken.
    Typed(String),
    /// The left button of the mouse is up.
    Released,
    /// The window was chosen, or left.
    Focused(bool),
    /// The user wants to close the window.
    CloseRequested,
    /// The window has another size.
    Resized(Size),
    /// Larger, smaller or as large as at first.
    Zoom(Zoom),
    /// A second has passed while there is something to count.
    Tick,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// What iced says when it cannot open a window.
///
/// # Panics
/// Inside iced, where there is no display: ask [`display::check`](crate::display::check) before.
pub fn run(start: Start) -> iced::Result {
    let mut window = window::Settings {
        size: SIZE,
        min_size: Some(Size::new(560.0, 400.0)),
        exit_on_close_request: false,
        ..window::Settings::default()
    };
    #[cfg(target_os = "linux")]
    {
        window.platform_specific.application_id = "chat-client".to_owned();
    }
    iced::application(move || App::new(start.clone()), App::update, App::view)
        .title(App::title)
        .theme(App::theme)
        .scale_factor(App::scale_factor)
        .subscription(App::subscription)
        .default_font(FONT)
        .settings(iced::Settings {
            default_font: FONT,
            default_text_size: size::BODY.into(),
            ..iced::Settings::default()
        })
        .window(window)
        .run()
}

impl App {
    /// The window at its beginning, and what to do first.
    pub fn new(start: Start) -> (App, Task<Message>) {
        let path = start.settings.clone();
        let mut settings = path.as_deref().map(Settings::load).unwrap_or_default();
        let put = |into: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *into = value;
            }
        };
        put(&mut settings.address, start.address);
        put(&mut settings.nick, start.nick);
        put(&mut settings.realname, start.realname);
        let mut screen = Connect::new(&settings);
        if let Some(password) = start.password {
            let _ = screen.update(connect::Message::Password(password));
        }
        let focus = screen.focus();
        let app = App {
            screen: Screen::Connect(Box::new(screen)),
            settings,
            settings_path: path,
            job: None,
            jobs: 0,
            zone: TimeZone::system(),
            size: SIZE,
            closing: false,
        };
        let connect = Task::done(Message::Connect(connect::Message::Submit));
        (app, if start.connect { connect } else { focus })
    }

    fn title(&self) -> String {
        match &self.screen {
            Screen::Connect(_) => "Chat".to_owned(),
            Screen::Chat(chat) => format!("{} – Chat", chat.title()),
        }
    }

    fn theme(&self) -> Theme {
        theme::theme(self.settings.mode)
    }

    fn scale_factor(&self) -> f32 {
        self.settings.scale.factor()
    }

    fn subscription(&self) -> Subscription<Message> {
        let worker = self.job.clone().map(worker::subscription);
        let ticks = match &self.screen {
            Screen::Chat(chat) => chat.needs_ticks(),
            Screen::Connect(_) => false,
        };
        // While all is well nothing moves, and nothing is drawn.
        let tick = ticks.then(|| iced::time::every(std::time::Duration::from_millis(500)));
        Subscription::batch(
            [
                worker.map(|worker| worker.map(Message::Worker)),
                tick.map(|tick| tick.map(|_| Message::Tick)),
                Some(iced::event::listen_with(|event, status, _window| {
                    heard(event, status)
                })),
            ]
            .into_iter()
            .flatten(),
        )
    }

    /// Draws the screen.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        let screen = match &self.screen {
            Screen::Connect(connect) => connect.view().map(Message::Connect),
            Screen::Chat(chat) => chat.view().map(Message::Chat),
        };
        shortcuts(screen, |key, modifiers| {
            Zoom::of(key, modifiers).map(Message::Zoom)
        })
    }

    /// Takes in what happens.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Connect(message) => self.connect(message),
            Message::Chat(message) => self.chat(message),
            Message::Worker(event) => self.worker(event),
            Message::Pressed(key, modifiers, status) => self.pressed(&key, modifiers, status),
            Message::Typed(text) => match &mut self.screen {
                Screen::Chat(chat) => chat.typed(&text).map(Message::Chat),
                Screen::Connect(_) => Task::none(),
            },
            Message::Released => match &mut self.screen {
                Screen::Chat(chat) => chat.released().map(Message::Chat),
                Screen::Connect(_) => Task::none(),
            },
            Message::Focused(focused) => {
                if let Screen::Chat(chat) = &mut self.screen {
                    chat.focused(focused);
                }
                match focused {
                    true => outside::attention(false),
                    false => Task::none(),
                }
            }
            Message::Resized(size) => {
                self.resized(size);
                Task::none()
            }
            Message::Zoom(zoom) => {
                self.zoom(zoom);
                Task::none()
            }
            Message::Tick => {
                if let Screen::Chat(chat) = &mut self.screen {
                    chat.tick(Timestamp::now());
                }
                Task::none()
            }
            Message::CloseRequested => self.close(),
        }
    }

    fn resized(&mut self, size: Size) {
        self.size = size;
        if let Screen::Chat(chat) = &mut self.screen {
            chat.resized(size.width);
        }
    }

    /// The window stays as it is: what is drawn larger has less room, which nothing else tells.
    fn zoom(&mut self, zoom: Zoom) {
        let before = self.settings.scale.factor();
        self.settings.scale = self.settings.scale.after(zoom);
        let grown = self.settings.scale.factor() / before;
        self.resized(Size::new(self.size.width / grown, self.size.height / grown));
        self.save();
    }

    fn connect(&mut self, message: connect::Message) -> Task<Message> {
        let Screen::Connect(screen) = &mut self.screen else {
            return Task::none();
        };
        let (task, event) = screen.update(message);
        let Some(connect::Event::Connect(config)) = event else {
            return task.map(Message::Connect);
        };
        screen.remember(&mut self.settings);
        let mut config = *config;
        match outside::trusting(&mut config, self.settings_path.as_deref()) {
            Ok(()) => {
                let channels = self.settings.channels_here().iter();
                config.channels = channels.map(|name| (name.as_str().into(), None)).collect();
                self.save();
                self.open(config)
            }
            Err(error) => {
                let error = Some(format!("The known servers cannot be read: {error}."));
                self.screen = Screen::Connect(Box::new(screen.as_ref().clone().with_error(error)));
                Task::none()
            }
        }
    }

    /// Shows the chat screen and starts a worker for it.
    fn open(&mut self, config: Config) -> Task<Message> {
        let network = config.endpoint.to_string();
        let model = Model::new(&config.nick, &network, Limits::default());
        let mut chat = Chat::new(
            model,
            self.settings.people,
            self.zone.clone(),
            Timestamp::now(),
        )
        .telling(self.settings.typing);
        chat.resized(self.size.width);
        let focus = chat.focus();
        self.jobs += 1;
        self.job = Some(Job {
            number: self.jobs,
            config,
        });
        self.screen = Screen::Chat(Box::new(chat));
        focus
    }

    fn chat(&mut self, message: chat::Message) -> Task<Message> {
        let Screen::Chat(chat) = &mut self.screen else {
            return Task::none();
        };
        if matches!(message, chat::Message::Dismiss) || is_escape(&message) {
            // Who closes the question stays.
            self.closing = false;
        }
        chat.tick(Timestamp::now());
        let (task, event) = chat.update(message);
        let task = task.map(Message::Chat);
        match event {
            Some(event) => Task::batch([task, self.chat_event(event)]),
            None => task,
        }
    }

    fn chat_event(&mut self, event: chat::Event) -> Task<Message> {
        match event {
            chat::Event::Over(error) => {
                self.job = None;
                if self.closing {
                    return iced::exit();
                }
                let screen = Connect::new(&self.settings).with_error(error);
                let focus = screen.focus();
                self.screen = Screen::Connect(Box::new(screen));
                return focus;
            }
            chat::Event::Trust {
                server,
                certificate,
            } => return self.trust(&server, certificate),
            chat::Event::Open(link) => return self.open_link(link),
            chat::Event::ToggleMode => self.settings.mode = self.settings.mode.other(),
            chat::Event::People(people) => self.settings.people = people,
        }
        self.save();
        Task::none()
    }

    fn worker(&mut self, event: worker::Event) -> Task<Message> {
        let current = self.job.as_ref().map(|job| job.number);
        let Screen::Chat(chat) = &mut self.screen else {
            return Task::none();
        };
        let mut attention = Task::none();
        let (task, event) = match event {
            worker::Event::Ready(number, client) if Some(number) == current => {
                chat.ready(client);
                return Task::none();
            }
            worker::Event::Updates(number, updates) if Some(number) == current => {
                let outcome = chat.apply(&updates, Timestamp::now());
                if chat.called() {
                    attention = outside::attention(true);
                }
                let moved = chat.moved();
                if moved.is_some_and(|channels| self.settings.remember_channels(channels)) {
                    self.save();
                }
                outcome
            }
            // A client that was left has something to say still.
            _ => return Task::none(),
        };
        let after = event.map_or_else(Task::none, |event| self.chat_event(event));
        Task::batch([task.map(Message::Chat), after, attention])
    }

    fn pressed(
        &mut self,
        key: &keyboard::Key,
        modifiers: keyboard::Modifiers,
        status: Status,
    ) -> Task<Message> {
        match &self.screen {
            Screen::Connect(_) => match (key, modifiers.shift()) {
                (keyboard::Key::Named(Named::Tab), false) => iced::widget::operation::focus_next(),
                (keyboard::Key::Named(Named::Tab), true) => {
                    iced::widget::operation::focus_previous()
                }
                _ => Task::none(),
            },
            Screen::Chat(_) => match chat::Key::of(key, modifiers) {
                // In what is being written they go from line to line.
                Some(chat::Key::Older | chat::Key::Newer) if status == Status::Captured => {
                    Task::none()
                }
                Some(key) => self.chat(chat::Message::Key(key)),
                None => Task::none(),
            },
        }
    }

    /// Says good-bye before the window closes, and asks for a rating where none was given; asked
    /// again, the window closes at once.
    fn close(&mut self) -> Task<Message> {
        match &self.screen {
            Screen::Chat(_) if !self.closing => {
                self.closing = true;
                self.chat(chat::Message::Leave)
            }
            _ => iced::exit(),
        }
    }

    fn save(&self) {
        // Settings that cannot be kept are no reason to disturb anybody.
        let _ = self
            .settings_path
            .as_deref()
            .map(|path| self.settings.save(path));
    }
}

fn is_escape(message: &chat::Message) -> bool {
    matches!(message, chat::Message::Key(chat::Key::Escape))
}

/// Whether a key with this text writes it: not Enter, nor what is a command.
fn is_typed(text: &str, modifiers: keyboard::Modifiers) -> bool {
    let command = modifiers.control() || modifiers.logo() || modifiers.alt();
    !command && !text.is_empty() && !text.contains(char::is_control)
}

fn heard(event: Input, status: Status) -> Option<Message> {
    match event {
        Input::Keyboard(keyboard::Event::KeyPressed {
            key,
            modifiers,
            text,
            ..
        }) => Some(match text {
            Some(text) if status == Status::Ignored && is_typed(&text, modifiers) => {
                Message::Typed(text.to_string())
            }
            _ => Message::Pressed(key, modifiers, status),
        }),
        Input::Window(window::Event::Opened { size, .. } | window::Event::Resized(size)) => {
            Some(Message::Resized(size))
        }
        Input::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => Some(Message::Released),
        Input::Window(window::Event::Focused) => Some(Message::Focused(true)),
        Input::Window(window::Event::Unfocused) => Some(Message::Focused(false)),
        Input::Window(window::Event::CloseRequested) => Some(Message::CloseRequested),
        _ => None,
    }
}

mod outside;
#[cfg(test)]
mod tests;
