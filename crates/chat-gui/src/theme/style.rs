//! Styles of iced's widgets, named by where they stand.

use iced::border::{self, Border};
use iced::widget::{button, checkbox, container, rule, scrollable, text, text_editor, text_input};
use iced::{Background, Color, Shadow, Theme};

use super::{Colors, RADIUS};

fn filled(color: Color) -> container::Style {
    container::Style::default().background(color)
}

/// The pane that is read.
#[must_use]
pub fn main_pane(theme: &Theme) -> container::Style {
    filled(Colors::of(theme).background)
}

/// A pane at a side.
#[must_use]
pub fn side_pane(theme: &Theme) -> container::Style {
    filled(Colors::of(theme).side)
}

/// A card: something that lies upon a pane.
#[must_use]
pub fn card(theme: &Theme) -> container::Style {
    let colors = Colors::of(theme);
    filled(colors.surface).border(border::rounded(RADIUS).width(1).color(colors.line))
}

/// A dialog: a card that floats. It has an edge and no shadow: the software renderer draws shadows
/// beyond the part that it is redrawing, and they grow darker with every frame.
#[must_use]
pub fn dialog(theme: &Theme) -> container::Style {
    let colors = Colors::of(theme);
    let edge = border::rounded(RADIUS * 1.5)
        .width(1)
        .color(colors.faint.scale_alpha(0.5));
    filled(colors.surface).border(edge)
}

/// What dims everything under a dialog.
#[must_use]
pub fn veil(_theme: &Theme) -> container::Style {
    filled(Color::BLACK.scale_alpha(0.5))
}

/// A coloured pill, such as a count.
pub fn pill(color: Color, text: Color) -> impl Fn(&Theme) -> container::Style {
    move |_theme| filled(color).color(text).border(border::rounded(99))
}

/// A field of colour with a tinted background, such as a banner.
pub fn tinted(color: Color) -> impl Fn(&Theme) -> container::Style {
    move |_theme| filled(color.scale_alpha(0.14)).border(border::rounded(RADIUS))
}

/// Behind a sentence about something that failed.
#[must_use]
pub fn tinted_danger(theme: &Theme) -> container::Style {
    tinted(Colors::of(theme).danger)(theme)
}

/// A thin line between panes.
#[must_use]
pub fn divider(theme: &Theme) -> rule::Style {
    rule::Style {
        color: Colors::of(theme).line,
        radius: border::Radius::default(),
        fill_mode: rule::FillMode::Full,
        snap: true,
    }
}

/// The button of a screen: there is one.
#[must_use]
pub fn primary(theme: &Theme, status: button::Status) -> button::Style {
    let colors = Colors::of(theme);
    let (background, text) = match status {
        button::Status::Active => (colors.accent, colors.on_accent),
        button::Status::Hovered => (lighter(colors.accent, 0.08), colors.on_accent),
        button::Status::Pressed => (lighter(colors.accent, -0.08), colors.on_accent),
        button::Status::Disabled => (colors.selected, colors.faint),
    };
    plain(Some(background), text)
}

/// Any other button.
#[must_use]
pub fn secondary(theme: &Theme, status: button::Status) -> button::Style {
    let colors = Colors::of(theme);
    let background = match status {
        button::Status::Hovered | button::Status::Pressed => colors.selected,
        button::Status::Active | button::Status::Disabled => colors.surface,
    };
    let text = match status {
        button::Status::Disabled => colors.faint,
        _ => colors.text,
    };
    let mut style = plain(Some(background), text);
    style.border = style.border.width(1).color(colors.line);
    style
}

/// A button that is only a word or a sign.
#[must_use]
pub fn quiet(theme: &Theme, status: button::Status) -> button::Style {
    let colors = Colors::of(theme);
    match status {
        button::Status::Hovered => plain(Some(colors.selected), colors.text),
        button::Status::Pressed => plain(Some(colors.hover), colors.text),
        button::Status::Active => plain(None, colors.muted),
        button::Status::Disabled => plain(None, colors.faint),
    }
}

/// A button that looks like a word in the text.
#[must_use]
pub fn link(theme: &Theme, status: button::Status) -> button::Style {
    let colors = Colors::of(theme);
    let color = match status {
        button::Status::Hovered | button::Status::Pressed => colors.text,
        _ => colors.accent,
    };
    plain(None, color)
}

/// A button that looks like text beside the main thing.
#[must_use]
pub fn link_muted(theme: &Theme, status: button::Status) -> button::Style {
    let colors = Colors::of(theme);
    match status {
        button::Status::Hovered | button::Status::Pressed => plain(None, colors.text),
        _ => plain(None, colors.muted),
    }
}

/// A button that floats upon what is read.
#[must_use]
pub fn floating(theme: &Theme, status: button::Status) -> button::Style {
    let mut style = primary(theme, status);
    style.border = border::rounded(99);
    style
}

/// A sign below a message; `own` is one that the user has put there.
pub fn sign(own: bool) -> impl Fn(&Theme, button::Status) -> button::Style {
    move |theme, status| {
        let colors = Colors::of(theme);
        let background = match status {
            button::Status::Hovered | button::Status::Pressed => colors.selected,
            _ => colors.surface,
        };
        let edge = if own { colors.accent } else { colors.line };
        let mut style = plain(Some(background), colors.text);
        style.border = border::rounded(99).width(1).color(edge);
        style
    }
}

/// A row of a list; `selected` is the one that is shown.
pub fn list_row(selected: bool) -> impl Fn(&Theme, button::Status) -> button::Style {
    move |theme, status| {
        let colors = Colors::of(theme);
        let background = match (selected, status) {
            (true, _) => Some(colors.selected),
            (false, button::Status::Hovered | button::Status::Pressed) => Some(colors.hover),
            (false, _) => None,
        };
        plain(background, colors.text)
    }
}

fn plain(background: Option<Color>, text: Color) -> button::Style {
    button::Style {
        background: background.map(Background::Color),
        text_color: text,
        border: border::rounded(RADIUS - 2.0),
        shadow: Shadow::default(),
        snap: true,
    }
}

fn lighter(color: Color, by: f32) -> Color {
    let change = |part: f32| (part + by).clamp(0.0, 1.0);
    Color {
        r: change(color.r),
        g: change(color.g),
        b: change(color.b),
        a: color.a,
    }
}

/// A box to check.
#[must_use]
pub fn check(theme: &Theme, status: checkbox::Status) -> checkbox::Style {
    let colors = Colors::of(theme);
    let (checkbox::Status::Active { is_checked }
    | checkbox::Status::Hovered { is_checked }
    | checkbox::Status::Disabled { is_checked }) = status;
    let (background, edge) = match is_checked {
        true => (colors.accent, colors.accent),
        false => (colors.background, colors.faint),
    };
    checkbox::Style {
        background: Background::Color(background),
        icon_color: colors.on_accent,
        border: border::rounded(4).width(1).color(edge),
        text_color: Some(colors.text),
    }
}

/// A field to type into.
#[must_use]
pub fn field(theme: &Theme, status: text_input::Status) -> text_input::Style {
    let colors = Colors::of(theme);
    let edge = match status {
        text_input::Status::Focused { .. } => colors.accent,
        text_input::Status::Hovered => colors.faint,
        _ => colors.line,
    };
    field_with(colors, border::rounded(RADIUS).width(1).color(edge))
}

/// A field to type into that lies upon a card.
#[must_use]
pub fn field_on_card(theme: &Theme, status: text_input::Status) -> text_input::Style {
    text_input::Style {
        background: Background::Color(Colors::of(theme).background),
        ..field(theme, status)
    }
}

/// Where one writes several lines, inside a card.
#[must_use]
pub fn editor(theme: &Theme, _status: text_editor::Status) -> text_editor::Style {
    let field = field_with(Colors::of(theme), Border::default());
    text_editor::Style {
        background: Background::Color(Color::TRANSPARENT),
        border: field.border,
        placeholder: field.placeholder,
        value: field.value,
        selection: field.selection,
    }
}

fn field_with(colors: &Colors, border: Border) -> text_input::Style {
    text_input::Style {
        background: Background::Color(colors.surface),
        border,
        icon: colors.muted,
        placeholder: colors.faint,
        value: colors.text,
        selection: colors.accent.scale_alpha(0.35),
    }
}

/// The place of a thin scrollbar; [`scroll`] is its style.
#[must_use]
pub fn thin_bar() -> scrollable::Direction {
    let bar = scrollable::Scrollbar::new()
        .width(6)
        .scroller_width(6)
        .margin(3);
    scrollable::Direction::Vertical(bar)
}

/// A scrollbar that stands back until it is used.
#[must_use]
pub fn scroll(theme: &Theme, status: scrollable::Status) -> scrollable::Style {
    let colors = Colors::of(theme);
    let active = match status {
        scrollable::Status::Dragged { .. } => true,
        scrollable::Status::Hovered {
            is_vertical_scrollbar_hovered,
            ..
        } => is_vertical_scrollbar_hovered,
        scrollable::Status::Active { .. } => false,
    };
    let mut style = scrollable::default(theme, status);
    style.container = container::Style::default();
    style.gap = None;
    for rail in [&mut style.vertical_rail, &mut style.horizontal_rail] {
        rail.background = None;
        rail.border = Border::default();
        let color = if active {
            colors.faint
        } else {
            colors.selected
        };
        rail.scroller.background = Background::Color(color);
        rail.scroller.border = border::rounded(4);
    }
    style
}

/// Text in a colour of the theme, chosen when it is drawn.
pub fn tone(pick: fn(&Colors) -> Color) -> impl Fn(&Theme) -> text::Style {
    move |theme| text::Style {
        color: Some(pick(Colors::of(theme))),
    }
}

/// Text in the main colour.
#[must_use]
pub fn normal(theme: &Theme) -> text::Style {
    tone(|colors| colors.text)(theme)
}

/// Text beside the main thing.
#[must_use]
pub fn muted(theme: &Theme) -> text::Style {
    tone(|colors| colors.muted)(theme)
}

/// Text that need not be read.
#[must_use]
pub fn faint(theme: &Theme) -> text::Style {
    tone(|colors| colors.faint)(theme)
}

/// Text in the colour of what can be pressed.
#[must_use]
pub fn accent(theme: &Theme) -> text::Style {
    tone(|colors| colors.accent)(theme)
}

/// Text about something that is not as it should be.
#[must_use]
pub fn warning(theme: &Theme) -> text::Style {
    tone(|colors| colors.warning)(theme)
}
