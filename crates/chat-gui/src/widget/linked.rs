//! Words with links in them: they tell of the link that the pointer is on, and are pressed.

use std::ops::Range;

use iced::advanced::text::{self, Difference, Paragraph as _, Renderer as _, Span, Wrapping};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer};
use iced::{Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector};

use crate::theme::{Colors, size};

type Paragraph = <Renderer as text::Renderer>::Paragraph;

/// Text of a message in which some parts are links. `links` are their places, in order.
///
/// `on_hover` is told the link that the pointer comes upon (`true`) or leaves (`false`); `on_press` the
/// one that was pressed, and only then.
pub fn linked<'a, Message: 'a>(
    text: &'a str,
    links: Vec<Range<usize>>,
    on_hover: fn(String, bool) -> Message,
    on_press: fn(String) -> Message,
) -> Element<'a, Message> {
    Element::new(Linked {
        text,
        links,
        on_hover,
        on_press,
    })
}

/// How far a line is from the next, in heights of letters.
const LINE_HEIGHT: f32 = 1.4;

struct Linked<'a, Message> {
    text: &'a str,
    links: Vec<Range<usize>>,
    on_hover: fn(String, bool) -> Message,
    on_press: fn(String) -> Message,
}

#[derive(Default)]
struct State {
    paragraph: Paragraph,
    /// What the paragraph was made of.
    made_of: (String, Vec<Range<usize>>),
    /// Which link the pointer is on.
    hovered: Option<usize>,
    /// Which link the button went down on.
    pressed: Option<usize>,
}

impl<Message> Linked<'_, Message> {
    /// The text in pieces, of which every second is a link.
    fn spans(&self) -> Vec<Span<'_>> {
        let mut spans = Vec::with_capacity(2 * self.links.len() + 1);
        let mut at = 0;
        for link in &self.links {
            spans.push(Span::new(&self.text[at..link.start]));
            spans.push(Span::new(&self.text[link.clone()]));
            at = link.end;
        }
        spans.push(Span::new(&self.text[at..]));
        spans
    }

    /// The link at a point.
    fn at(&self, state: &State, point: Point) -> Option<usize> {
        let span = state.paragraph.hit_span(point)?;
        (span % 2 == 1).then_some(span / 2)
    }

    fn address(&self, link: usize) -> Option<String> {
        Some(self.text[self.links.get(link)?.clone()].to_owned())
    }
}

impl<Message> Widget<Message, Theme, Renderer> for Linked<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let state = tree.state.downcast_mut::<State>();
        layout::sized(limits, Length::Shrink, Length::Shrink, |limits| {
            let bounds = limits.max();
            let of = |content| text::Text {
                content,
                bounds,
                size: size::BODY.into(),
                line_height: text::LineHeight::Relative(LINE_HEIGHT),
                font: renderer.default_font(),
                align_x: text::Alignment::Default,
                align_y: iced::alignment::Vertical::Top,
                shaping: text::Shaping::Advanced,
                wrapping: Wrapping::WordOrGlyph,
            };
            let same = state.made_of.0 == self.text && state.made_of.1 == self.links;
            let difference = match same {
                true => state.paragraph.compare(of(()).with_content(())),
                false => Difference::Shape,
            };
            match difference {
                Difference::None => {}
                Difference::Bounds => state.paragraph.resize(bounds),
                Difference::Shape => {
                    let spans = self.spans();
                    let text = of(()).with_content(spans.as_slice());
                    state.paragraph = Paragraph::with_spans(text);
                    state.made_of = (self.text.to_owned(), self.links.clone());
                }
            }
            state.paragraph.min_bounds()
        })
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        use renderer::Renderer as _;
        let bounds = layout.bounds();
        if !bounds.intersects(viewport) {
            return;
        }
        let state = tree.state.downcast_ref::<State>();
        let colors = Colors::of(theme);
        let height = size::BODY * LINE_HEIGHT;
        // Under the letters, within their line.
        let base = size::BODY + (height - size::BODY) / 2.0 - size::BODY * 0.08;
        for link in 0..self.links.len() {
            let color = match state.hovered == Some(link) {
                true => colors.accent,
                false => colors.accent.scale_alpha(0.6),
            };
            for region in state.paragraph.span_bounds(2 * link + 1) {
                let place = region.position() + (bounds.position() - Point::ORIGIN);
                let line =
                    Rectangle::new(place + Vector::new(0.0, base), Size::new(region.width, 1.0));
                let quad = renderer::Quad {
                    bounds: line,
                    ..renderer::Quad::default()
                };
                renderer.fill_quad(quad, color);
            }
        }
        renderer.fill_paragraph(&state.paragraph, bounds.position(), colors.text, *viewport);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        let Event::Mouse(event) = event else { return };
        let state = tree.state.downcast_mut::<State>();
        let over = cursor.is_over(*viewport);
        let position = cursor.position_in(layout.bounds()).filter(|_| over);
        let here = position.and_then(|point| self.at(state, point));
        if here != state.hovered {
            let left = std::mem::replace(&mut state.hovered, here);
            for (link, on) in [(left, false), (here, true)] {
                if let Some(address) = link.and_then(|link| self.address(link)) {
                    shell.publish((self.on_hover)(address, on));
                }
            }
            shell.request_redraw();
        }
        match event {
            mouse::Event::ButtonPressed(mouse::Button::Left) => {
                state.pressed = here;
                if here.is_some() {
                    shell.capture_event();
                }
            }
            mouse::Event::ButtonReleased(mouse::Button::Left) => {
                let pressed = state.pressed.take().filter(|link| Some(*link) == here);
                if let Some(address) = pressed.and_then(|link| self.address(link)) {
                    shell.publish((self.on_press)(address));
                }
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        _layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        match tree.state.downcast_ref::<State>().hovered {
            Some(_) => mouse::Interaction::Pointer,
            None => mouse::Interaction::None,
        }
    }

    fn operate(
        &mut self,
        _tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.text(None, layout.bounds(), self.text);
    }
}
