//! The sign for dark and light: a disc of which half is filled.

use iced::widget::canvas::{self, Frame, Geometry, Path, Stroke};
use iced::{Element, Radians, Rectangle, Renderer, Theme, mouse};

use crate::theme::Colors;

struct HalfMoon;

/// The sign, `size` logical pixels wide and high.
#[must_use]
pub fn half_moon<'a, Message: 'a>(size: f32) -> Element<'a, Message> {
    iced::widget::canvas(HalfMoon)
        .width(size)
        .height(size)
        .into()
}

impl<Message> canvas::Program<Message> for HalfMoon {
    type State = ();

    fn draw(
        &self,
        _state: &(),
        renderer: &Renderer,
        theme: &Theme,
        bounds: Rectangle,
        _cursor: mouse::Cursor,
    ) -> Vec<Geometry> {
        let color = Colors::of(theme).muted;
        let mut frame = Frame::new(renderer, bounds.size());
        let (center, radius) = (frame.center(), bounds.width / 2.0 - 1.0);
        let edge = Stroke::default().with_color(color).with_width(1.5);
        frame.stroke(&Path::circle(center, radius), edge);
        let half = Path::new(|path| {
            path.arc(canvas::path::Arc {
                center,
                radius,
                start_angle: Radians(std::f32::consts::FRAC_PI_2),
                end_angle: Radians(std::f32::consts::PI * 1.5),
            });
            path.close();
        });
        frame.fill(&half, color);
        vec![frame.into_geometry()]
    }
}
