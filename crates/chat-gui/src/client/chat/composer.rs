//! Where one writes.

use chat_client::{BufferKind, Capability};
use iced::keyboard::{Key as Pressed, key::Named};
use iced::widget::text_editor::{Binding, KeyPress, Status};
use iced::widget::{Column, button, container, row, text, text_editor};
use iced::{Bottom, Center, Element, Fill, Theme};

use super::{Chat, Key, Message, Notice};
use crate::theme::{self, size, space as gap, style};

/// The id of the field.
pub(super) const ENTRY: &str = "entry";

/// No higher than this, in logical pixels; more lines are scrolled.
const HIGHEST: f32 = 190.0;

/// More lines than this are not sent without a question.
const FEW: usize = 5;

impl Chat {
    pub(super) fn composer(&self) -> Element<'_, Message> {
        let buffer = self.model.active();
        let placeholder = match buffer.kind() {
            BufferKind::Server => "Type /join #channel, or any other command".to_owned(),
            _ if !buffer.joined() => format!("You are not on {} now", buffer.name()),
            _ => format!("Message {}", buffer.name()),
        };
        let selected = self.has_selection();
        let entry = text_editor(self.input.content())
            .id(ENTRY)
            .placeholder(placeholder)
            .on_action(Message::Edit)
            .key_binding(move |press| binding(press, selected))
            .wrapping(text::Wrapping::WordOrGlyph)
            .max_height(HIGHEST)
            .padding([11, 14])
            .size(size::BODY)
            .font(theme::FONT)
            .style(style::editor);
        let send = button(text("Send").size(size::NOTE))
            .padding([7, 14])
            .style(style::primary)
            .on_press_maybe((!self.input.text().trim().is_empty()).then_some(Message::Submit));
        let send = container(send).padding(iced::Padding::ZERO.bottom(5));
        let line = row![entry, send]
            .align_y(Bottom)
            .padding(iced::Padding::ZERO.right(7));
        let field = container(line).style(style::card);
        // Always a column, empty or not: the field below keeps its place, and so the keyboard.
        let mut notice = Column::new();
        if let Some(told) = &self.notice {
            let (words, tone): (&str, fn(&Theme) -> text::Style) = match told {
                Notice::Done(words) => (words, style::muted),
                Notice::Refused(words) => (words, style::warning),
            };
            let told = text(words).size(size::NOTE).style(tone);
            notice = notice.push(container(told).padding([2, 4]));
        }
        let below = Column::new().spacing(2).padding(iced::Padding {
            top: 0.0,
            right: gap::L,
            bottom: gap::M,
            left: gap::L,
        });
        let bars = Column::new()
            .push(self.choice_bar())
            .push(self.reply_bar())
            .push(self.sure_bar());
        below
            .push(self.typing_line())
            .push(bars)
            .push(notice)
            .push(field)
            .into()
    }

    /// Whether what is written is so much that it is better asked whether it is to be sent.
    pub(super) fn is_much(&self) -> bool {
        self.lines_written() > FEW
    }

    fn lines_written(&self) -> usize {
        self.input.text().trim().lines().count()
    }

    /// The question whether so much is to be sent.
    fn sure_bar(&self) -> Option<Element<'_, Message>> {
        if !self.unsure {
            return None;
        }
        let lines = self.lines_written();
        let how = match self.model.can(Capability::Multiline) {
            true => "as one message".to_owned(),
            false => format!("as {lines} messages"),
        };
        let words = format!("Send {lines} lines {how}?");
        let words = text(words).size(size::NOTE).style(style::warning);
        let offer = |label, message| {
            let label = text(label).size(size::NOTE);
            button(label)
                .padding([4, 10])
                .style(style::secondary)
                .on_press(message)
        };
        let bar = row![
            container(words).width(Fill),
            offer("Keep writing", Message::Unsure),
            offer("Send all", Message::Submit),
        ];
        let bar = bar.spacing(gap::S).align_y(Center).padding([2, 4]);
        Some(bar.into())
    }
}

/// What a key does while one writes: Enter sends, with Shift it begins a line. What means something to
/// the whole window is left to it. Where something is `selected` of what was said, that is copied.
fn binding(press: KeyPress, selected: bool) -> Option<Binding<Message>> {
    let focused = matches!(press.status, Status::Focused { .. });
    let key = Key::of(&press.key, press.modifiers);
    match (key, &press.modified_key) {
        (Some(Key::Older | Key::Newer) | None, _) if !focused => None,
        (None, _) if selected && is_copy(&press) => Some(Binding::Custom(Message::CopySelected)),
        (Some(Key::Older | Key::Newer), _) => Binding::from_key_press(press),
        (Some(_), _) => None,
        (None, Pressed::Named(Named::Enter)) if !press.modifiers.shift() => {
            Some(Binding::Custom(Message::Submit))
        }
        (None, _) => Binding::from_key_press(press),
    }
}

fn is_copy(press: &KeyPress) -> bool {
    press.modifiers.command() && press.key.to_latin(press.physical_key) == Some('c')
}
