//! The sign of the program: a speech bubble with three dots.

use iced::widget::canvas::{self, Frame, Geometry, Path};
use iced::{Element, Point, Rectangle, Renderer, Size, Theme, mouse};

use crate::theme::Colors;

struct Bubble;

/// The sign, `size` logical pixels wide and high.
#[must_use]
pub fn bubble<'a, Message: 'a>(size: f32) -> Element<'a, Message> {
    iced::widget::canvas(Bubble).width(size).height(size).into()
}

impl<Message> canvas::Program<Message> for Bubble {
    type State = ();

    fn draw(
        &self,
        _state: &(),
        renderer: &Renderer,
        theme: &Theme,
        bounds: Rectangle,
        _cursor: mouse::Cursor,
    ) -> Vec<Geometry> {
        let colors = Colors::of(theme);
        let mut frame = Frame::new(renderer, bounds.size());
        let unit = bounds.width / 16.0;
        let at = |x: f32, y: f32| Point::new(x * unit, y * unit);
        let body = Path::rounded_rectangle(
            at(1.0, 1.5),
            Size::new(14.0 * unit, 10.5 * unit),
            (4.0 * unit).into(),
        );
        let tail = Path::new(|path| {
            path.move_to(at(4.0, 11.0));
            path.line_to(at(4.0, 15.0));
            path.line_to(at(8.5, 11.5));
            path.close();
        });
        frame.fill(&body, colors.accent);
        frame.fill(&tail, colors.accent);
        for x in [4.8, 8.0, 11.2] {
            frame.fill(&Path::circle(at(x, 6.75), unit * 1.15), colors.on_accent);
        }
        vec![frame.into_geometry()]
    }
}
