//! What names a certificate.

use std::fmt;
use std::str::FromStr;

/// The SHA-256 of a certificate in its DER form; shown as 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

/// A text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits (the SHA-256 of the certificate)")]
pub struct NotAFingerprint;

impl Fingerprint {
    /// The fingerprint of a certificate in DER form.
    #[must_use]
    pub fn of(der: &[u8]) -> Fingerprint {
        let digest = ring::digest::digest(&ring::digest::SHA256, der);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Fingerprint(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Colons between the bytes, as other programs show them, are left out.
    fn from_str(text: &str) -> Result<Fingerprint, NotAFingerprint> {
        let digits = text.bytes().filter(|byte| *byte != b':');
        let mut bytes = [0; 32];
        let mut count = 0;
        for digit in digits {
            let value = char::from(digit).to_digit(16).ok_or(NotAFingerprint)?;
            let byte = bytes.get_mut(count / 2).ok_or(NotAFingerprint)?;
            *byte = *byte << 4 | u8::try_from(value).map_err(|_| NotAFingerprint)?;
            count += 1;
        }
        if count == 64 {
            Ok(Fingerprint(bytes))
        } else {
            Err(NotAFingerprint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_and_read() {
        let empty = Fingerprint::of(b"");
        let shown = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty.to_string(), shown);
        assert_eq!(shown.parse(), Ok(empty));
        let with_colons: Vec<_> = shown
            .as_bytes()
            .chunks(2)
            .map(String::from_utf8_lossy)
            .collect();
        assert_eq!(with_colons.join(":").to_uppercase().parse(), Ok(empty));
        for wrong in [
            "",
            &shown[1..],
            &format!("{shown}0"),
            &shown.replace('e', "g"),
        ] {
            assert_eq!(
                wrong.parse::<Fingerprint>(),
                Err(NotAFingerprint),
                "{wrong}"
            );
        }
    }
}
