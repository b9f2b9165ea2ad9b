//! What a client says before it is a user.

use std::sync::Arc;

use chat_network::AccountId;
use smol_str::SmolStr;

/// What a client has said so far.
#[derive(Default)]
pub(crate) struct Registration {
    /// NICK, checked.
    pub(crate) nick: Option<SmolStr>,
    /// The last nick that could be one, also if it was taken.
    pub(crate) wanted: Option<SmolStr>,
    /// USER: user name and real name.
    pub(crate) user: Option<(SmolStr, SmolStr)>,
    /// PASS, as sent last.
    pub(crate) password: Option<Box<str>>,
    /// The account that the client has shown to be.
    pub(crate) account: Option<AccountId>,
    /// AWAY, of who may send it so early.
    pub(crate) away: Option<Arc<str>>,
    /// CAP LS or CAP REQ was sent, and CAP END was not.
    pub(crate) negotiating: bool,
}

impl Registration {
    /// Whether all is said that is needed.
    pub(crate) fn is_complete(&self) -> bool {
        self.nick.is_some() && self.user.is_some() && !self.negotiating
    }

    /// Whether the password is right; takes the same time wherever it differs.
    pub(crate) fn may_enter(&self, password: &str) -> bool {
        if password.is_empty() {
            return true;
        }
        let given = self.password.as_deref().unwrap_or_default().as_bytes();
        let wanted = password.as_bytes();
        let differing = given
            .iter()
            .zip(wanted)
            .fold(0, |differing, (one, other)| differing | (one ^ other));
        given.len() == wanted.len() && differing == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_must_be_the_whole_of_it() {
        let mut registration = Registration::default();
        assert!(registration.may_enter(""));
        assert!(!registration.may_enter("secret"));
        for (given, enters) in [
            ("secret", true),
            ("secre", false),
            ("secrets", false),
            ("", false),
        ] {
            registration.password = Some(given.into());
            assert_eq!(registration.may_enter("secret"), enters, "{given}");
        }
    }

    #[test]
    fn negotiation_holds_the_registration_back() {
        let mut registration = Registration {
            nick: Some("a".into()),
            user: Some(("a".into(), "A".into())),
            ..Registration::default()
        };
        assert!(registration.is_complete());
        registration.negotiating = true;
        assert!(!registration.is_complete());
    }
}
