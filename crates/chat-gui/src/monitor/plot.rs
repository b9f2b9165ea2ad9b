//! The course of counts as lines, one for each server.

use std::collections::VecDeque;

use iced::alignment::{Horizontal, Vertical};
use iced::widget::canvas::{self, Frame, Geometry, Path, Stroke, Text};
use iced::{Color, Element, Length, Point, Rectangle, Renderer, Theme, mouse};

use super::record::SAMPLES;
use crate::theme::{Colors, size};

/// Room for the numbers at the left, in logical pixels.
const MARGIN: f32 = 44.0;

/// Lines across.
const STEPS: u8 = 4;

/// The courses to draw, each with the colour of its server.
#[derive(Debug)]
pub(crate) struct Plot<'a> {
    courses: Vec<(usize, &'a VecDeque<f32>)>,
}

impl<'a> Plot<'a> {
    /// A plot of these courses, each with the index of its server.
    pub(crate) fn new(courses: Vec<(usize, &'a VecDeque<f32>)>) -> Self {
        Self { courses }
    }

    /// As a widget as wide as there is room, and `height` logical pixels high.
    pub(crate) fn view<Message: 'a>(self, height: f32) -> Element<'a, Message> {
        iced::widget::canvas(self)
            .width(Length::Fill)
            .height(height)
            .into()
    }

    fn top(&self) -> f32 {
        let highest = self.courses.iter().flat_map(|(_, course)| course.iter());
        round_up(highest.copied().fold(0.0, f32::max))
    }
}

impl<Message> canvas::Program<Message> for Plot<'_> {
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
        let top = self.top();
        // The software renderer keeps what is not painted over.
        frame.fill_rectangle(Point::ORIGIN, frame.size(), colors.surface);
        draw_scale(&mut frame, colors, top);
        for (server, course) in &self.courses {
            let line = course_path(course, MARGIN, frame.width(), frame.height(), top);
            let stroke = Stroke::default()
                .with_color(server_color(colors, *server))
                .with_width(2.0);
            frame.stroke(&line, stroke);
        }
        vec![frame.into_geometry()]
    }
}

/// The colour of a server, from 0.
pub(crate) fn server_color(colors: &Colors, server: usize) -> Color {
    // Steps through the palette so that neighbours differ.
    colors.names[(6 + server * 5) % colors.names.len()]
}

fn draw_scale(frame: &mut Frame, colors: &Colors, top: f32) {
    for step in 0..=STEPS {
        let share = f32::from(step) / f32::from(STEPS);
        let y = height_of(share, frame.height());
        let across = Path::line(Point::new(MARGIN, y), Point::new(frame.width(), y));
        frame.stroke(&across, Stroke::default().with_color(colors.line));
        frame.fill_text(Text {
            content: format!("{}", top * share),
            position: Point::new(MARGIN - 8.0, y),
            color: colors.faint,
            size: size::SMALL.into(),
            align_x: Horizontal::Right.into(),
            align_y: Vertical::Center,
            ..Text::default()
        });
    }
}

/// The newest sample is at the right edge; `SAMPLES` of them fill the width. Points amid equal ones
/// are left out: they add nothing, and a flat line of many points is not drawn at all.
fn course_path(course: &VecDeque<f32>, left: f32, right: f32, height: f32, top: f32) -> Path {
    let step = (right - left) / (SAMPLES - 1) as f32;
    let start = right - step * course.len().saturating_sub(1) as f32;
    Path::new(|path| {
        for (index, value) in corners(course) {
            let point = Point::new(start + step * index as f32, height_of(value / top, height));
            if index == 0 {
                path.move_to(point);
            } else {
                path.line_to(point);
            }
        }
    })
}

/// The first and the last sample, and those that differ from a neighbour.
fn corners(course: &VecDeque<f32>) -> impl Iterator<Item = (usize, f32)> {
    let last = course.len().saturating_sub(1);
    let differs = |one: usize, other: usize| course[one].to_bits() != course[other].to_bits();
    course
        .iter()
        .copied()
        .enumerate()
        .filter(move |&(index, _)| {
            index == 0 || index == last || differs(index, index - 1) || differs(index, index + 1)
        })
}

/// Where a share of the scale is, with a little room above and below.
fn height_of(share: f32, height: f32) -> f32 {
    const ROOM: f32 = 8.0;
    height - ROOM - share * (height - 2.0 * ROOM)
}

/// The next of 4, 8, 20, 40, 80, 200, …, whose quarters are whole numbers.
fn round_up(value: f32) -> f32 {
    let mut unit = 4.0;
    loop {
        for factor in [1.0, 2.0, 5.0] {
            if value <= unit * factor {
                return unit * factor;
            }
        }
        unit *= 10.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_on_a_round_number_above_all_values() {
        for (value, top) in [
            (0.0, 4.0),
            (4.0, 4.0),
            (5.0, 8.0),
            (9.0, 20.0),
            (21.0, 40.0),
            (900.0, 2000.0),
        ] {
            assert!((round_up(value) - top).abs() < f32::EPSILON, "{value}");
        }
    }

    #[test]
    fn only_corners_are_drawn() {
        let course = VecDeque::from([3.0, 3.0, 3.0, 5.0, 3.0, 3.0, 3.0]);
        let indexes: Vec<usize> = corners(&course).map(|(index, _)| index).collect();
        assert_eq!(indexes, [0, 2, 3, 4, 6]);
        assert_eq!(corners(&VecDeque::new()).count(), 0);
    }

    #[test]
    fn neighbours_have_different_colours() {
        let colors = Colors::of(&Theme::Dark);
        for server in 0..20 {
            assert_ne!(
                server_color(colors, server),
                server_color(colors, server + 1)
            );
        }
    }
}
