//! PLAIN (RFC 4616): a name and a password as they are.

use std::fmt;

/// What a PLAIN response says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Plain<'a> {
    /// As whom to act; empty: as who logs in.
    pub authzid: &'a str,
    /// Who logs in.
    pub authcid: &'a str,
    /// The password.
    pub password: &'a str,
}

impl<'a> Plain<'a> {
    /// Reads a response: two NUL, UTF-8, and neither name nor password empty.
    ///
    /// ```
    /// use chat_proto::sasl::Plain;
    /// let plain = Plain::parse(b"\0jilles\0sesame").expect("is whole");
    /// assert_eq!((plain.authcid, plain.password), ("jilles", "sesame"));
    /// assert!(Plain::parse(b"\0\0sesame").is_none());
    /// ```
    #[must_use]
    pub fn parse(response: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(response).ok()?;
        let mut parts = text.split('\0');
        let (authzid, authcid, password) = (parts.next()?, parts.next()?, parts.next()?);
        let whole = parts.next().is_none() && !authcid.is_empty() && !password.is_empty();
        whole.then_some(Self {
            authzid,
            authcid,
            password,
        })
    }

    /// The response that says it.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        [self.authzid, self.authcid, self.password]
            .join("\0")
            .into_bytes()
    }
}

/// The password is never shown.
impl fmt::Debug for Plain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Plain")
            .field("authzid", &self.authzid)
            .field("authcid", &self.authcid)
            .finish_non_exhaustive()
    }
}
