//! SASL: pieces, PLAIN and SCRAM-SHA-256.

use chat_proto::sasl::scram::{Client, ClientFirst, Keys, ScramError};
use chat_proto::sasl::{Collector, PIECE, Plain, RESPONSE, SaslError, base64, pieces, same};
use proptest::prelude::*;

/// RFC 4648, section 10.
#[test]
fn base64_is_that_of_the_rfc() {
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(base64::encode(bytes.as_bytes()), text);
        assert_eq!(base64::decode(text).as_deref(), Some(bytes.as_bytes()));
    }
    for wrong in [
        "Z", "Zg", "Zg=", "Zg===", "====", "!!!!", "Zh==", "Zm9=", "Z=g=", "=Zg=", "Zm 8",
    ] {
        assert_eq!(base64::decode(wrong), None, "{wrong}");
    }
}

#[test]
fn a_response_comes_in_pieces() {
    let mut collector = Collector::default();
    assert_eq!(collector.push("amls"), Ok(Some(b"jil".to_vec())));
    let whole = "A".repeat(PIECE);
    assert_eq!(collector.push(&whole), Ok(None));
    assert_eq!(
        collector.push("+"),
        Ok(Some(vec![0; 300])),
        "exactly one piece"
    );
    assert_eq!(collector.push(&whole), Ok(None));
    assert_eq!(collector.push("AAAA"), Ok(Some(vec![0; 303])));
    assert_eq!(
        collector.push(&"A".repeat(PIECE + 1)),
        Err(SaslError::PieceTooLong)
    );
    assert_eq!(collector.push("!!!"), Err(SaslError::NotBase64));
    for _ in 0..RESPONSE / PIECE {
        assert_eq!(collector.push(&whole), Ok(None));
    }
    assert_eq!(collector.push("AAAA"), Err(SaslError::ResponseTooLong));
    assert_eq!(
        collector.push("AAAA"),
        Ok(Some(vec![0; 3])),
        "an error begins anew"
    );
}

#[test]
fn plain_has_three_parts() {
    let plain = Plain::parse(b"jilles\0jilles\0sesame").expect("is whole");
    assert_eq!(
        (plain.authzid, plain.authcid, plain.password),
        ("jilles", "jilles", "sesame")
    );
    assert!(!format!("{plain:?}").contains("sesame"));
    for wrong in [
        &b""[..],
        b"jilles",
        b"\0jilles",
        b"\0\0sesame",
        b"\0jilles\0",
        b"a\0b\0c\0d",
        b"\0b\0\xff",
    ] {
        assert!(Plain::parse(wrong).is_none(), "{wrong:?}");
    }
}

/// RFC 7677, section 3.
#[test]
fn scram_is_that_of_the_rfc() {
    let first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    let server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    let server_first =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    let server_last = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    let salt = base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("is base64");
    let keys = Keys::derive("pencil", &salt, 4096);
    let client_first = ClientFirst::parse(first.as_bytes()).expect("is one");
    assert_eq!(client_first.username, "user");
    let (message, challenge) = client_first.challenge(keys, server_nonce);
    assert_eq!(message, server_first);
    assert_eq!(
        challenge.finish(last.as_bytes()).as_deref(),
        Ok(server_last)
    );

    let (message, client) = Client::new("user", "pencil", "rOprNGfwEbeRWgbNEkqO");
    assert_eq!(message, first);
    let (message, proof) = client.answer(server_first.as_bytes()).expect("is one");
    assert_eq!(message, last);
    assert_eq!(proof.check(server_last.as_bytes()), Ok(()));
    assert_eq!(
        proof.check(b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        Err(ScramError::WrongProof)
    );
    assert_eq!(proof.check(b"e=invalid-proof"), Err(ScramError::Malformed));
}

#[test]
fn keys_are_written_and_read() {
    let keys = Keys::derive("pencil", b"0123456789abcdef", 4096);
    let text = keys.to_string();
    assert!(
        text.starts_with("SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$"),
        "{text}"
    );
    assert_eq!(text.parse(), Ok(keys));
    for wrong in [
        "",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256$4096:AA==$AA==:AA==",
        "SCRAM-SHA-1$1:AA==$AA==:AA==",
    ] {
        assert_eq!(wrong.parse::<Keys>(), Err(ScramError::Malformed), "{wrong}");
    }
}

#[test]
fn what_is_no_first_message_is_refused() {
    for (message, error) in [
        ("", ScramError::Malformed),
        ("n,,", ScramError::Malformed),
        ("n,,n=,r=abc", ScramError::Malformed),
        ("n,,n=user", ScramError::Malformed),
        ("n,,n=user,r=", ScramError::Malformed),
        ("n,,n=us=er,r=abc", ScramError::Malformed),
        ("n,b,n=user,r=abc", ScramError::Malformed),
        ("n,,m=ext,n=user,r=abc", ScramError::Malformed),
        ("x,,n=user,r=abc", ScramError::Malformed),
        ("n,,n=us\0er,r=abc", ScramError::Malformed),
        ("p=tls-unique,,n=user,r=abc", ScramError::ChannelBinding),
    ] {
        assert_eq!(
            ClientFirst::parse(message.as_bytes()),
            Err(error),
            "{message}"
        );
    }
    let first = ClientFirst::parse(b"y,a=root,n=a=2Cb=3D,r=abc").expect("is one");
    assert_eq!((&*first.authzid, &*first.username), ("root", "a,b="));
}

#[test]
fn a_client_refuses_another_nonce_and_absurd_work() {
    for message in [
        "r=other,s=AAAA,i=4096",
        "r=mine,s=AAAA,i=4096",
        "r=mineX,s=AAAA,i=1",
        "r=mineX,s=AAAA,i=4000000000",
        "r=mineX,s=A,i=4096",
        "m=ext,r=mineX,s=AAAA,i=4096",
    ] {
        let (_, client) = Client::new("user", "pencil", "mine");
        assert!(client.answer(message.as_bytes()).is_err(), "{message}");
    }
}

/// The pieces of bytes, put together again.
fn through_the_wire(bytes: &[u8]) -> Vec<u8> {
    let mut collector = Collector::default();
    let mut sent = pieces(bytes).into_iter();
    loop {
        let piece = sent.next().expect("the end is marked");
        if let Some(whole) = collector.push(&piece).expect("is base64") {
            assert_eq!(sent.next(), None);
            return whole;
        }
    }
}

proptest! {
    #[test]
    fn base64_goes_there_and_back(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(base64::decode(&base64::encode(&bytes)), Some(bytes));
    }

    #[test]
    fn what_base64_reads_it_writes(text in "[A-Za-c+/=]{0,12}") {
        if let Some(bytes) = base64::decode(&text) {
            prop_assert_eq!(base64::encode(&bytes), text);
        }
    }

    #[test]
    fn pieces_are_put_together(bytes in prop::collection::vec(any::<u8>(), 0..1200)) {
        prop_assert!(pieces(&bytes).iter().all(|piece| piece.len() <= PIECE));
        prop_assert_eq!(through_the_wire(&bytes), bytes);
    }

    #[test]
    fn plain_goes_there_and_back(
        authzid in "[^\0]{0,10}", authcid in "[^\0]{1,10}", password in "[^\0]{1,40}",
    ) {
        let plain = Plain { authzid: &authzid, authcid: &authcid, password: &password };
        let bytes = plain.to_bytes();
        prop_assert_eq!(Plain::parse(&bytes), Some(plain));
    }

    #[test]
    fn nothing_makes_the_server_s_end_panic(first in ".{0,60}", last in ".{0,80}") {
        if let Ok(first) = ClientFirst::parse(first.as_bytes()) {
            let keys = "SCRAM-SHA-256$4096:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
            let (_, challenge) = first.challenge(keys.parse().expect("are keys"), "xyz");
            prop_assert!(challenge.finish(last.as_bytes()).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn both_ends_agree_on_the_right_password_only(
        name in "[a-zé=,]{1,8}", right in "[^\0]{1,12}", given in "[^\0]{1,12}", salt in any::<[u8; 16]>(),
    ) {
        for password in [&right, &given] {
            let keys = Keys::derive(&right, &salt, 4096);
            let (first, client) = Client::new(&name, password, "client");
            let first = ClientFirst::parse(first.as_bytes()).expect("is one");
            prop_assert_eq!(&first.username, &*chat_proto::sasl::prepare(&name));
            let (message, challenge) = first.challenge(keys, "server");
            let (last, proof) = client.answer(message.as_bytes()).expect("is one");
            let prepared = |text| chat_proto::sasl::prepare(text).into_owned();
            if same(prepared(password).as_bytes(), prepared(&right).as_bytes()) {
                let message = challenge.finish(last.as_bytes()).expect("is right");
                prop_assert_eq!(proof.check(message.as_bytes()), Ok(()));
            } else {
                prop_assert_eq!(challenge.finish(last.as_bytes()), Err(ScramError::WrongProof));
            }
        }
    }
}
