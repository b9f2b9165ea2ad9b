//! Colours, sizes and styles of both windows.
//!
//! [`theme`] makes the iced theme of a [`Mode`]; the styles below find the colours again with
//! [`Colors::of`], so that a view never names a colour by its value.

pub mod style;

use iced::{Color, Font, Theme, color};

/// Dark or light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "client", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "client", serde(rename_all = "lowercase"))]
pub enum Mode {
    /// Light text on dark.
    #[default]
    Dark,
    /// Dark text on light.
    Light,
}

/// The font that is part of the program.
pub const FONT: Font = Font::with_name("Fira Sans");

/// Sizes of text, in logical pixels.
pub mod size {
    /// Times, counts, section heads.
    pub const SMALL: f32 = 12.0;
    /// What is beside the main thing.
    pub const NOTE: f32 = 13.0;
    /// Messages and names.
    pub const BODY: f32 = 14.5;
    /// Heads of panes.
    pub const TITLE: f32 = 17.0;
    /// The one big word of a screen.
    pub const HERO: f32 = 28.0;
}

/// Distances, in logical pixels.
pub mod space {
    /// Between things that are one.
    pub const XS: f32 = 4.0;
    /// Between parts of one thing.
    pub const S: f32 = 8.0;
    /// Between things.
    pub const M: f32 = 12.0;
    /// Around panes.
    pub const L: f32 = 18.0;
    /// Around what stands alone.
    pub const XL: f32 = 28.0;
}

/// How round corners are, in logical pixels.
pub const RADIUS: f32 = 8.0;

/// The colours of a mode, by what they are for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colors {
    /// Behind everything, and behind what is read.
    pub background: Color,
    /// Behind the panes at the sides.
    pub side: Color,
    /// Behind fields, cards and dialogs.
    pub surface: Color,
    /// Behind what the pointer is over.
    pub hover: Color,
    /// Behind what is chosen.
    pub selected: Color,
    /// Thin lines between panes.
    pub line: Color,
    /// What is read.
    pub text: Color,
    /// What is beside it.
    pub muted: Color,
    /// What need not be read: times, joins and parts.
    pub faint: Color,
    /// What can be pressed, and what is chosen.
    pub accent: Color,
    /// Text upon the accent, and upon avatars.
    pub on_accent: Color,
    /// Behind a message that speaks of the user.
    pub highlight: Color,
    /// All is well.
    pub success: Color,
    /// Something is not as it should be, and mends itself.
    pub warning: Color,
    /// Something failed.
    pub danger: Color,
    /// Stars that are given.
    pub star: Color,
    /// Text and avatars of people; one is chosen by name.
    pub names: [Color; 12],
}

const DARK: Colors = Colors {
    background: color!(0x16181d),
    side: color!(0x111317),
    surface: color!(0x20232a),
    hover: color!(0x1d2026),
    selected: color!(0x272b35),
    line: color!(0x262a32),
    text: color!(0xe4e6eb),
    muted: color!(0x9aa1ae),
    faint: color!(0x6a7280),
    accent: color!(0x6c8cff),
    on_accent: color!(0x0e1016),
    highlight: color!(0x2a2718),
    success: color!(0x4ec98a),
    warning: color!(0xe5b454),
    danger: color!(0xf0706a),
    star: color!(0xf5c451),
    names: [
        color!(0xf28b82),
        color!(0xf4a261),
        color!(0xe3c567),
        color!(0xa9d46f),
        color!(0x63d29b),
        color!(0x58cfd0),
        color!(0x62b5f5),
        color!(0x8ea6ff),
        color!(0xb79bff),
        color!(0xd994f0),
        color!(0xf28fc3),
        color!(0xc9b29b),
    ],
};

const LIGHT: Colors = Colors {
    background: color!(0xffffff),
    side: color!(0xf4f5f8),
    surface: color!(0xf1f3f7),
    hover: color!(0xe9ecf2),
    selected: color!(0xdfe5f5),
    line: color!(0xe0e3ea),
    text: color!(0x1d2129),
    muted: color!(0x5b6472),
    faint: color!(0x8a93a1),
    accent: color!(0x3d5fe0),
    on_accent: color!(0xffffff),
    highlight: color!(0xfff6d9),
    success: color!(0x1f9d61),
    warning: color!(0xb97d0a),
    danger: color!(0xd13c3c),
    star: color!(0xe0a30c),
    names: [
        color!(0xc5392f),
        color!(0xb85c00),
        color!(0x8a6d00),
        color!(0x4d7c0f),
        color!(0x0f7f52),
        color!(0x0b7c84),
        color!(0x1769b0),
        color!(0x3f56c9),
        color!(0x6b41c5),
        color!(0x9333a8),
        color!(0xb32a75),
        color!(0x75573a),
    ],
};

/// The iced theme of a mode.
#[must_use]
pub fn theme(mode: Mode) -> Theme {
    let (name, colors) = match mode {
        Mode::Dark => ("Chat dark", &DARK),
        Mode::Light => ("Chat light", &LIGHT),
    };
    let palette = iced::theme::Palette {
        background: colors.background,
        text: colors.text,
        primary: colors.accent,
        success: colors.success,
        warning: colors.warning,
        danger: colors.danger,
    };
    Theme::custom(name, palette)
}

// === impl Mode ===

impl Mode {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Mode {
        match self {
            Mode::Dark => Mode::Light,
            Mode::Light => Mode::Dark,
        }
    }
}

// === impl Colors ===

impl Colors {
    /// The colours that belong to a theme made by [`theme`].
    #[must_use]
    pub fn of(theme: &Theme) -> &'static Colors {
        match theme.extended_palette().is_dark {
            true => &DARK,
            false => &LIGHT,
        }
    }

    /// The colour of a person: the same for the same name everywhere, whatever its case.
    #[must_use]
    pub fn name(&self, nick: &str) -> Color {
        // FNV-1a: small, and stable between versions of the program.
        let step = |hash: u32, byte: u8| {
            (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(16_777_619)
        };
        let hash = nick.trim_end_matches('_').bytes().fold(2_166_136_261, step);
        self.names[(hash ^ (hash >> 16)) as usize % self.names.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_leads_back_to_its_colours() {
        assert_eq!(Colors::of(&theme(Mode::Dark)), &DARK);
        assert_eq!(Colors::of(&theme(Mode::Light)), &LIGHT);
        assert_eq!(Mode::Dark.other().other(), Mode::Dark);
    }

    #[test]
    fn names_keep_their_colour_and_spread_over_all() {
        assert_eq!(DARK.name("Ana"), DARK.name("ana"));
        assert_eq!(DARK.name("ana"), DARK.name("ana_"));
        let many = (0..500).map(|n| DARK.name(&format!("user{n}")));
        let mut counts = [0; 12];
        for color in many {
            let at = DARK.names.iter().position(|c| *c == color).unwrap();
            counts[at] += 1;
        }
        assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
    }

    #[test]
    fn text_can_be_read_on_its_background() {
        let luminance = |c: Color| {
            let [r, g, b, _] = c.into_linear();
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let contrast = |one: Color, other: Color| {
            let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
            one.max(other) / one.min(other)
        };
        for colors in [&DARK, &LIGHT] {
            assert!(contrast(colors.text, colors.background) > 12.0);
            assert!(contrast(colors.muted, colors.side) > 4.5);
            assert!(contrast(colors.faint, colors.background) > 3.0);
            assert!(contrast(colors.on_accent, colors.accent) > 4.5);
            for name in colors.names {
                assert!(contrast(name, colors.background) > 4.5, "{name:?}");
            }
        }
    }
}
