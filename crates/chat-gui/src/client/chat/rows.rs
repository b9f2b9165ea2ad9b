//! How lines look: grouped by who speaks, with the day above them.

use std::ops::Range;

use chat_client::{Buffer, Line, LineKind};
use iced::widget::{
    column, container, keyed_column, mouse_area, rich_text, row, rule, space, span, text,
};
use iced::{Center, Color, Element, Fill, Theme};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use super::Message;
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::avatar;

/// The room at the left of the text, where avatars and signs are.
const GUTTER: f32 = 36.0;

/// What somebody says within this time after what they said before stands under it.
const TOGETHER_SECONDS: i64 = 300;

/// The rows of the lines with these numbers.
pub(super) fn rows<'a>(
    buffer: &'a Buffer,
    range: Range<u64>,
    zone: &TimeZone,
    now: Timestamp,
) -> Element<'a, Message> {
    let today = now.to_zoned(zone.clone()).date();
    let mut before: Option<(&Line, Date)> = None;
    let mut rows = Vec::new();
    for line in buffer
        .lines()
        .iter()
        .filter(|line| range.contains(&line.number))
    {
        let local = line.at.to_zoned(zone.clone());
        let date = local.date();
        let new_day = before.is_none_or(|(_, day)| day != date);
        let is_new = buffer.marker() == Some(line.number);
        let alone = new_day || is_new || !before.is_some_and(|(last, _)| together(last, line));
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        let row = view(line, alone, clock);
        let mut parts = column![].width(Fill);
        if new_day {
            parts = parts.push(separator(day_label(date, today), |c| c.line, |c| c.muted));
        }
        if is_new {
            parts = parts.push(separator("New".to_owned(), |c| c.accent, |c| c.accent));
        }
        rows.push((line.number, parts.push(row).into()));
        before = Some((line, date));
    }
    keyed_column(rows).width(Fill).into()
}

/// Whether a line stands under the one before without a head of its own.
fn together(before: &Line, line: &Line) -> bool {
    let same = before.sender == line.sender && before.kind == line.kind;
    let seconds = line.at.as_second() - before.at.as_second();
    let talk = matches!(line.kind, LineKind::Message | LineKind::Notice);
    same && talk && !line.sender.is_empty() && (0..TOGETHER_SECONDS).contains(&seconds)
}

fn day_label(date: Date, today: Date) -> String {
    if date == today {
        return "Today".to_owned();
    }
    if today.yesterday().is_ok_and(|yesterday| date == yesterday) {
        return "Yesterday".to_owned();
    }
    date.strftime("%A, %-d %B %Y").to_string()
}

fn separator<'a>(
    label: String,
    line: fn(&Colors) -> Color,
    tone: fn(&Colors) -> Color,
) -> Element<'a, Message> {
    let side = move || {
        rule::horizontal(1).style(move |theme: &Theme| rule::Style {
            color: line(Colors::of(theme)),
            ..style::divider(theme)
        })
    };
    let label = text(label).size(size::SMALL).style(style::tone(tone));
    let line = row![side(), label, side()].spacing(gap::M).align_y(Center);
    container(line).padding([gap::S, gap::L]).into()
}

fn view(line: &Line, alone: bool, clock: String) -> Element<'_, Message> {
    match line.kind {
        LineKind::Message | LineKind::Notice if alone => opening(line, clock),
        LineKind::Message | LineKind::Notice => following(line),
        LineKind::Action => action(line, clock),
        LineKind::Error => event(line, clock, "!", |c| c.danger),
        LineKind::Invite => event(line, clock, "→", |c| c.accent),
        LineKind::Join => event(line, clock, "→", |c| c.faint),
        LineKind::Part | LineKind::Quit | LineKind::Kick => event(line, clock, "←", |c| c.faint),
        LineKind::Info if line.sender.is_empty() => event(line, clock, "·", |c| c.muted),
        _ => event(line, clock, "·", |c| c.faint),
    }
}

/// The first of what somebody says: with avatar, name and time.
fn opening(line: &Line, clock: String) -> Element<'_, Message> {
    let mut head = row![name(&line.sender), time(clock)]
        .spacing(gap::S)
        .align_y(iced::Bottom);
    if line.kind == LineKind::Notice {
        head = head.push(text("notice").size(size::SMALL).style(style::accent));
    }
    let words = column![head, body(line)].spacing(2);
    let content = row![
        container(avatar(&line.sender, GUTTER)).padding(iced::Padding::ZERO.top(3)),
        words,
    ]
    .spacing(gap::M);
    framed(line, content.into(), gap::S)
}

/// What somebody goes on to say.
fn following(line: &Line) -> Element<'_, Message> {
    let content = row![space().width(GUTTER), body(line)].spacing(gap::M);
    framed(line, content.into(), 0.0)
}

fn action(line: &Line, clock: String) -> Element<'_, Message> {
    let sign = text("*").size(size::TITLE).style(style::accent);
    let words = row![name(&line.sender), body(line), time(clock)]
        .spacing(6)
        .align_y(iced::Bottom);
    let content = row![container(sign).center_x(GUTTER), words]
        .spacing(gap::M)
        .align_y(Center);
    framed(line, content.into(), gap::XS)
}

/// What is not said but happened: small, and quiet.
fn event<'a>(
    line: &'a Line,
    clock: String,
    sign: &'a str,
    tone: fn(&Colors) -> Color,
) -> Element<'a, Message> {
    let sign = text(sign).size(size::NOTE).style(style::tone(tone));
    let told = match line.sender.as_str() {
        "" => line.text.to_string(),
        sender => format!("{sender} {}", line.text),
    };
    let words = text(told)
        .size(size::NOTE)
        .wrapping(text::Wrapping::WordOrGlyph)
        .style(style::tone(tone));
    let content = row![
        container(sign).center_x(GUTTER),
        container(words).max_width(900),
        time(clock),
    ]
    .spacing(gap::M)
    .align_y(Center);
    framed(line, content.into(), 0.0)
}

fn name(nick: &str) -> Element<'_, Message> {
    let of = nick.to_owned();
    text(nick)
        .size(size::BODY)
        .style(move |theme: &Theme| text::Style {
            color: Some(Colors::of(theme).name(&of)),
        })
        .into()
}

fn time<'a>(clock: String) -> Element<'a, Message> {
    text(clock).size(size::SMALL).style(style::faint).into()
}

/// The words, links in them to be pressed.
fn body(line: &Line) -> Element<'_, Message> {
    let height = 1.4;
    let words = &*line.text;
    if !words.contains("://") {
        return text(words)
            .size(size::BODY)
            .line_height(height)
            .wrapping(text::Wrapping::WordOrGlyph)
            .style(style::normal)
            .into();
    }
    let part = |word| match is_link(word) {
        true => span(word).underline(true).link(word.to_owned()),
        false => span(word),
    };
    // The space after a link is no part of it.
    let words = words.split_inclusive(' ').flat_map(|word| {
        let bare = word.trim_end();
        [part(bare), span(&word[bare.len()..])]
    });
    let spans: Vec<_> = words.collect();
    rich_text(spans)
        .on_link_click(Message::Copy)
        .size(size::BODY)
        .line_height(height)
        .wrapping(text::Wrapping::WordOrGlyph)
        .into()
}

fn is_link(word: &str) -> bool {
    let rest = word
        .strip_prefix("https://")
        .or(word.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.len() > 3)
}

/// A row with its margins, and a tint where it speaks of the user. A press of the right button
/// copies what was said.
fn framed<'a>(line: &Line, content: Element<'a, Message>, above: f32) -> Element<'a, Message> {
    let highlight = line.highlight;
    let padding = iced::Padding {
        top: above + 1.0,
        right: gap::L,
        bottom: 2.0,
        left: gap::L,
    };
    let row = container(content)
        .padding(padding)
        .width(Fill)
        .style(move |theme: &Theme| match highlight {
            true => container::Style::default().background(Colors::of(theme).highlight),
            false => container::Style::default(),
        });
    let words = line.text.to_string();
    mouse_area(row).on_right_press(Message::Copy(words)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_named_as_people_name_them() {
        let today = date(2026, 3, 1);
        assert_eq!(day_label(today, today), "Today");
        assert_eq!(day_label(date(2026, 2, 28), today), "Yesterday");
        assert_eq!(
            day_label(date(2026, 2, 27), today),
            "Friday, 27 February 2026"
        );
    }

    #[test]
    fn links_are_found_and_nothing_else() {
        assert!(is_link("https://example.org/x?y=1 "));
        assert!(is_link("http://a.bc"));
        assert!(!is_link("https://"));
        assert!(!is_link("://x"));
        assert!(!is_link("file:///etc/passwd"));
    }
}
