//! SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding: both ends.
//!
//! The server's end: [`ClientFirst::parse`], then [`ClientFirst::challenge`] with the keys of the
//! account, then [`Challenge::finish`]. The client's end: [`Client`], then [`Proof`].

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::sasl::{base64, prepare, same};

/// The name of the mechanism.
pub const NAME: &str = "SCRAM-SHA-256";
/// A client refuses to work harder than this for a server.
const MOST_ITERATIONS: u32 = 1_000_000;
/// The fewest that RFC 7677 allows.
const FEWEST_ITERATIONS: u32 = 4096;

type Key = [u8; 32];

/// Why an exchange fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ScramError {
    /// A message is not what SCRAM has there.
    #[error("not a message of SCRAM-SHA-256")]
    Malformed,
    /// The client wants channel binding, which is not there.
    #[error("channel binding is not supported")]
    ChannelBinding,
    /// The other end does not know the password.
    #[error("the proof is wrong")]
    WrongProof,
}

/// What is kept of a password: enough to check a proof, too little to make one.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    iterations: u32,
    salt: Vec<u8>,
    stored: Key,
    server: Key,
}

impl Keys {
    /// The keys of a password.
    #[must_use]
    pub fn derive(password: &str, salt: &[u8], iterations: u32) -> Self {
        let salted = salted(password, salt, iterations);
        Self {
            iterations,
            salt: salt.to_vec(),
            stored: Sha256::digest(hmac(&salted, b"Client Key")).into(),
            server: hmac(&salted, b"Server Key"),
        }
    }
}

/// As RFC 5803 writes them: `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`.
impl fmt::Display for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{NAME}${}:{}${}:{}",
            self.iterations,
            base64::encode(&self.salt),
            base64::encode(&self.stored),
            base64::encode(&self.server)
        )
    }
}

impl FromStr for Keys {
    type Err = ScramError;

    fn from_str(text: &str) -> Result<Self, ScramError> {
        let parse = || {
            let (parameters, keys) = text
                .strip_prefix(NAME)?
                .strip_prefix('$')?
                .split_once('$')?;
            let (iterations, salt) = parameters.split_once(':')?;
            let (stored, server) = keys.split_once(':')?;
            Some(Self {
                iterations: iterations.parse().ok()?,
                salt: base64::decode(salt)?,
                stored: base64::decode(stored)?.try_into().ok()?,
                server: base64::decode(server)?.try_into().ok()?,
            })
        };
        parse().ok_or(ScramError::Malformed)
    }
}

/// Keys are secrets.
impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(..)")
    }
}

/// The first message of a client: who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientFirst {
    /// As whom to act; empty: as who logs in.
    pub authzid: String,
    /// Who logs in.
    pub username: String,
    /// `n,a=…,` in base64, as the client's last message must repeat it.
    binding: String,
    nonce: String,
    bare: String,
}

impl ClientFirst {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// It is not such a message, has no name, or wants channel binding or an extension.
    pub fn parse(message: &[u8]) -> Result<Self, ScramError> {
        let text = std::str::from_utf8(message).map_err(|_| ScramError::Malformed)?;
        if text.starts_with("p=") {
            return Err(ScramError::ChannelBinding);
        }
        let parse = || {
            let (flag, rest) = text.split_once(',')?;
            let (authzid, bare) = rest.split_once(',')?;
            let header = &text[..text.len() - bare.len()];
            let authzid = match authzid {
                "" => String::new(),
                given => unescape(given.strip_prefix("a=")?)?,
            };
            let mut fields = bare.split(',');
            let username = unescape(fields.next()?.strip_prefix("n=")?)?;
            let nonce = fields.next()?.strip_prefix("r=")?;
            let sound = matches!(flag, "n" | "y") && !username.is_empty() && is_nonce(nonce);
            sound.then(|| Self {
                authzid,
                username,
                binding: base64::encode(header.as_bytes()),
                nonce: nonce.to_owned(),
                bare: bare.to_owned(),
            })
        };
        parse().ok_or(ScramError::Malformed)
    }

    /// The server's first message, and what is to be remembered until the answer. `nonce` is fresh,
    /// random and printable.
    #[must_use]
    pub fn challenge(self, keys: Keys, nonce: &str) -> (String, Challenge) {
        let nonce = format!("{}{nonce}", self.nonce);
        let message = format!(
            "r={nonce},s={},i={}",
            base64::encode(&keys.salt),
            keys.iterations
        );
        let challenge = Challenge {
            so_far: format!("{},{message}", self.bare),
            start: format!("c={},r={nonce}", self.binding),
            keys,
        };
        (message, challenge)
    }
}

/// A server's end that waits for the proof.
#[derive(Debug)]
pub struct Challenge {
    keys: Keys,
    so_far: String,
    start: String,
}

impl Challenge {
    /// Checks the client's last message; gives the server's, which proves that it knew the keys.
    ///
    /// # Errors
    ///
    /// It is not such a message, or the proof is wrong.
    pub fn finish(self, message: &[u8]) -> Result<String, ScramError> {
        let text = std::str::from_utf8(message).map_err(|_| ScramError::Malformed)?;
        let (start, proof) = text.rsplit_once(",p=").ok_or(ScramError::Malformed)?;
        // Extensions after the nonce would be allowed, but nobody may demand to have them known.
        let begins = start.strip_prefix(&self.start);
        if !begins.is_some_and(|rest| rest.is_empty() || rest.starts_with(',')) {
            return Err(ScramError::Malformed);
        }
        let proof: Key = base64::decode(proof)
            .and_then(|proof| proof.try_into().ok())
            .ok_or(ScramError::Malformed)?;
        let authenticated = format!("{},{start}", self.so_far);
        let signature = hmac(&self.keys.stored, authenticated.as_bytes());
        let client_key = xor(&proof, &signature);
        if !same(&Sha256::digest(client_key), &self.keys.stored) {
            return Err(ScramError::WrongProof);
        }
        let verifier = hmac(&self.keys.server, authenticated.as_bytes());
        Ok(format!("v={}", base64::encode(&verifier)))
    }
}

/// A client's end that waits for the challenge.
pub struct Client {
    password: String,
    nonce: String,
    bare: String,
}

impl Client {
    /// Begins; `nonce` is fresh, random and printable. Gives the first message too.
    #[must_use]
    pub fn new(username: &str, password: &str, nonce: &str) -> (String, Self) {
        let name = prepare(username).replace('=', "=3D").replace(',', "=2C");
        let bare = format!("n={name},r={nonce}");
        let client = Self {
            password: password.to_owned(),
            nonce: nonce.to_owned(),
            bare: bare.clone(),
        };
        (format!("n,,{bare}"), client)
    }

    /// The answer to the server's first message, and what its last one must prove.
    ///
    /// # Errors
    ///
    /// It is not such a message, not an answer to this client, or wants too little or too much work.
    pub fn answer(self, message: &[u8]) -> Result<(String, Proof), ScramError> {
        let text = std::str::from_utf8(message).map_err(|_| ScramError::Malformed)?;
        let parse = || {
            let mut fields = text.split(',');
            let nonce = fields.next()?.strip_prefix("r=")?;
            let salt = base64::decode(fields.next()?.strip_prefix("s=")?)?;
            let iterations: u32 = fields.next()?.strip_prefix("i=")?.parse().ok()?;
            let sound = nonce.len() > self.nonce.len()
                && nonce.starts_with(&self.nonce)
                && (FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations);
            sound.then_some((nonce, salt, iterations))
        };
        let (nonce, salt, iterations) = parse().ok_or(ScramError::Malformed)?;
        let salted = salted(&self.password, &salt, iterations);
        let start = format!("c=biws,r={nonce}");
        let authenticated = format!("{},{text},{start}", self.bare);
        let client_key = hmac(&salted, b"Client Key");
        let stored: Key = Sha256::digest(client_key).into();
        let signature = hmac(&stored, authenticated.as_bytes());
        let proof = base64::encode(&xor(&client_key, &signature));
        let server_key = hmac(&salted, b"Server Key");
        let expected = hmac(&server_key, authenticated.as_bytes());
        Ok((format!("{start},p={proof}"), Proof(expected)))
    }
}

/// The password is never shown.
impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Client(..)")
    }
}

/// What a server that knows the keys would say at the end.
#[derive(Debug)]
pub struct Proof(Key);

impl Proof {
    /// Checks the server's last message.
    ///
    /// # Errors
    ///
    /// The server refuses, or does not know the keys.
    pub fn check(&self, message: &[u8]) -> Result<(), ScramError> {
        let verifier = message.strip_prefix(b"v=").and_then(|verifier| {
            let verifier = verifier.split(|byte| *byte == b',').next()?;
            base64::decode(std::str::from_utf8(verifier).ok()?)
        });
        let verifier = verifier.ok_or(ScramError::Malformed)?;
        if same(&verifier, &self.0) {
            Ok(())
        } else {
            Err(ScramError::WrongProof)
        }
    }
}

fn salted(password: &str, salt: &[u8], iterations: u32) -> Key {
    pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(prepare(password).as_bytes(), salt, iterations)
}

fn hmac(key: &[u8], message: &[u8]) -> Key {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of HMAC has any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn xor(one: &Key, other: &Key) -> Key {
    std::array::from_fn(|at| one[at] ^ other[at])
}

/// A name as SCRAM writes it, with `=2C` and `=3D`.
fn unescape(text: &str) -> Option<String> {
    let mut parts = text.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        if let Some(rest) = part.strip_prefix("2C") {
            name.push(',');
            name.push_str(rest);
        } else {
            name.push('=');
            name.push_str(part.strip_prefix("3D")?);
        }
    }
    (!name.contains('\0')).then_some(name)
}

/// Printable ASCII without a comma.
fn is_nonce(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',')
}
