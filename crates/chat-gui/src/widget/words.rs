//! Words that can be selected, with links in them that are pressed.

use std::borrow::Cow;
use std::ops::Range;

use iced::advanced::graphics::text::cosmic_text::Cursor;
use iced::advanced::mouse::click::{Click, Kind};
use iced::advanced::text::{self, Difference, Paragraph as _, Renderer as _, Span, Wrapping};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer};
use iced::{Color, Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector};

use crate::theme::{Colors, size};

mod place;

/// What is so near above or below the words, in logical pixels, is on them.
const GAP: f32 = 2.0;

type Paragraph = <Renderer as text::Renderer>::Paragraph;

/// Words in the size and colour of messages, over several lines where there is no room.
pub fn words<'a, Message>(text: impl Into<Cow<'a, str>>) -> Words<'a, Message> {
    Words {
        text: text.into(),
        size: size::BODY,
        line_height: 1.4,
        wrapping: Wrapping::WordOrGlyph,
        tone: |colors| colors.text,
        links: Vec::new(),
        on_link: None,
        selection: None,
    }
}

/// See [`words`].
pub struct Words<'a, Message> {
    text: Cow<'a, str>,
    size: f32,
    /// How far a line is from the next, in heights of letters.
    line_height: f32,
    wrapping: Wrapping,
    tone: fn(&Colors) -> Color,
    links: Vec<Range<usize>>,
    on_link: Option<OnLink<Message>>,
    selection: Option<Selectable<'a, Message>>,
}

/// What is done with the mouse to select. Places are offsets in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selecting {
    /// The button went down: on a place, or (pressed twice, or three times) on a word or all of it.
    Begin(Range<usize>),
    /// It is down still, and the pointer is at this place.
    To(usize),
    /// It is up again. Told by the words on which it went down.
    End,
}

#[derive(Clone, Copy)]
struct OnLink<Message> {
    hover: fn(String, bool) -> Message,
    press: fn(String) -> Message,
}

struct Selectable<'a, Message> {
    /// What is selected of these words.
    part: Option<Range<usize>>,
    /// The button went down somewhere, and is down still.
    dragging: bool,
    on_select: Box<dyn Fn(Selecting) -> Message + 'a>,
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
    /// Where the button went down, while it is down.
    began: Option<usize>,
    /// Where the pointer was told to be last, while the button is down.
    told: Option<usize>,
    last_click: Option<Click>,
}

impl<'a, Message: 'a> Words<'a, Message> {
    /// In another size, and with another distance of the lines.
    #[must_use]
    pub fn size(mut self, size: f32, line_height: f32) -> Self {
        (self.size, self.line_height) = (size, line_height);
        self
    }

    /// On one line, however little room there is.
    #[must_use]
    pub fn on_one_line(mut self) -> Self {
        self.wrapping = Wrapping::None;
        self
    }

    /// In another colour.
    #[must_use]
    pub fn tone(mut self, tone: fn(&Colors) -> Color) -> Self {
        self.tone = tone;
        self
    }

    /// These parts of the words are links, in order. `hover` is told the one that the pointer comes upon
    /// (`true`) or leaves (`false`); `press` the one that was pressed, and only then.
    #[must_use]
    pub fn links(
        mut self,
        links: Vec<Range<usize>>,
        hover: fn(String, bool) -> Message,
        press: fn(String) -> Message,
    ) -> Self {
        self.links = links;
        self.on_link = Some(OnLink { hover, press });
        self
    }

    /// The words can be selected: `part` of them is, and the mouse is `dragging` if it went down on words
    /// that are selected together with these.
    #[must_use]
    pub fn selectable(
        mut self,
        part: Option<Range<usize>>,
        dragging: bool,
        on_select: impl Fn(Selecting) -> Message + 'a,
    ) -> Self {
        self.selection = Some(Selectable {
            part,
            dragging,
            on_select: Box::new(on_select),
        });
        self
    }

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
    fn link_at(state: &State, point: Point) -> Option<usize> {
        let span = state.paragraph.hit_span(point)?;
        (span % 2 == 1).then_some(span / 2)
    }

    fn address(&self, link: usize) -> Option<String> {
        Some(self.text[self.links.get(link)?.clone()].to_owned())
    }

    /// The place in the text at a point, or nearest to it.
    fn offset(&self, state: &State, point: Point) -> usize {
        let buffer = state.paragraph.buffer();
        let bottom = (state.paragraph.min_bounds().height - 1.0).max(0.0);
        let hit = buffer.hit(point.x.max(0.0), point.y.clamp(0.0, bottom));
        let offset = hit.map(|at| place::offset(&self.text, at.line, at.index));
        offset.unwrap_or(self.text.len())
    }

    /// Tells of the link that the pointer has come upon or left.
    fn hover(&self, state: &mut State, here: Option<usize>, shell: &mut Shell<'_, Message>) {
        if here == state.hovered {
            return;
        }
        let left = std::mem::replace(&mut state.hovered, here);
        for (link, on) in [(left, false), (here, true)] {
            let address = link.and_then(|link| self.address(link));
            if let (Some(address), Some(on_link)) = (address, &self.on_link) {
                shell.publish((on_link.hover)(address, on));
            }
        }
        shell.request_redraw();
    }

    fn pressed(&self, state: &mut State, point: Point, shell: &mut Shell<'_, Message>) {
        state.pressed = state.hovered;
        if let Some(selection) = &self.selection {
            let offset = self.offset(state, point);
            let click = Click::new(point, mouse::Button::Left, state.last_click);
            let range = match click.kind() {
                Kind::Single => offset..offset,
                Kind::Double => place::word(&self.text, offset),
                Kind::Triple => 0..self.text.len(),
            };
            state.last_click = Some(click);
            (state.began, state.told) = (Some(offset), Some(offset));
            shell.publish((selection.on_select)(Selecting::Begin(range)));
        }
        if self.selection.is_some() || state.pressed.is_some() {
            shell.capture_event();
        }
    }

    /// The pointer has moved to this point of these lines, or beside them.
    fn dragged(&self, state: &mut State, point: Point, shell: &mut Shell<'_, Message>) {
        let Some(selection) = &self.selection else {
            return;
        };
        if !selection.dragging && state.began.is_none() {
            return;
        }
        let offset = self.offset(state, point);
        if state.told != Some(offset) {
            state.told = Some(offset);
            // A link on which one selects is not pressed.
            state.pressed = None;
            shell.publish((selection.on_select)(Selecting::To(offset)));
        }
    }

    fn released(&self, state: &mut State, shell: &mut Shell<'_, Message>) {
        state.told = None;
        if let (Some(_), Some(selection)) = (state.began.take(), &self.selection) {
            shell.publish((selection.on_select)(Selecting::End));
        }
        let pressed = state.pressed.take();
        let pressed = pressed.filter(|link| Some(*link) == state.hovered);
        let address = pressed.and_then(|link| self.address(link));
        if let (Some(address), Some(on_link)) = (address, &self.on_link) {
            shell.publish((on_link.press)(address));
        }
    }

    /// What is selected, as the places of the letters it lies behind.
    fn draw_selection(
        &self,
        state: &State,
        within: Rectangle,
        color: Color,
        renderer: &mut Renderer,
    ) {
        let part = self.selection.as_ref().and_then(|s| s.part.clone());
        let Some(part) = part.filter(|part| !part.is_empty()) else {
            return;
        };
        let cursor = |offset| {
            let (line, index) = place::line(&self.text, offset);
            Cursor::new(line, index)
        };
        let (from, to) = (cursor(part.start), cursor(part.end));
        for run in state.paragraph.buffer().layout_runs() {
            if let Some((x, width)) = run.highlight(from, to) {
                let place = within.position() + Vector::new(x, run.line_top);
                let marked = Rectangle::new(place, Size::new(width, run.line_height));
                fill(renderer, marked, within, color);
            }
        }
    }

    /// Lines below the links.
    fn draw_links(&self, state: &State, within: Rectangle, accent: Color, renderer: &mut Renderer) {
        let height = self.size * self.line_height;
        // Under the letters, within their line.
        let base = self.size + (height - self.size) / 2.0 - self.size * 0.08;
        for link in 0..self.links.len() {
            let color = match state.hovered == Some(link) {
                true => accent,
                false => accent.scale_alpha(0.6),
            };
            for region in state.paragraph.span_bounds(2 * link + 1) {
                let place = within.position() + Vector::new(region.x, region.y + base);
                let line = Rectangle::new(place, Size::new(region.width, 1.0));
                fill(renderer, line, within, color);
            }
        }
    }
}

/// The pointer, counted from the words, where it is on them, beside them, or between them and the next
/// ones: who selects need not hit the letters.
fn near(cursor: mouse::Cursor, bounds: Rectangle, viewport: &Rectangle) -> Option<Point> {
    let point = cursor.position_over(*viewport)? - bounds.position();
    let beside = (-GAP..bounds.height + GAP).contains(&point.y);
    beside.then(|| Point::new(point.x, point.y))
}

/// What does not fit into the room of the words is not seen.
fn fill(renderer: &mut Renderer, place: Rectangle, within: Rectangle, color: Color) {
    use renderer::Renderer as _;
    let Some(bounds) = place.intersection(&within) else {
        return;
    };
    let quad = renderer::Quad {
        bounds,
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

impl<'a, Message: 'a> From<Words<'a, Message>> for Element<'a, Message> {
    fn from(words: Words<'a, Message>) -> Element<'a, Message> {
        Element::new(words)
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for Words<'a, Message> {
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
                size: self.size.into(),
                line_height: text::LineHeight::Relative(self.line_height),
                font: renderer.default_font(),
                align_x: text::Alignment::Default,
                align_y: iced::alignment::Vertical::Top,
                shaping: text::Shaping::Advanced,
                wrapping: self.wrapping,
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
                    state.made_of = (self.text.clone().into_owned(), self.links.clone());
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
        let bounds = layout.bounds();
        if !bounds.intersects(viewport) {
            return;
        }
        let state = tree.state.downcast_ref::<State>();
        let colors = Colors::of(theme);
        self.draw_selection(state, bounds, colors.accent.scale_alpha(0.35), renderer);
        self.draw_links(state, bounds, colors.accent, renderer);
        let color = (self.tone)(colors);
        renderer.fill_paragraph(&state.paragraph, bounds.position(), color, *viewport);
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
        let bounds = layout.bounds();
        let over = cursor.is_over(*viewport);
        let inside = cursor.position_in(bounds).filter(|_| over);
        let here = inside.and_then(|point| Self::link_at(state, point));
        self.hover(state, here, shell);
        match event {
            mouse::Event::ButtonPressed(mouse::Button::Left) => {
                match near(cursor, bounds, viewport) {
                    Some(point) => self.pressed(state, point, shell),
                    None => (state.pressed, state.last_click) = (None, None),
                }
            }
            mouse::Event::CursorMoved { .. } => {
                let beside = cursor.position().map(|point| point - bounds.position());
                let beside = beside.filter(|point| (0.0..bounds.height).contains(&point.y));
                if let Some(Vector { x, y }) = beside {
                    self.dragged(state, Point::new(x, y), shell);
                }
            }
            mouse::Event::ButtonReleased(mouse::Button::Left) => self.released(state, shell),
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        let over = cursor.is_over(layout.bounds()) && cursor.is_over(*viewport);
        match tree.state.downcast_ref::<State>().hovered {
            Some(_) => mouse::Interaction::Pointer,
            None if over && self.selection.is_some() => mouse::Interaction::Text,
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
        operation.text(None, layout.bounds(), &self.text);
    }
}
