use chat_network::{ChannelModeChange, ListKind, Network};

use crate::support::{Chat, HUB, ban, invite, key, list, lost, topic, voice};

/// A bit of everything that a snapshot has to carry.
fn chat() -> Chat {
    let mut chat = Chat::new();
    let [ann, _, _] = chat.in_channel("#Room", ["Ann", "bob", "eve"]);
    let zoe = chat.user_on(2, "zoe");
    chat.join(zoe, "#other").unwrap();
    chat.by(zoe, invite("#other", "ann")).unwrap();
    let exception = list(true, ListKind::BanException, "bob");
    let limit = ChannelModeChange::Limit(Some(9));
    chat.set(
        ann,
        "#room",
        [
            ban("x"),
            exception,
            key(Some("k")),
            limit,
            voice(true, "eve"),
        ],
    );
    chat.by(ann, topic("#room", "Tea at 5")).unwrap();
    chat.by(
        ann,
        chat_network::Action::Away {
            message: Some("out".into()),
        },
    )
    .unwrap();
    chat.by(zoe, chat_network::Action::Rate { stars: 4 })
        .unwrap();
    chat
}

#[test]
fn a_snapshot_is_the_whole() {
    let mut chat = chat();
    let bytes = postcard::to_stdvec(&chat.network).unwrap();
    let copy = postcard::from_bytes::<Network>(&bytes).unwrap();
    assert_eq!(copy, chat.network);
    assert_eq!(postcard::to_stdvec(&copy).unwrap(), bytes);
    assert!(copy.user_by_nick("ANN").unwrap().away().is_some());
    assert!(copy.channel_by_name("#ROOM").unwrap().key().is_some());
    let before = std::mem::replace(&mut chat.network, copy);
    chat.ask(HUB, lost(2, 1)).unwrap();
    assert_ne!(chat.network, before, "and lives on");
    assert_eq!(chat.network.user_by_nick("zoe"), None);
}

#[test]
fn a_damaged_snapshot_is_refused_or_fits_together() {
    let bytes = postcard::to_stdvec(&chat().network).unwrap();
    let mut refused = 0;
    for at in 0..bytes.len() {
        assert!(
            postcard::from_bytes::<Network>(&bytes[..at]).is_err(),
            "cut at {at}"
        );
        for damage in [1, 2, 0x20, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= damage;
            match postcard::from_bytes::<Network>(&bytes) {
                Ok(network) => network.check().unwrap(),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > bytes.len(), "{refused} of {}", bytes.len() * 5);
}
