//! One order: readers on different servers see the same messages in the same order.

use std::thread;

use chat_tests::{Client, Folder};

const SENDERS: usize = 4;
const EACH: usize = 2_500;

#[test]
fn two_readers_on_different_servers_see_ten_thousand_messages_in_one_order() {
    let folder = Folder::new();
    let launcher = folder.launcher(&["--servers", "3", "--config", &folder.load_config()]);
    let address = launcher.address();
    let readers: Vec<Client> = (0..2)
        .map(|number| Client::in_lobby(address, &format!("reader{number}")))
        .collect();
    assert_ne!(readers[0].server(), readers[1].server());

    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            thread::spawn(move || {
                let mut client = Client::in_lobby(address, &format!("sender{sender}"));
                for number in 0..EACH {
                    client.send(&format!("PRIVMSG #lobby :message {sender} {number}"));
                    // Read now and then what the others say, as a real client does.
                    if number % 500 == 499 {
                        client.barrier(&format!("at{number}"));
                    }
                }
                client.barrier("done");
                client
            })
        })
        .collect();
    let reading: Vec<_> = readers
        .into_iter()
        .map(|reader| thread::spawn(move || texts_seen_by(reader)))
        .collect();
    let orders: Vec<Vec<String>> = reading
        .into_iter()
        .map(|reader| reader.join().expect("a reader"))
        .collect();
    for sender in senders {
        sender.join().expect("a sender");
    }
    assert!(orders[0] == orders[1], "the readers saw different orders");
    // And of each sender, in the order sent.
    for sender in 0..SENDERS {
        let prefix = format!(":message {sender} ");
        let numbers: Vec<usize> = orders[0]
            .iter()
            .filter_map(|text| text.strip_prefix(&prefix)?.parse().ok())
            .collect();
        assert!(
            numbers.iter().copied().eq(0..EACH),
            "sender {sender} was reordered"
        );
    }
}

/// The texts that a reader sees, until all have come.
fn texts_seen_by(mut reader: Client) -> Vec<String> {
    let mut texts = Vec::with_capacity(SENDERS * EACH);
    while texts.len() < SENDERS * EACH {
        let line = reader.wait_for(" :message ");
        texts.push(line[line.find(":message").expect("found")..].to_owned());
    }
    let rest = reader.barrier("end");
    let again = rest.iter().any(|line| line.contains(":message"));
    assert!(!again, "one came twice");
    texts
}
