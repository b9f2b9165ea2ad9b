//! Where one may want to go.

use super::*;

fn goals(model: &Model, part: &str) -> Vec<String> {
    let name = |goal: &Goal| match goal {
        Goal::Buffer(id) => model.buffer(id).unwrap().name().to_owned(),
        Goal::Person(nick) => format!("to {nick}"),
        Goal::Channel(name) => format!("join {name}"),
    };
    model.goals(part, 5).iter().map(name).collect()
}

/// On #lobby, #rust and #trust, with a conversation with cleo; #lobby is looked at.
fn with_places() -> Model {
    let mut model = online();
    feed(
        &mut model,
        &[
            ":ana!a@h JOIN #trust",
            ":ana!a@h JOIN #rust",
            ":s.example 353 ana = #rust :ana bob ruth",
            ":s.example 366 ana #rust :End of /NAMES list",
        ],
    );
    model.open_query("cleo");
    let lobby = model.find("#lobby").unwrap().id().clone();
    model.look_at(&lobby);
    model
}

#[test]
fn the_best_fit_comes_first_then_people_then_a_channel_to_join() {
    let model = with_places();
    assert_eq!(goals(&model, "RUST"), ["#rust", "#trust"]);
    assert_eq!(goals(&model, "ru"), ["#rust", "#trust", "to ruth"]);
    // A conversation is offered once, as what it is; oneself never.
    assert_eq!(goals(&model, "cl"), ["cleo"]);
    assert_eq!(goals(&model, "ana"), Vec::<String>::new());
    assert_eq!(goals(&model, " #ru "), ["#rust", "join #ru"]);
    assert_eq!(goals(&model, "#lobby"), ["#lobby"], "it is there");
    assert_eq!(goals(&model, "#two words"), Vec::<String>::new());
}

#[test]
fn without_a_word_what_is_new_comes_first_then_what_was_looked_at_last() {
    let mut model = with_places();
    assert_eq!(
        goals(&model, ""),
        ["#trust", "#rust", "cleo", "Friends"],
        "the one looked at is left out"
    );
    feed(
        &mut model,
        &[
            ":bob!b@h PRIVMSG #trust :something new",
            ":bob!b@h PRIVMSG #rust :ana: look",
        ],
    );
    let cleo = model.find("cleo").unwrap().id().clone();
    let lobby = model.find("#lobby").unwrap().id().clone();
    model.look_at(&cleo);
    model.look_at(&lobby);
    assert_eq!(goals(&model, ""), ["#rust", "#trust", "cleo", "Friends"]);
}

#[test]
fn a_channel_to_join_is_offered_however_many_others_fit() {
    let mut model = online();
    for n in 0..10 {
        feed(&mut model, &[&format!(":ana!a@h JOIN #room{n}")]);
    }
    let goals = goals(&model, "#room");
    assert_eq!(goals.len(), 5);
    assert_eq!(goals.last().map(String::as_str), Some("join #room"));
}
