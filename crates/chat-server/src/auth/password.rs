//! What may be a password.

use thiserror::Error;

/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 3;
/// The most bytes of a password: it must fit into a line to NickServ.
pub const PASSWORD_MAX: usize = 300;

/// Why a password is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PasswordError {
    /// It is too easy to guess.
    #[error("A password has at least {PASSWORD_MIN} characters and is not the name of the account")]
    Weak,
    /// It cannot be a password.
    #[error("A password has at most {PASSWORD_MAX} bytes, and no space or control character")]
    Unacceptable,
}

/// Whether a password may be that of an account.
///
/// # Errors
///
/// Why not.
pub fn check_password(account: &str, password: &str) -> Result<(), PasswordError> {
    if password.len() > PASSWORD_MAX
        || password == "*"
        || password.chars().any(|c| c.is_control() || c == ' ')
    {
        Err(PasswordError::Unacceptable)
    } else if password.chars().count() < PASSWORD_MIN || password.eq_ignore_ascii_case(account) {
        Err(PasswordError::Weak)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_held_to_its_bounds() {
        for good in ["sesame", "éèàü", &"x".repeat(300)] {
            assert_eq!(check_password("ann", good), Ok(()), "{good}");
        }
        for weak in ["", "ab", "anna", "ANNA"] {
            assert_eq!(
                check_password("anna", weak),
                Err(PasswordError::Weak),
                "{weak}"
            );
        }
        for bad in ["*", "two words", "a\tbcd", "a\0bcd", &"x".repeat(301)] {
            let refused = Err(PasswordError::Unacceptable);
            assert_eq!(check_password("ann", bad), refused, "{bad}");
        }
    }
}
