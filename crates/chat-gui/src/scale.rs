//! How large everything is drawn.

use iced::keyboard::{Key, Modifiers};

/// How large everything is drawn, in per cent of what the desktop asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "client", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "client", serde(from = "u16", into = "u16"))]
pub struct Scale(u16);

/// What a key does to the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// One step larger: Ctrl and +, or =, which is the same key on many keyboards.
    Larger,
    /// One step smaller: Ctrl and -.
    Smaller,
    /// As the desktop asks for: Ctrl and 0.
    Reset,
}

/// The steps of [`Zoom`], in per cent.
const STEPS: [u16; 12] = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300];

// === impl Scale ===

impl Scale {
    /// The scale of so many per cent, or the nearest that a window can still be used at.
    #[must_use]
    pub fn percent(percent: u16) -> Scale {
        Scale(percent.clamp(STEPS[0], STEPS[STEPS.len() - 1]))
    }

    /// The factor that lengths are drawn with.
    #[must_use]
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// The scale after a key.
    #[must_use]
    pub fn after(self, zoom: Zoom) -> Scale {
        let step = match zoom {
            Zoom::Larger => STEPS.into_iter().find(|step| *step > self.0),
            Zoom::Smaller => STEPS.into_iter().rev().find(|step| *step < self.0),
            Zoom::Reset => return Scale::default(),
        };
        step.map_or(self, Scale)
    }
}

impl Default for Scale {
    fn default() -> Scale {
        Scale(100)
    }
}

impl From<u16> for Scale {
    fn from(percent: u16) -> Scale {
        Scale::percent(percent)
    }
}

impl From<Scale> for u16 {
    fn from(scale: Scale) -> u16 {
        scale.0
    }
}

// === impl Zoom ===

impl Zoom {
    /// What a pressed key does to the scale, if anything.
    #[must_use]
    pub fn of(key: &Key, modifiers: Modifiers) -> Option<Zoom> {
        match key.as_ref() {
            _ if !modifiers.command() || modifiers.alt() => None,
            Key::Character("+" | "=") => Some(Zoom::Larger),
            Key::Character("-" | "_") => Some(Zoom::Smaller),
            Key::Character("0") => Some(Zoom::Reset),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_up_down_and_back_and_end() {
        let mut scale = Scale::default();
        for _ in 0..20 {
            scale = scale.after(Zoom::Larger);
        }
        assert_eq!(scale, Scale::percent(300));
        for _ in 0..20 {
            scale = scale.after(Zoom::Smaller);
        }
        assert_eq!(scale, Scale::percent(50));
        assert_eq!(scale.after(Zoom::Reset), Scale::default());
        // From between two steps the next one is next.
        assert_eq!(Scale(104).after(Zoom::Larger), Scale(110));
        assert_eq!(Scale(104).after(Zoom::Smaller), Scale(100));
        assert_eq!(u16::from(Scale::from(0)), 50);
        assert!((Scale::percent(150).factor() - 1.5).abs() < f32::EPSILON);
    }

    #[test]
    fn only_with_control_a_key_changes_the_scale() {
        let key = |c: &str| Key::Character(c.into());
        let control = Modifiers::COMMAND;
        assert_eq!(Zoom::of(&key("+"), control), Some(Zoom::Larger));
        assert_eq!(
            Zoom::of(&key("="), control | Modifiers::SHIFT),
            Some(Zoom::Larger)
        );
        assert_eq!(Zoom::of(&key("-"), control), Some(Zoom::Smaller));
        assert_eq!(Zoom::of(&key("0"), control), Some(Zoom::Reset));
        assert_eq!(Zoom::of(&key("0"), Modifiers::empty()), None);
        assert_eq!(Zoom::of(&key("0"), control | Modifiers::ALT), None);
    }
}
