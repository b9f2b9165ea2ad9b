//! Ratings from one to five stars.

use iced::widget::canvas::{self, Frame, Geometry, Path};
use iced::widget::{Row, button, canvas as canvas_widget, container};
use iced::{Color, Element, Point, Rectangle, Renderer, Theme, mouse};

use crate::theme::{Colors, style};

/// A five-pointed star, drawn full or as much of it as is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Star {
    /// How much of it is filled, from the left: 0.0 to 1.0.
    pub filled: f32,
}

/// Five stars to choose from. Each is a button in a container with the id `star-1` to `star-5`.
/// `size` is the width of a star in logical pixels.
#[must_use]
pub fn stars<'a, Message: Clone + 'a>(
    chosen: Option<u8>,
    size: f32,
    on_choice: fn(u8) -> Message,
) -> Element<'a, Message> {
    let star = |number: u8| {
        let filled = if chosen.is_some_and(|c| number <= c) {
            1.0
        } else {
            0.0
        };
        let drawn = canvas_widget(Star { filled }).width(size).height(size);
        let button = button(drawn)
            .padding(6)
            .style(style::quiet)
            .on_press(on_choice(number));
        container(button).id(star_id(number)).into()
    };
    Row::with_children((1..=5).map(star)).into()
}

fn star_id(number: u8) -> &'static str {
    match number {
        1 => "star-1",
        2 => "star-2",
        3 => "star-3",
        4 => "star-4",
        _ => "star-5",
    }
}

impl<Message> canvas::Program<Message> for Star {
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
        let path = outline(frame.center(), bounds.width.min(bounds.height) / 2.0);
        frame.fill(&path, empty(colors));
        if self.filled > 0.0 {
            let part = Rectangle {
                x: 0.0,
                y: 0.0,
                width: bounds.width * self.filled.min(1.0),
                height: bounds.height,
            };
            frame.with_clip(part, |frame| {
                // Inside the clip the origin is the part's corner, which is the frame's.
                frame.fill(&path, colors.star);
            });
        }
        vec![frame.into_geometry()]
    }
}

fn empty(colors: &Colors) -> Color {
    colors.faint.scale_alpha(0.45)
}

/// The ten corners of a star around `center` that reaches `radius` far.
fn outline(center: Point, radius: f32) -> Path {
    Path::new(|path| {
        for corner in 0..10_u8 {
            let reach = if corner % 2 == 0 {
                radius
            } else {
                radius * 0.45
            };
            let angle = std::f32::consts::PI * (f32::from(corner) / 5.0 - 0.5);
            let at = Point::new(
                center.x + reach * angle.cos(),
                center.y + radius * 0.06 + reach * angle.sin(),
            );
            match corner {
                0 => path.move_to(at),
                _ => path.line_to(at),
            }
        }
        path.close();
    })
}
