//! Logging in to an account (SASL): what is said in answer to what.

use chat_proto::sasl::scram::{self, Proof};
use chat_proto::sasl::{Collector, Plain, base64, pieces};

use crate::Account;

/// The mechanism of certificates.
const EXTERNAL: &str = "EXTERNAL";

/// One try to log in.
#[derive(Debug)]
pub(crate) struct Login {
    stage: Stage,
    collector: Collector,
}

/// What is said next.
#[derive(Debug)]
enum Stage {
    /// Name and password; nothing, where the certificate says it all.
    Plain(Vec<u8>),
    /// The first message of SCRAM.
    First(String, scram::Client),
    /// The answer to the challenge.
    Answer(scram::Client),
    /// Nothing, once the server has proved that it knows the account.
    Check(Proof),
    /// The server has what it needs.
    Done,
}

impl Login {
    /// Begins with the best mechanism of a list (the value of the capability, `None` where it has
    /// none); gives the name of the mechanism too. `None`: no mechanism is one of ours.
    pub(crate) fn new(account: &Account, mechanisms: Option<&str>) -> Option<(&'static str, Self)> {
        let offers = |name| mechanisms.is_some_and(|all| all.split(',').any(|one| one == name));
        let (name, stage) = if offers(scram::NAME) {
            let nonce = nonce();
            let (first, client) = scram::Client::new(&account.name, &account.password, &nonce);
            (scram::NAME, Stage::First(first, client))
        } else if mechanisms.is_none() || offers("PLAIN") {
            let plain = Plain {
                authzid: "",
                authcid: &account.name,
                password: &account.password,
            };
            ("PLAIN", Stage::Plain(plain.to_bytes()))
        } else {
            return None;
        };
        let collector = Collector::default();
        Some((name, Self { stage, collector }))
    }

    /// Logs in by the certificate that the connection has shown. `None`: the server does not offer it.
    pub(crate) fn by_certificate(
        account: Option<&str>,
        mechanisms: Option<&str>,
    ) -> Option<(&'static str, Self)> {
        account?;
        let offered = mechanisms.is_none_or(|all| all.split(',').any(|one| one == EXTERNAL));
        // Whose it is, is what the certificate says: nobody else is asked to be.
        let stage = Stage::Plain(Vec::new());
        let collector = Collector::default();
        offered.then_some((EXTERNAL, Self { stage, collector }))
    }

    /// Takes a piece of what the server says; gives the pieces of the answer, none while it has not
    /// said all.
    ///
    /// # Errors
    /// Why the server is not to be trusted, or not understood.
    pub(crate) fn answer(&mut self, piece: &str) -> Result<Vec<String>, String> {
        let Some(said) = self.collector.push(piece).map_err(|e| e.to_string())? else {
            return Ok(Vec::new());
        };
        let (answer, next) = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Plain(bytes) => (bytes, Stage::Done),
            Stage::First(first, client) => (first.into_bytes(), Stage::Answer(client)),
            Stage::Answer(client) => {
                let (answer, proof) = client.answer(&said).map_err(|e| e.to_string())?;
                (answer.into_bytes(), Stage::Check(proof))
            }
            Stage::Check(proof) => {
                let check = proof.check(&said);
                check.map_err(|_| "the server does not know the account".to_owned())?;
                (Vec::new(), Stage::Done)
            }
            Stage::Done => return Err("the server asks for more than there is".to_owned()),
        };
        self.stage = next;
        Ok(pieces(&answer))
    }

    /// Whether the server may say that we are logged in: with SCRAM it has to prove first that it
    /// knows the account.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }
}

/// 144 bits that nobody can guess, printable.
fn nonce() -> String {
    let mut bytes = [0; 18];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    base64::encode(&bytes)
}

#[cfg(test)]
mod tests {
    use chat_proto::sasl::scram::{ClientFirst, Keys};

    use super::*;

    fn account() -> Account {
        Account {
            name: "ana".into(),
            password: "sesame".to_owned(),
        }
    }

    #[test]
    fn plain_says_name_and_password() {
        for mechanisms in [None, Some("EXTERNAL,PLAIN")] {
            let (name, mut login) = Login::new(&account(), mechanisms).unwrap();
            assert_eq!(name, "PLAIN");
            assert!(!login.is_done());
            let answer = login.answer("+").unwrap();
            assert_eq!(answer, [base64::encode(b"\0ana\0sesame")]);
            assert!(login.is_done());
            assert!(login.answer("+").is_err());
        }
        assert!(Login::new(&account(), Some("EXTERNAL")).is_none());
    }

    #[test]
    fn scram_proves_both_ways() {
        let (name, mut login) = Login::new(&account(), Some("PLAIN,SCRAM-SHA-256")).unwrap();
        assert_eq!(name, "SCRAM-SHA-256");
        let said = |answer: Vec<String>| base64::decode(&answer[0]).unwrap();
        let first = ClientFirst::parse(&said(login.answer("+").unwrap())).unwrap();
        assert_eq!(first.username, "ana");
        let keys = Keys::derive("sesame", b"salt", 4096);
        let (message, challenge) = first.challenge(keys, "server");
        let mut last = Vec::new();
        for piece in pieces(message.as_bytes()) {
            last = login.answer(&piece).unwrap();
        }
        let message = challenge.finish(&said(last)).unwrap();
        assert!(!login.is_done());
        assert_eq!(login.answer(&pieces(message.as_bytes())[0]).unwrap(), ["+"]);
        assert!(login.is_done());
    }

    #[test]
    fn a_server_that_does_not_know_the_account_is_found_out() {
        let (_, mut login) = Login::new(&account(), Some("SCRAM-SHA-256")).unwrap();
        let first = base64::decode(&login.answer("+").unwrap()[0]).unwrap();
        let keys = Keys::derive("other", b"salt", 4096);
        let first = ClientFirst::parse(&first).unwrap();
        let (message, _) = first.challenge(keys, "server");
        login.answer(&pieces(message.as_bytes())[0]).unwrap();
        let proof = format!("v={}", base64::encode(&[0; 32]));
        let error = login.answer(&pieces(proof.as_bytes())[0]).unwrap_err();
        assert!(error.contains("does not know"), "{error}");
    }
}
