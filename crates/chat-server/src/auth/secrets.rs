//! What is kept of a person's secrets, as one text: neither the password nor a way back to it.
//!
//! The text is a list of words. `$argon2id$v=19$m=…,t=…,p=…$salt$hash` is for a password as it is
//! (PLAIN, NickServ), `SCRAM-SHA-256$…` (RFC 5803) for SCRAM; the two are made together, because
//! neither can be made from the other. `code:…` is the SHA-256 of the code that verifies a
//! new account.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use chat_proto::sasl::scram::{self, Keys};
use chat_proto::sasl::{base64, prepare, same};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::auth::random;

/// KiB and passes of argon2id: 19 MiB, 2 passes, about 32 ms of one core. (A fuzz target has no time
/// for that.)
const MEMORY: u32 = if cfg!(fuzzing) { 64 } else { 19 * 1024 };
const PASSES: u32 = 2;
/// Rounds of SCRAM-SHA-256, about 2 ms.
const ROUNDS: u32 = if cfg!(fuzzing) { 4096 } else { 15_000 };
const ARGON2: &str = "$argon2id$v=19$";
const CODE: &str = "code:";

/// A text that is not what [`Secrets`] are written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("the secrets of an account are damaged")]
pub struct NotSecrets;

/// What is kept of a person's secrets.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secrets {
    password: Option<Password>,
    code: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
struct Password {
    hash: Hash,
    scram: Keys,
}

#[derive(Clone, PartialEq, Eq)]
struct Hash {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Secrets {
    /// The secrets of an account with this password. Takes its time, on purpose.
    #[must_use]
    pub fn of_password(password: &str) -> Self {
        let mut secrets = Self::default();
        secrets.set_password(password);
        secrets
    }

    /// From what [`to_network`](Self::to_network) gave.
    ///
    /// # Errors
    ///
    /// The bytes are not that.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotSecrets> {
        std::str::from_utf8(bytes).map_err(|_| NotSecrets)?.parse()
    }

    /// As the network takes them.
    #[must_use]
    pub fn to_network(&self) -> chat_network::Secrets {
        chat_network::Secrets::new(self.to_string().as_bytes())
    }

    /// The password is another. Takes its time, on purpose.
    pub fn set_password(&mut self, password: &str) {
        self.password = Some(Password {
            hash: Hash::of(password),
            scram: Keys::derive(password, &random::bytes::<16>(), ROUNDS),
        });
    }

    /// Whether there is a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Whether this is the password. Takes its time, on purpose, also where there is none.
    #[must_use]
    pub fn is_password(&self, password: &str) -> bool {
        match &self.password {
            Some(own) => own.hash.is_of(password),
            None => {
                Self::work_for_nothing(password);
                false
            }
        }
    }

    /// Takes as long as a check, so that nobody can tell from the time whether there is something
    /// to check.
    pub(crate) fn work_for_nothing(password: &str) {
        std::hint::black_box(Hash::of(password));
    }

    /// The keys for SCRAM-SHA-256.
    #[must_use]
    pub fn scram(&self) -> Option<&Keys> {
        self.password.as_ref().map(|password| &password.scram)
    }

    /// The account waits to be verified with this code.
    pub(crate) fn set_code(&mut self, code: &str) {
        self.code = Some(digest(code));
    }

    /// Whether this is the code that verifies the account.
    pub(crate) fn is_code(&self, code: &str) -> bool {
        self.code
            .as_ref()
            .is_some_and(|own| same(own.as_bytes(), digest(code).as_bytes()))
    }

    /// Keys that nobody has the password of, always the same for a name, so that an exchange does
    /// not tell whether there is an account of that name.
    pub(crate) fn keys_of_nobody(seed: &[u8], name: &str) -> Keys {
        let text = |what: &[u8]| {
            let digest = Sha256::new()
                .chain_update(seed)
                .chain_update(what)
                .chain_update(&*chat_network::folded(name))
                .finalize();
            base64::encode(&digest[..if what == b"salt" { 16 } else { 32 }])
        };
        let (salt, stored, server) = (text(b"salt"), text(b"stored"), text(b"server"));
        format!("{}${ROUNDS}:{salt}${stored}:{server}", scram::NAME)
            .parse()
            .expect("keys are written as they are read")
    }
}

/// Whether a text is an argon2 hash alone, `$argon2id$…`.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    text.parse::<Hash>().is_ok()
}

/// Whether a password is that of an argon2 hash; of what is no hash nothing is. Takes its time, on
/// purpose.
pub(crate) fn is_of_hash(hash: &str, password: &str) -> bool {
    hash.parse::<Hash>().is_ok_and(|hash| hash.is_of(password))
}

/// The SHA-256 of a code, which has enough randomness to need nothing slower.
fn digest(code: &str) -> String {
    base64::encode(&Sha256::digest(code))
}

impl fmt::Display for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if let Some(Password { hash, scram }) = &self.password {
            words.push(hash.to_string());
            words.push(scram.to_string());
        }
        words.extend(self.code.iter().map(|code| format!("{CODE}{code}")));
        formatter.write_str(&words.join(" "))
    }
}

impl FromStr for Secrets {
    type Err = NotSecrets;

    fn from_str(text: &str) -> Result<Self, NotSecrets> {
        let (mut hash, mut scram, mut secrets) = (None, None, Self::default());
        for word in text.split_ascii_whitespace() {
            if let Some(code) = word.strip_prefix(CODE) {
                secrets.code = Some(code.to_owned());
            } else if word.starts_with(ARGON2) {
                hash = Some(word.parse::<Hash>()?);
            } else {
                scram = Some(word.parse::<Keys>().map_err(|_| NotSecrets)?);
            }
        }
        secrets.password = match (hash, scram) {
            (Some(hash), Some(scram)) => Some(Password { hash, scram }),
            (None, None) => None,
            _ => return Err(NotSecrets),
        };
        Ok(secrets)
    }
}

/// Nothing of it is shown.
impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets(..)")
    }
}

impl Hash {
    fn of(password: &str) -> Self {
        let salt = random::bytes::<16>().to_vec();
        let mut hash = Self {
            memory: MEMORY,
            passes: PASSES,
            lanes: 1,
            salt,
            hash: vec![0; 32],
        };
        hash.hash = hash.computed(password).expect("the parameters are sound");
        hash
    }

    fn is_of(&self, password: &str) -> bool {
        self.computed(password)
            .is_some_and(|hash| same(&hash, &self.hash))
    }

    fn computed(&self, password: &str) -> Option<Vec<u8>> {
        let length = self.hash.len();
        let params = Params::new(self.memory, self.passes, self.lanes, Some(length)).ok()?;
        let mut hash = vec![0; length];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(prepare(password).as_bytes(), &self.salt, &mut hash)
            .ok()?;
        Some(hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unpadded = |bytes: &[u8]| base64::encode(bytes).trim_end_matches('=').to_owned();
        write!(
            formatter,
            "{ARGON2}m={},t={},p={}${}${}",
            self.memory,
            self.passes,
            self.lanes,
            unpadded(&self.salt),
            unpadded(&self.hash)
        )
    }
}

impl FromStr for Hash {
    type Err = NotSecrets;

    fn from_str(text: &str) -> Result<Self, NotSecrets> {
        let parse = || {
            let mut parts = text.strip_prefix(ARGON2)?.split('$');
            let (params, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
            let mut params = params.split(',');
            let mut number = |name| params.next()?.strip_prefix(name)?.parse().ok();
            Some(Self {
                memory: number("m=")?,
                passes: number("t=")?,
                lanes: number("p=")?,
                salt: unpad(salt)?,
                hash: unpad(hash)?,
            })
        };
        parse().ok_or(NotSecrets)
    }
}

/// The bytes of base64 without padding.
fn unpad(text: &str) -> Option<Vec<u8>> {
    let padding = match text.len() % 4 {
        2 => "==",
        3 => "=",
        _ => "",
    };
    base64::decode(&format!("{text}{padding}"))
}

#[cfg(test)]
mod tests {
    use chat_proto::sasl::scram::{Client, ClientFirst};

    use super::*;

    #[test]
    fn secrets_know_their_password_and_are_written_and_read() {
        let mut secrets = Secrets::of_password("sesame");
        secrets.set_code("a1b2");
        let text = secrets.to_string();
        assert!(!text.contains("sesame") && !text.contains('\n'), "{text}");
        let read: Secrets = text.parse().expect("is what was written");
        assert!(read == secrets);
        assert!(read.is_password("sesame"));
        assert!(!read.is_password("Sesame"));
        assert!(!read.is_password(""));
        assert!(read.is_code("a1b2"));
        assert!(!read.is_code("a1b3") && !read.is_code(""));
        assert_eq!(format!("{read:?}"), "Secrets(..)");
    }

    #[test]
    fn the_keys_of_scram_are_those_of_the_password() {
        let secrets = Secrets::of_password("sesame");
        let (first, client) = Client::new("ann", "sesame", "nonce");
        let first = ClientFirst::parse(first.as_bytes()).expect("is one");
        let keys = secrets.scram().expect("has a password").clone();
        let (message, challenge) = first.challenge(keys, &random::nonce());
        let (last, proof) = client.answer(message.as_bytes()).expect("is one");
        let message = challenge.finish(last.as_bytes()).expect("is right");
        assert_eq!(proof.check(message.as_bytes()), Ok(()));
    }

    #[test]
    fn two_hashes_of_a_password_differ() {
        let (one, other) = (Secrets::of_password("a"), Secrets::of_password("a"));
        assert_ne!(one.to_string(), other.to_string());
    }

    #[test]
    fn without_a_password_none_is_right() {
        let secrets: Secrets = "".parse().expect("are secrets");
        assert!(!secrets.has_password() && !secrets.is_code(""));
        assert!(!secrets.is_password(""));
        assert!(secrets.scram().is_none());
    }

    #[test]
    fn a_written_hash_is_that_of_any_other_program() {
        // Made with the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536
        let text = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hash: Hash = text.parse().expect("is one");
        assert!(hash.is_of("password"));
        assert!(!hash.is_of("Password"));
        assert_eq!(hash.to_string(), text);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for text in [
            "x",
            "$argon2id$v=19$m=1,t=2,p=1$AAAA$AAAA",
            "$argon2id$v=19$m=1,t=2$AAAA$AAAA SCRAM-SHA-256$1:AA==$AA==:AA==",
            "SCRAM-SHA-256$4096:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        ] {
            assert_eq!(text.parse::<Secrets>(), Err(NotSecrets), "{text}");
        }
    }

    #[test]
    fn keys_of_nobody_are_always_the_same() {
        let keys = |seed: &[u8], name| Secrets::keys_of_nobody(seed, name).to_string();
        assert_eq!(keys(b"1", "Ann"), keys(b"1", "ann"));
        assert_ne!(keys(b"1", "ann"), keys(b"1", "bob"));
        assert_ne!(keys(b"1", "ann"), keys(b"2", "ann"));
        let real = Secrets::of_password("x").to_string();
        let length = |text: &str| text.rsplit(' ').next().map(str::len);
        assert_eq!(length(&keys(b"1", "ann")), length(&real));
    }
}
