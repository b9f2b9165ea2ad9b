//! Whatever AUTHENTICATE carries: nothing panics, nothing grows past its bound, and no proof is
//! right that was not made with the password.
#![no_main]

use chat_proto::sasl::scram::{Client, ClientFirst, Keys};
use chat_proto::sasl::{Collector, Plain, RESPONSE, pieces};
use libfuzzer_sys::fuzz_target;

/// Keys that nobody has the password of; deriving them anew for each input would take its time.
const KEYS: &str = "SCRAM-SHA-256$4096:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let keys: Keys = KEYS.parse().expect("are keys");
    let mut collector = Collector::default();
    let mut challenge = None;
    for line in text.split('\n') {
        let Ok(Some(response)) = collector.push(line) else {
            continue;
        };
        assert!(response.len() <= RESPONSE / 4 * 3);
        if let Some(plain) = Plain::parse(&response) {
            assert_eq!(plain.to_bytes(), response);
        }
        match challenge.take() {
            None => {
                if let Ok(first) = ClientFirst::parse(&response) {
                    let (message, next) = first.challenge(keys.clone(), "nonce");
                    assert!(!pieces(message.as_bytes()).is_empty());
                    challenge = Some(next);
                }
            }
            Some(challenge) => {
                let challenge: chat_proto::sasl::scram::Challenge = challenge;
                assert!(challenge.finish(&response).is_err());
            }
        }
    }
    // The client's end reads what any server says; the work that it is asked for is bounded by a
    // nonce that no input has.
    let (_, client) = Client::new("user", "pencil", "\u{1}");
    assert!(client.answer(data).is_err() || data.contains(&1));
    let _ = text.parse::<Keys>();
});
