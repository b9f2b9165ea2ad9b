//! Every accept is counted exactly once.

use chat_stats::ServerFigures;

use crate::harness::{Running, builder, until};

fn figures(server: &Running) -> ServerFigures {
    server.handle().stats().servers[0].clone()
}

#[test]
fn admitted_rejected_and_lost_add_up() {
    let server = Running::of(builder().capacity(2));
    let ann = server.join("ann");
    let mut waiting = server.connect();
    waiting.line();
    let mut late = server.connect();
    late.send("NICK late\r\nUSER late 0 * :what it says does not cost it the answer");
    assert_eq!(
        late.rest(),
        ["ERROR :All servers are full, please try again later"]
    );
    let now = figures(&server);
    assert_eq!(
        (now.now, now.places_taken, now.admitted, now.lost),
        (1, 2, 1, 1)
    );
    assert_eq!(
        (now.rejected, now.approaches),
        (0, 2),
        "one has not ended yet"
    );

    waiting.vanish();
    until("the place is free", || figures(&server).places_taken == 1);
    ann.vanish();
    until("both are gone", || figures(&server).places_taken == 0);
    let now = figures(&server);
    assert_eq!(
        (now.now, now.admitted, now.rejected, now.lost),
        (0, 1, 1, 1)
    );
    assert_eq!((now.approaches, now.today), (3, 1));
    let mut bob = server.join_with("bob", "echo-message");
    bob.send("PRIVMSG #lobby :there is room again");
    bob.expect(":bob!~bob@127.0.0.1 PRIVMSG #lobby :there is room again");
}
