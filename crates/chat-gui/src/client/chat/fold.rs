//! Comings and goings: where many stand together they are one row, until it is pressed.

use std::collections::{HashMap, HashSet};

use chat_client::{Line, LineKind};
use iced::Task;

use super::{Chat, Message};

/// So many that stand together are one row.
const MANY: usize = 4;

/// Of so many the names are told; the others are counted.
const NAMED: usize = 3;

/// Whether somebody came or left.
fn comes_or_goes(line: &Line) -> bool {
    matches!(line.kind, LineKind::Join | LineKind::Part | LineKind::Quit)
}

/// Comings and goings at the beginning of some lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Run {
    /// How many lines they are.
    pub(super) count: usize,
    /// They are one row.
    pub(super) folded: bool,
}

/// The run that the lines begin with. `ends` says where it must end, because something stands above the
/// line.
pub(super) fn run(lines: &[&Line], shown: &HashSet<u64>, ends: impl Fn(&Line) -> bool) -> Run {
    let together = |(n, line): &(usize, &&Line)| comes_or_goes(line) && (*n == 0 || !ends(line));
    let count = lines.iter().enumerate().take_while(together).count();
    let pressed = lines[..count].iter().any(|l| shown.contains(&l.number));
    let folded = count >= MANY && !pressed;
    Run { count, folded }
}

/// Who came and who left, in one sentence.
pub(super) fn summary(lines: &[&Line]) -> String {
    // How each was at first and is at last: whether the first and the last line is a coming.
    let mut people: Vec<(&str, bool, bool)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for line in lines {
        let comes = line.kind == LineKind::Join;
        match places.get(line.sender.as_str()) {
            Some(&place) => people[place].2 = comes,
            None => {
                places.insert(&line.sender, people.len());
                people.push((&line.sender, comes, comes));
            }
        }
    }
    let kinds = [
        (true, true, "came"),
        (true, false, "came and left"),
        (false, false, "left"),
        (false, true, "left and came back"),
    ];
    let told = kinds.into_iter().filter_map(|(first, last, did)| {
        let these = people.iter().filter(|p| (p.1, p.2) == (first, last));
        let names: Vec<&str> = these.map(|(name, ..)| *name).collect();
        (!names.is_empty()).then(|| format!("{} {did}", listed(&names)))
    });
    told.collect::<Vec<_>>().join("; ")
}

/// "ana, bob and cleo", or "ana, bob, cleo and 4 others".
fn listed(names: &[&str]) -> String {
    match names {
        [one] => (*one).to_owned(),
        [most @ .., last] if names.len() <= NAMED => format!("{} and {last}", most.join(", ")),
        _ => {
            let others = match names.len() - NAMED {
                1 => "1 other".to_owned(),
                n => format!("{n} others"),
            };
            format!("{} and {others}", names[..NAMED].join(", "))
        }
    }
}

impl Chat {
    /// Shows each of the comings and goings that this line stands with.
    pub(super) fn unfold(&mut self, number: u64) -> Task<Message> {
        self.unfolded.insert(number);
        self.focus()
    }
}

#[cfg(test)]
mod tests {
    use chat_client::{Limits, Model, Update};

    use super::*;

    /// The lines of a channel after these have happened there.
    fn after(events: &[&str]) -> Model {
        let mut model = Model::new("ana", "Example", Limits::default());
        for event in ["ana JOIN"].iter().chain(events) {
            let (who, did) = event.split_once(' ').unwrap();
            let (verb, rest) = did.split_once(' ').unwrap_or((did, ""));
            let line = match verb {
                "QUIT" => format!(":{who}!u@h QUIT :bye"),
                _ => format!(":{who}!u@h {verb} #lobby {rest}"),
            };
            let message = chat_proto::Message::parse(line.into()).unwrap();
            let at = jiff::Timestamp::UNIX_EPOCH;
            model.apply(&Update::Line { at, message });
        }
        model
    }

    fn summary_after(events: &[&str]) -> String {
        let model = after(events);
        let lines: Vec<&Line> = model.find("#lobby").unwrap().lines().iter().collect();
        let first = lines.iter().position(|line| line.sender != "ana").unwrap();
        summary(&lines[first..])
    }

    #[test]
    fn each_is_told_once_by_what_became_of_them() {
        assert_eq!(
            summary_after(&["bob JOIN", "cleo JOIN", "bob QUIT", "dan JOIN", "cleo PART"]),
            "dan came; bob and cleo came and left"
        );
        let back = ["bob QUIT", "bob JOIN", "cleo QUIT"];
        let all: Vec<&str> = ["bob JOIN", "cleo JOIN"].into_iter().chain(back).collect();
        let model = after(&all);
        let lines: Vec<&Line> = model.find("#lobby").unwrap().lines().iter().collect();
        let last = &lines[lines.len() - 3..];
        assert_eq!(summary(last), "cleo left; bob left and came back");
    }

    #[test]
    fn of_many_the_others_are_counted() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed(&["a", "b", "c", "d"]), "a, b, c and 1 other");
        assert_eq!(listed(&["a", "b", "c", "d", "e"]), "a, b, c and 2 others");
    }

    #[test]
    fn few_are_not_folded_nor_what_was_pressed_or_has_something_above() {
        let model = after(&["b JOIN", "c JOIN", "d JOIN", "e JOIN", "b PRIVMSG :hello"]);
        let lines: Vec<&Line> = model.find("#lobby").unwrap().lines().iter().collect();
        let none = HashSet::new();
        let all = lines.iter().take_while(|line| comes_or_goes(line)).count();
        assert!(all >= MANY, "{lines:?}");
        let run = |lines: &[&Line], shown: &HashSet<u64>, above: Option<u64>| {
            let run = run(lines, shown, |line| above == Some(line.number));
            (run.count, run.folded)
        };
        assert_eq!(run(&lines, &none, None), (all, true));
        assert_eq!(run(&lines[all - 3..], &none, None), (3, false));
        assert_eq!(run(&lines[all..], &none, None), (0, false), "a message");
        let pressed = HashSet::from([lines[1].number]);
        assert_eq!(run(&lines, &pressed, None), (all, false));
        let marker = Some(lines[2].number);
        assert_eq!(run(&lines, &none, marker), (2, false));
        let marker = Some(lines[0].number);
        assert_eq!(run(&lines, &none, marker), (all, true), "above the row");
    }
}
