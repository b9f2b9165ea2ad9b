//! The monitor as an application: state, messages, update.

use iced::{Element, Size, Subscription, Theme};

use super::record::Record;
use super::view;
use super::watch::{self, Source, Update};
use crate::theme::{self, FONT, Mode};

/// What to show.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to look.
    pub source: Source,
    /// Show this server (1 is Server-1) instead of all.
    pub server: Option<u16>,
}

/// The state of the window.
#[derive(Debug)]
pub(crate) struct Monitor {
    source: Source,
    mode: Mode,
    pub(crate) record: Record,
    /// The index of the only server shown, or all.
    pub(crate) only: Option<usize>,
}

/// What can happen to it.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// Something is new.
    Update(Update),
    /// A server was chosen, or all.
    Show(Option<usize>),
    /// Dark to light, or back.
    SwitchMode,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
///
/// The window cannot be opened. Where there is no display at all the library below panics instead:
/// ask [`display`](crate::display) first.
pub fn run(settings: Settings) -> iced::Result {
    iced::application(
        move || Monitor::new(settings.clone()),
        Monitor::update,
        Monitor::view,
    )
    .title(Monitor::title)
    .theme(Monitor::theme)
    .subscription(Monitor::subscription)
    .default_font(FONT)
    .window_size(Size::new(1180.0, 800.0))
    .run()
}

impl Monitor {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            source: settings.source,
            mode: Mode::Dark,
            record: Record::default(),
            only: settings
                .server
                .map(|number| usize::from(number).saturating_sub(1)),
        }
    }

    pub(crate) fn update(&mut self, message: Message) {
        match message {
            Message::Update(update) => self.record.take(update),
            Message::Show(only) => self.only = only,
            Message::SwitchMode => self.mode = self.mode.other(),
        }
    }

    pub(crate) fn view(&self) -> Element<'_, Message> {
        view::window(self)
    }

    pub(crate) fn theme(&self) -> Theme {
        theme::theme(self.mode)
    }

    pub(crate) fn instance(&self) -> &str {
        &self.source.instance
    }

    fn title(&self) -> String {
        match self.only {
            Some(index) => format!("Server-{} – chat-monitor {}", index + 1, self.instance()),
            None => format!("chat-monitor {}", self.instance()),
        }
    }

    fn subscription(&self) -> Subscription<Message> {
        Subscription::run_with(self.source.clone(), watch::updates).map(Message::Update)
    }
}
