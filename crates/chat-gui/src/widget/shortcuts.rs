//! Keys that mean something to the whole window, whichever field has the keyboard.

use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, overlay, renderer};
use iced::keyboard::{self, Key, Modifiers};
use iced::{Element, Event, Length, Rectangle, Renderer, Size, Theme, Vector};

/// The content, whose widgets never see the keys that `on_key` has a message for: a field would write
/// what such a key has as text.
pub fn shortcuts<'a, Message: 'a>(
    content: impl Into<Element<'a, Message>>,
    on_key: fn(&Key, Modifiers) -> Option<Message>,
) -> Element<'a, Message> {
    Element::new(Shortcuts {
        content: content.into(),
        on_key,
    })
}

struct Shortcuts<'a, Message> {
    content: Element<'a, Message>,
    on_key: fn(&Key, Modifiers) -> Option<Message>,
}

impl<Message> Widget<Message, Theme, Renderer> for Shortcuts<'_, Message> {
    fn tag(&self) -> tree::Tag {
        self.content.as_widget().tag()
    }

    fn state(&self) -> tree::State {
        self.content.as_widget().state()
    }

    fn children(&self) -> Vec<Tree> {
        self.content.as_widget().children()
    }

    fn diff(&self, tree: &mut Tree) {
        self.content.as_widget().diff(tree);
    }

    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        self.content.as_widget_mut().layout(tree, renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        self.content
            .as_widget_mut()
            .operate(tree, layout, renderer, operation);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        if let Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) = event
            && let Some(message) = (self.on_key)(key, *modifiers)
        {
            shell.publish(message);
            shell.capture_event();
            return;
        }
        self.content.as_widget_mut().update(
            tree, event, layout, cursor, renderer, clipboard, shell, viewport,
        );
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        self.content
            .as_widget()
            .mouse_interaction(tree, layout, cursor, viewport, renderer)
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        self.content
            .as_widget()
            .draw(tree, renderer, theme, style, layout, cursor, viewport);
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        self.content
            .as_widget_mut()
            .overlay(tree, layout, renderer, viewport, translation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::Zoom;
    use iced::widget::text_input;
    use iced_test::{selector, simulator};

    #[derive(Debug, Clone, PartialEq)]
    enum Message {
        Typed(String),
        Zoom(Zoom),
    }

    /// Presses a key that has a text, with Control or without.
    fn press(key: &str, modifiers: Modifiers) -> Vec<Message> {
        let field = text_input("", "a").id("field").on_input(Message::Typed);
        let on_key = |key: &Key, modifiers| Zoom::of(key, modifiers).map(Message::Zoom);
        let mut ui = simulator(shortcuts(field, on_key));
        ui.click(selector::id("field")).unwrap();
        ui.simulate([Event::Keyboard(keyboard::Event::KeyPressed {
            key: Key::Character(key.into()),
            modified_key: Key::Character(key.into()),
            physical_key: keyboard::key::Physical::Unidentified(
                keyboard::key::NativeCode::Unidentified,
            ),
            location: keyboard::Location::Standard,
            modifiers,
            text: Some(key.into()),
            repeat: false,
        })]);
        ui.into_messages().collect()
    }

    #[test]
    fn a_key_for_the_window_is_not_written_into_a_field() {
        let typed = Message::Typed("a-".to_owned());
        assert_eq!(press("-", Modifiers::empty()), [typed]);
        let zoomed = Message::Zoom(Zoom::Smaller);
        assert_eq!(press("-", Modifiers::COMMAND), [zoomed]);
    }
}
