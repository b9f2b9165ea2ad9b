//! Random histories: what must hold whatever is asked, by whomever, in whatever order.

mod requests;

use chat_network::{Entry, Event, Network, Position, Records, Request, Stamp, Timestamp};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq};
use proptest::proptest;
use serde::{Serialize, de::DeserializeOwned};

use requests::{a_request, limits, resolved};

/// Decides and applies all; every event is applied to a network that then fits together.
fn run(requests: &[Request]) -> (Network, Vec<Entry>) {
    let mut network = Network::new(limits());
    let mut entries = Vec::new();
    for (at, request) in (1..).zip(requests) {
        let stamp = Stamp {
            position: Position(at),
            time: Timestamp(1000 + i64::try_from(at).unwrap()),
        };
        let request = &resolved(&network, request);
        let Ok(event) = network.decide(request, stamp) else {
            continue;
        };
        let entry = Entry {
            stamp,
            origin: request.origin,
            event,
        };
        network.apply(&entry);
        let limits = match network.settings() {
            None => network.check_limits(),
            Some(_) => Ok(()),
        };
        if let Err(fault) = network.check().and(limits) {
            panic!("{fault} after {entry:?}");
        }
        entries.push(entry);
    }
    (network, entries)
}

/// As written to a database and read from it.
fn through_json<T: Serialize + DeserializeOwned>(records: &[T]) -> Vec<T> {
    let text = records
        .iter()
        .map(|record| serde_json::to_string(record).unwrap());
    text.map(|text| serde_json::from_str(&text).unwrap())
        .collect()
}

fn sorted(mut records: Records) -> Records {
    records.accounts.sort_by_key(|record| record.id);
    records.channels.sort_by_key(|record| record.id);
    records.users.sort_by_key(|record| record.id);
    let place = |marker: &chat_network::MarkerRecord| (marker.account, marker.target.clone());
    records.markers.sort_by_key(place);
    records
}

fn bytes(network: &Network) -> Vec<u8> {
    postcard::to_stdvec(network).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replicas_that_apply_the_same_entries_are_equal(requests in vec(a_request(), 0..500)) {
        let (network, entries) = run(&requests);
        let mut replica = Network::new(limits());
        for entry in &entries {
            let sent = postcard::to_stdvec(entry).unwrap();
            let received = postcard::from_bytes::<Entry>(&sent).unwrap();
            prop_assert_eq!(&received, entry);
            replica.apply(&received);
        }
        prop_assert_eq!(&replica, &network);
        // Not only the same content: in the same order too.
        prop_assert_eq!(bytes(&replica), bytes(&network));
    }

    #[test]
    fn a_snapshot_and_the_tail_are_the_whole(
        requests in vec(a_request(), 0..500),
        cut in any::<proptest::sample::Index>(),
    ) {
        let (network, entries) = run(&requests);
        let (head, tail) = entries.split_at(cut.index(entries.len() + 1));
        let mut early = Network::new(limits());
        head.iter().for_each(|entry| early.apply(entry));
        let mut late = postcard::from_bytes::<Network>(&bytes(&early)).unwrap();
        prop_assert_eq!(&late, &early);
        tail.iter().for_each(|entry| late.apply(entry));
        prop_assert_eq!(&late, &network);
        prop_assert_eq!(bytes(&late), bytes(&network));
        prop_assert!(late.check().is_ok());
    }

    #[test]
    fn a_replica_decides_as_the_original_does(
        requests in vec(a_request(), 0..300),
        next in vec(a_request(), 1..30),
    ) {
        let (network, _) = run(&requests);
        let replica = postcard::from_bytes::<Network>(&bytes(&network)).unwrap();
        let stamp = Stamp { position: Position(1_000_000), time: Timestamp(1000) };
        for request in &next {
            let request = &resolved(&network, request);
            prop_assert_eq!(replica.decide(request, stamp), network.decide(request, stamp));
        }
    }

    #[test]
    fn what_is_kept_is_what_a_new_beginning_has(requests in vec(a_request(), 0..500)) {
        let (network, _) = run(&requests);
        let kept = network.records();
        let read = Records {
            accounts: through_json(&kept.accounts),
            channels: through_json(&kept.channels),
            users: through_json(&kept.users),
            markers: kept.markers.clone(),
            bans: through_json(&kept.bans),
            defcon: kept.defcon,
        };
        let restored = Network::restore(limits(), read);
        prop_assert_eq!(restored.check(), Ok(()));
        prop_assert_eq!(restored.session_count(), 0);
        prop_assert_eq!(sorted(restored.records()), sorted(kept));
    }

    /// Entries that were decided against another state are no fault of a replica's making; it must
    /// live through them.
    #[test]
    fn foreign_entries_do_no_harm_to_the_process(
        one in vec(a_request(), 0..200),
        other in vec(a_request(), 0..200),
    ) {
        let (mut network, _) = run(&one);
        let (_, foreign) = run(&other);
        foreign.iter().for_each(|entry| network.apply(entry));
    }
}

/// The histories above prove little if everything in them is refused.
#[test]
fn histories_reach_every_kind_of_event() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut entries = Vec::new();
    for _ in 0..60 {
        let tree = vec(a_request(), 2000).new_tree(&mut runner).unwrap();
        entries.extend(run(&tree.current()).1);
    }
    let name = |event: &Event| {
        let text = format!("{event:?}");
        let end = text.find(|letter: char| !letter.is_alphanumeric());
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let kinds = entries.iter().map(|entry| name(&entry.event));
    let kinds = kinds.collect::<std::collections::BTreeSet<_>>();
    assert_eq!(kinds.len(), 40, "of 40 kinds: {kinds:?}");
    let effects = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::Operated { .. }))
        .map(|entry| std::mem::discriminant(&entry.effect().event))
        .collect::<std::collections::HashSet<_>>();
    assert!(effects.len() >= 13, "{} kinds of effects", effects.len());
}
