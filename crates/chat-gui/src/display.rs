//! Whether there is a display.

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;

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

/// The window could not be opened, or broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(String);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hint = "does the display answer, and are the X11 libraries installed?";
        write!(f, "{} ({hint} RUST_BACKTRACE=1 shows more)", self.0)
    }
}

impl std::error::Error for Broken {}

/// Checks that the environment names a display that this build can draw on.
///
/// # Errors
/// [`NoDisplay`], to be told to the user instead of opening a window.
pub fn check() -> Result<(), NoDisplay> {
    check_in(|name| std::env::var_os(name))
}

/// Runs a window, and makes an error of a panic in it: the library panics where the display named
/// does not answer, or where a library of the desktop is missing.
///
/// # Errors
/// [`Broken`] with what the panic said.
pub fn guarded<T>(window: impl FnOnce() -> T) -> Result<T, Broken> {
    let here = thread::current().id();
    let usual = Arc::new(panic::take_hook());
    let quiet = Arc::clone(&usual);
    let details = std::env::var_os("RUST_BACKTRACE").is_some();
    panic::set_hook(Box::new(move |info| {
        // What happens on this thread is told below, unless somebody looks for the cause.
        if details || thread::current().id() != here {
            quiet(info);
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(window));
    panic::set_hook(Box::new(move |info| usual(info)));
    result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let fixed = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        Broken(text.or(fixed).unwrap_or_default())
    })
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
    fn a_panic_becomes_an_error_and_a_value_stays_one() {
        assert_eq!(guarded(|| 7), Ok(7));
        let number = 3;
        let broken = guarded(|| panic!("no display {number}")).unwrap_err();
        assert!(broken.to_string().starts_with("no display 3"));
        let broken = guarded(|| panic!("fixed")).unwrap_err();
        assert!(broken.to_string().starts_with("fixed"));
    }

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
