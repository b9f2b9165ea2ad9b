//! The monitor as an application: state, messages, update.

use iced::keyboard::{self, key::Named};
use iced::{Element, Size, Subscription, Theme};

use super::record::{Order, Record};
use super::view;
use super::watch::{self, Source, Update};
use crate::scale::{Scale, Zoom};
use crate::theme::{self, FONT, Mode};
use crate::widget::shortcuts;

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
    pub(crate) scale: Scale,
    pub(crate) record: Record,
    /// The index of the only server shown, or all.
    pub(crate) only: Option<usize>,
    pub(crate) order: Order,
    /// The lines as they were when the feed was held.
    pub(crate) held: Option<Vec<watch::Line>>,
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
    /// Larger, smaller or as large as at first.
    Zoom(Zoom),
    /// Another order of the servers.
    Sort,
    /// The server before, or after, the one shown.
    Step(isize),
    /// Holds the feed, so that it can be read, or lets it go on.
    Hold,
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
    .scale_factor(|monitor: &Monitor| monitor.scale.factor())
    .subscription(Monitor::subscription)
    .default_font(FONT)
    .window(iced::window::Settings {
        size: Size::new(1180.0, 800.0),
        min_size: Some(Size::new(640.0, 520.0)),
        ..iced::window::Settings::default()
    })
    .run()
}

impl Monitor {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            source: settings.source,
            mode: Mode::Dark,
            scale: Scale::default(),
            record: Record::default(),
            only: settings
                .server
                .map(|number| usize::from(number).saturating_sub(1)),
            order: Order::default(),
            held: None,
        }
    }

    pub(crate) fn update(&mut self, message: Message) {
        match message {
            Message::Update(update) => self.record.take(update),
            Message::Show(only) => self.only = only,
            Message::SwitchMode => self.mode = self.mode.other(),
            Message::Zoom(zoom) => self.scale = self.scale.after(zoom),
            Message::Sort => self.order = self.order.next(),
            Message::Step(by) => self.step(by),
            Message::Hold => {
                self.held = match self.held {
                    Some(_) => None,
                    None => Some(self.record.lines.iter().cloned().collect()),
                };
            }
        }
    }

    /// All servers stand before the first one, and after the last.
    fn step(&mut self, by: isize) {
        let places = self.record.courses.len() + 1;
        let at = self.only.map_or(0, |index| index + 1) % places;
        let next = (at + places).saturating_add_signed(by) % places;
        self.only = next.checked_sub(1);
    }

    pub(crate) fn view(&self) -> Element<'_, Message> {
        shortcuts(view::window(self), |key, modifiers| {
            Zoom::of(key, modifiers).map(Message::Zoom)
        })
    }

    pub(crate) fn theme(&self) -> Theme {
        theme::theme(self.mode)
    }

    pub(crate) fn instance(&self) -> &str {
        &self.source.instance
    }

    fn title(&self) -> String {
        if let Some(alarm) = self.record.alarm() {
            return format!("! {alarm} – chat-monitor {}", self.instance());
        }
        match self.only {
            Some(index) => format!("Server-{} – chat-monitor {}", index + 1, self.instance()),
            None => format!("chat-monitor {}", self.instance()),
        }
    }

    fn subscription(&self) -> Subscription<Message> {
        Subscription::batch([
            Subscription::run_with(self.source.clone(), watch::updates).map(Message::Update),
            keyboard::listen().filter_map(|event| match event {
                keyboard::Event::KeyPressed { key, modifiers, .. } if modifiers.is_empty() => {
                    pressed(&key)
                }
                _ => None,
            }),
        ])
    }
}

/// What a key does: 0 shows all servers, 1 to 9 one; Left and Right go on; S sorts, T changes the
/// colours, Space holds the feed.
pub(crate) fn pressed(key: &keyboard::Key) -> Option<Message> {
    Some(match key.as_ref() {
        keyboard::Key::Named(Named::ArrowLeft) => Message::Step(-1),
        keyboard::Key::Named(Named::ArrowRight) => Message::Step(1),
        keyboard::Key::Named(Named::Escape) => Message::Show(None),
        keyboard::Key::Named(Named::Space) | keyboard::Key::Character(" ") => Message::Hold,
        keyboard::Key::Character("s") => Message::Sort,
        keyboard::Key::Character("t") => Message::SwitchMode,
        keyboard::Key::Character(digit) => {
            let number: usize = digit.parse().ok().filter(|number| *number <= 9)?;
            Message::Show(number.checked_sub(1))
        }
        _ => return None,
    })
}
