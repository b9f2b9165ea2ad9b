//! A response in its pieces, one `AUTHENTICATE` line each.

use std::fmt;

use thiserror::Error;

use crate::sasl::base64;

/// The longest piece; a piece of this length says that another one follows.
pub const PIECE: usize = 400;
/// The most base64 that one response may have in all its pieces.
pub const RESPONSE: usize = 4 * PIECE;

/// Why a response cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum SaslError {
    /// A piece has more than [`PIECE`] bytes.
    #[error("a piece is longer than {PIECE} bytes")]
    PieceTooLong,
    /// All pieces together have more than [`RESPONSE`] bytes.
    #[error("a response is longer than {RESPONSE} bytes")]
    ResponseTooLong,
    /// It is not base64.
    #[error("a response is not base64")]
    NotBase64,
}

/// Puts the pieces of a response together.
#[derive(Default)]
pub struct Collector(String);

impl Collector {
    /// Takes the next piece; `Some` is the whole response. After an error, or a whole response, the
    /// next piece begins a new one.
    ///
    /// # Errors
    ///
    /// The piece or the response is too long, or it is not base64.
    ///
    /// ```
    /// use chat_proto::sasl::Collector;
    /// let mut collector = Collector::default();
    /// assert_eq!(collector.push("+"), Ok(Some(Vec::new())));
    /// assert_eq!(collector.push("AGE="), Ok(Some(b"\0a".to_vec())));
    /// ```
    pub fn push(&mut self, piece: &str) -> Result<Option<Vec<u8>>, SaslError> {
        let result = self.take(piece);
        if !matches!(result, Ok(None)) {
            self.0.clear();
        }
        result
    }

    fn take(&mut self, piece: &str) -> Result<Option<Vec<u8>>, SaslError> {
        if piece.len() > PIECE {
            return Err(SaslError::PieceTooLong);
        }
        if piece != "+" {
            if self.0.len() + piece.len() > RESPONSE {
                return Err(SaslError::ResponseTooLong);
            }
            self.0.push_str(piece);
            if piece.len() == PIECE {
                return Ok(None);
            }
        }
        base64::decode(&self.0)
            .map(Some)
            .ok_or(SaslError::NotBase64)
    }
}

/// What is in it may be a password.
impl fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Collector({} bytes)", self.0.len())
    }
}

/// The parameters of the `AUTHENTICATE` lines that carry a response.
///
/// ```
/// assert_eq!(chat_proto::sasl::pieces(b""), ["+"]);
/// assert_eq!(chat_proto::sasl::pieces(b"\0a"), ["AGE="]);
/// ```
#[must_use]
pub fn pieces(response: &[u8]) -> Vec<String> {
    // 300 bytes are 400 digits.
    let mut pieces: Vec<String> = response.chunks(PIECE / 4 * 3).map(base64::encode).collect();
    if pieces.last().is_none_or(|last| last.len() == PIECE) {
        pieces.push("+".to_owned());
    }
    pieces
}
