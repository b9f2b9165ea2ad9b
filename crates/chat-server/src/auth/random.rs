//! What nobody can guess.

use chat_proto::sasl::base64;

/// Fresh random bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// A nonce of SCRAM: printable, without a comma, 144 bits.
pub(crate) fn nonce() -> String {
    base64::encode(&bytes::<18>())
}

/// A code that a person can copy: 26 digits of base 32, 130 bits.
pub(crate) fn code() -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    bytes::<26>()
        .iter()
        .map(|byte| char::from(DIGITS[usize::from(byte & 31)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same() {
        assert_ne!(nonce(), nonce());
        assert_ne!(code(), code());
        assert_eq!(code().len(), 26);
        assert!(!nonce().contains(','));
    }
}
