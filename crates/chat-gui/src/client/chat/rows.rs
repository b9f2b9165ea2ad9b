//! How lines look: grouped by who speaks, with the day above them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use chat_client::{Buffer, Line, LineKind, Reaction};
use iced::widget::{button, column, container, keyed_column, mouse_area, row, rule, text, tooltip};
use iced::{Center, Color, Element, Fill, Theme};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use super::Message;
use super::fold;
use super::selecting::Selection;
use crate::client::link;
use crate::theme::{Colors, size, space as gap, style};
use crate::widget::{Words, avatar, words};

/// The room at the left of the text, where avatars and signs are.
const GUTTER: f32 = 36.0;

/// What somebody says within this time after what they said before stands under it.
const TOGETHER_SECONDS: i64 = 300;

/// How the rows are to look.
pub(super) struct Look<'a> {
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
    /// The number of the line that the user does something with.
    pub(super) chosen: Option<u64>,
    /// The number of the line that was jumped to.
    pub(super) jumped: Option<u64>,
    /// What is selected.
    pub(super) selection: Option<&'a Selection>,
    /// Comings and goings that are shown each.
    pub(super) unfolded: &'a HashSet<u64>,
}

/// The rows of the lines with these numbers.
pub(super) fn rows<'a>(
    buffer: &'a Buffer,
    range: Range<u64>,
    look: &Look<'_>,
) -> Element<'a, Message> {
    let today = look.now.to_zoned(look.zone.clone()).date();
    let mut before: Option<(&Line, Date, String)> = None;
    let mut rows = Vec::new();
    let marker = buffer.marker().filter(|_| !buffer.is_excerpt());
    let shown = buffer.shown().iter();
    let lines: Vec<&Line> = shown.filter(|l| range.contains(&l.number)).collect();
    let (mut at, mut run_end) = (0, 0);
    let mut run = fold::Run::default();
    while let Some(&line) = lines.get(at) {
        let local = line.at.to_zoned(look.zone.clone());
        let date = local.date();
        if at >= run_end {
            run = fold::run(&lines[at..], look.unfolded, |line| {
                marker == Some(line.number) || line.at.to_zoned(look.zone.clone()).date() != date
            });
            run_end = at + run.count;
        }
        let folded = if run.folded && at < run_end {
            run.count
        } else {
            0
        };
        let these = &lines[at..at + folded.max(1)];
        at += these.len();
        let new_day = before.as_ref().is_none_or(|(_, day, _)| *day != date);
        let is_new = marker == Some(line.number);
        let together = before
            .as_ref()
            .is_some_and(|(last, ..)| together(last, line));
        let alone = new_day || is_new || !together || line.reply.is_some();
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        let same_minute = before.as_ref().is_some_and(|(_, _, last)| *last == clock);
        let shown = if same_minute && !alone {
            String::new()
        } else {
            clock.clone()
        };
        let tint = Tint {
            highlight: line.highlight,
            chosen: look.chosen == Some(line.number) || look.jumped == Some(line.number),
        };
        let row = match folded {
            0 => framed(line, view(line, alone, shown, look), tint),
            _ => folded_row(these, clock.clone()),
        };
        let mut parts = column![].width(Fill);
        if new_day {
            parts = parts.push(separator(day_label(date, today), |c| c.line, |c| c.muted));
        }
        if is_new {
            parts = parts.push(separator(
                "New messages".to_owned(),
                |c| c.accent,
                |c| c.accent,
            ));
        }
        rows.push((line.number, parts.push(row).into()));
        before = these.last().map(|last| (*last, date, clock));
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

fn view<'a>(line: &'a Line, alone: bool, clock: String, look: &Look<'_>) -> Framed<'a> {
    let (sign, tone): (_, fn(&Colors) -> Color) = match line.kind {
        LineKind::Message | LineKind::Notice if alone => return opening(line, clock, look),
        LineKind::Message | LineKind::Notice => return following(line, clock, look),
        LineKind::Action => return action(line, clock, look),
        LineKind::Error => ("!", |c| c.danger),
        LineKind::Invite => ("→", |c| c.accent),
        LineKind::Join => ("→", |c| c.faint),
        LineKind::Part | LineKind::Quit | LineKind::Kick => ("←", |c| c.faint),
        LineKind::Info if line.sender.is_empty() => ("·", |c| c.muted),
        _ => ("·", |c| c.faint),
    };
    event(line, clock, sign, tone, look)
}

/// What is in a row, and the room above it.
struct Framed<'a> {
    content: Element<'a, Message>,
    above: f32,
}

/// What is behind a row.
#[derive(Debug, Clone, Copy)]
struct Tint {
    /// It speaks of the user.
    highlight: bool,
    /// It was chosen, or jumped to.
    chosen: bool,
}

/// The first of what somebody says: with avatar, name and time.
fn opening<'a>(line: &'a Line, clock: String, look: &Look<'_>) -> Framed<'a> {
    let mut head = row![name(&line.sender), time(clock)]
        .spacing(gap::S)
        .align_y(iced::Bottom);
    if line.kind == LineKind::Notice {
        head = head.push(text("notice").size(size::SMALL).style(style::accent));
    }
    let words = column![head, said(line, look)].spacing(2);
    let content = row![
        container(avatar(&line.sender, GUTTER)).padding(iced::Padding::ZERO.top(3)),
        words,
    ]
    .spacing(gap::M);
    Framed {
        content: content.into(),
        above: gap::S,
    }
}

/// What somebody goes on to say.
fn following<'a>(line: &'a Line, clock: String, look: &Look<'_>) -> Framed<'a> {
    let clock = text(clock).size(size::SMALL - 1.0).style(style::faint);
    let clock = container(clock)
        .center_x(GUTTER)
        .padding(iced::Padding::ZERO.top(3));
    let content = row![clock, said(line, look)].spacing(gap::M);
    Framed {
        content: content.into(),
        above: 0.0,
    }
}

fn action<'a>(line: &'a Line, clock: String, look: &Look<'_>) -> Framed<'a> {
    let sign = text("*").size(size::TITLE).style(style::accent);
    let words = row![name(&line.sender), said(line, look), time(clock)]
        .spacing(6)
        .align_y(iced::Bottom);
    let content = row![container(sign).center_x(GUTTER), words]
        .spacing(gap::M)
        .align_y(Center);
    Framed {
        content: content.into(),
        above: gap::XS,
    }
}

/// What was said, with what it replies to above it and the signs below.
fn said<'a>(line: &'a Line, look: &Look<'_>) -> Element<'a, Message> {
    if line.withdrawn {
        let told = text("This message was withdrawn.").size(size::NOTE);
        return told.style(style::faint).into();
    }
    if line.reply.is_none() && line.reactions.is_empty() {
        return selectable(line, look).into();
    }
    let mut parts = column![].spacing(2);
    if let Some(reply) = &line.reply {
        let words = match &reply.quote {
            Some((who, words)) => format!("↪ {who}: {}", words.replace('\n', "  ")),
            None => "↪ to an earlier message".to_owned(),
        };
        let words = text(words)
            .size(size::NOTE)
            .wrapping(text::Wrapping::None)
            .style(style::muted);
        parts = parts.push(container(words).clip(true).max_width(700));
    }
    parts = parts.push(selectable(line, look));
    if !line.reactions.is_empty() {
        let signs = line
            .reactions
            .iter()
            .map(|reaction| sign(line.number, reaction));
        parts = parts.push(
            iced::widget::Row::with_children(signs)
                .spacing(gap::XS)
                .wrap(),
        );
    }
    parts.into()
}

/// A sign with how many have put it there; who they are is told when the pointer rests on it.
fn sign(number: u64, reaction: &Reaction) -> Element<'_, Message> {
    let label = match reaction.by.len() {
        1 => reaction.sign.to_string(),
        n => format!("{} {n}", reaction.sign),
    };
    let pill = button(text(label).size(size::SMALL))
        .padding([1, 8])
        .style(style::sign(reaction.own))
        .on_press(Message::Sign(number, reaction.sign.clone()));
    let names: Vec<&str> = reaction.by.iter().map(|nick| nick.as_str()).collect();
    let names = container(text(names.join(", ")).size(size::SMALL))
        .padding([4, 8])
        .max_width(320)
        .style(style::card);
    tooltip(pill, names, tooltip::Position::Top).gap(4).into()
}

/// What is not said but happened: small, and quiet.
fn event<'a>(
    line: &'a Line,
    clock: String,
    sign: &'a str,
    tone: fn(&Colors) -> Color,
    look: &Look<'_>,
) -> Framed<'a> {
    let sign = text(sign).size(size::NOTE).style(style::tone(tone));
    let words = selectable(line, look).size(size::NOTE, 1.3).tone(tone);
    // The time is in front: behind long words there may be no room for it.
    let content = row![container(sign).center_x(GUTTER), time(clock), words]
        .spacing(gap::M)
        .align_y(Center);
    Framed {
        content: content.into(),
        above: 0.0,
    }
}

/// Many comings and goings: who came and who left. Pressed, it is each of them.
fn folded_row<'a>(lines: &[&Line], clock: String) -> Element<'a, Message> {
    let sign = text("⇄").size(size::NOTE).style(style::faint);
    let told = text(fold::summary(lines))
        .size(size::NOTE)
        .wrapping(text::Wrapping::WordOrGlyph);
    let first = lines.first().map_or(0, |line| line.number);
    let told = button(told)
        .padding(0)
        .style(style::link_muted)
        .on_press(Message::Unfold(first));
    let content = row![container(sign).center_x(GUTTER), time(clock), told];
    container(content.spacing(gap::M).align_y(Center))
        .padding([2.0, gap::L])
        .width(Fill)
        .into()
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

/// What a line has in words: what was said, or what somebody did with their name before it.
pub(super) fn words_of(line: &Line) -> Cow<'_, str> {
    match line.kind {
        LineKind::Message | LineKind::Notice | LineKind::Action => Cow::Borrowed(&line.text),
        _ if line.sender.is_empty() => Cow::Borrowed(&line.text),
        _ => Cow::Owned(format!("{} {}", line.sender, line.text)),
    }
}

/// The words to be selected, links in them to be pressed.
fn selectable<'a>(line: &'a Line, look: &Look<'_>) -> Words<'a, Message> {
    let told = words_of(line);
    let number = line.number;
    let part = look.selection.and_then(|s| s.part(number, &told));
    let dragging = look.selection.is_some_and(Selection::is_dragging);
    let links = link::find(&told);
    words(told)
        .links(links, Message::OnLink, Message::Open)
        .selectable(part, dragging, move |what| Message::Selecting(number, what))
}

/// A row with its margins, and a tint where it speaks of the user. A press of the right button
/// chooses it.
fn framed<'a>(line: &Line, framed: Framed<'a>, tint: Tint) -> Element<'a, Message> {
    let padding = iced::Padding {
        top: framed.above + 1.0,
        right: gap::L,
        bottom: 2.0,
        left: gap::L,
    };
    let row = container(framed.content)
        .padding(padding)
        .width(Fill)
        .style(move |theme: &Theme| {
            let colors = Colors::of(theme);
            match tint {
                Tint { chosen: true, .. } => {
                    container::Style::default().background(colors.selected)
                }
                Tint {
                    highlight: true, ..
                } => container::Style::default().background(colors.highlight),
                _ => container::Style::default(),
            }
        });
    let number = line.number;
    mouse_area(row)
        .on_right_press(Message::Choose(number))
        .into()
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
}
