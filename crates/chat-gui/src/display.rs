//! Whether there is a display.

use std::ffi::OsString;

/// There is no display to open a window on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDisplay;

impl std::fmt::Display for NoDisplay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start this from a \
             desktop session, or over ssh with -X",
        )
    }
}

impl std::error::Error for NoDisplay {}

/// Checks that the environment names a display that this build can draw on.
///
/// # Errors
/// [`NoDisplay`], to be told to the user instead of opening a window.
pub fn check() -> Result<(), NoDisplay> {
    check_in(|name| std::env::var_os(name))
}

fn check_in(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), NoDisplay> {
    let other_system = cfg!(any(target_os = "macos", target_os = "windows"));
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    let wayland = cfg!(feature = "wayland") && set("WAYLAND_DISPLAY");
    match other_system || wayland || set("DISPLAY") {
        true => Ok(()),
        false => Err(NoDisplay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_is_named_by_the_environment() {
        let only =
            |wanted: &'static str| move |name: &str| (name == wanted).then(|| OsString::from(":0"));
        assert_eq!(check_in(only("DISPLAY")), Ok(()));
        if cfg!(target_os = "linux") {
            assert_eq!(check_in(|_| None), Err(NoDisplay));
            assert_eq!(check_in(|_| Some(OsString::new())), Err(NoDisplay));
            let wayland = check_in(only("WAYLAND_DISPLAY"));
            assert_eq!(wayland.is_ok(), cfg!(feature = "wayland"));
        }
    }
}
