//! What the monitor remembers: the last counts, their course over the last minutes, who is on, and
//! the newest lines. Pure; nothing of iced.

use std::collections::VecDeque;

use chat_stats::{ServerFigures, Snapshot, State};

use super::watch::{Line, Person, Update};

/// Samples of a course: five minutes, one a second.
pub(crate) const SAMPLES: usize = 300;

/// Lines that are kept.
pub(crate) const LINES: usize = 500;

/// Everything the monitor knows.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The last counts.
    pub(crate) board: Option<Snapshot>,
    /// Why there are no counts just now.
    pub(crate) board_trouble: Option<String>,
    /// Why the journal is not followed just now.
    pub(crate) journal_trouble: Option<String>,
    /// The course of each server's counts, in the order of the servers.
    pub(crate) courses: Vec<Course>,
    /// Who is on, by nick.
    pub(crate) people: Vec<Person>,
    /// The newest lines, oldest first.
    pub(crate) lines: VecDeque<Line>,
}

/// How one server's counts went.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Course {
    /// Clients that were on.
    pub(crate) clients: VecDeque<f32>,
    /// Messages in each second.
    pub(crate) messages: VecDeque<f32>,
    /// The counter of messages at the last sample.
    counted: Option<u64>,
    /// For how many samples (seconds) it has not been running.
    pub(crate) down: u32,
    /// For how many samples it has been behind the journal without coming nearer.
    pub(crate) stuck: u32,
    /// How far it was behind at the last sample.
    behind: u32,
    /// How often it was started again since the window was opened.
    pub(crate) restarts: u32,
    /// Its process at the last sample that had one.
    pid: u32,
}

/// A server that has not come nearer to the journal for so many samples (seconds) is told of. One
/// that has much to do is behind too, but now nearer and now farther.
const STUCK: u32 = 10;

/// In which order servers stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// By their numbers.
    #[default]
    Number,
    /// Those with most clients first.
    Clients,
    /// Those with most messages a second first.
    Messages,
}

// === impl Order ===

impl Order {
    /// The next one.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Number => Self::Clients,
            Self::Clients => Self::Messages,
            Self::Messages => Self::Number,
        }
    }

    /// How it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Number => "by number",
            Self::Clients => "by clients",
            Self::Messages => "by messages",
        }
    }
}

impl Record {
    /// Takes an update in.
    pub(crate) fn take(&mut self, update: Update) {
        match update {
            Update::Board(Ok(board)) => {
                self.courses
                    .resize_with(board.servers.len(), Course::default);
                for (course, server) in self.courses.iter_mut().zip(&board.servers) {
                    course.sample(server);
                }
                self.board = Some(board);
                self.board_trouble = None;
            }
            Update::Board(Err(trouble)) => self.board_trouble = Some(trouble),
            Update::Journal(followed) => self.journal_trouble = followed.err(),
            Update::People(people) => self.people = people,
            Update::Lines(lines) => {
                self.lines.extend(lines);
                let surplus = self.lines.len().saturating_sub(LINES);
                self.lines.drain(..surplus);
            }
        }
    }

    /// The servers to show: all, or the one with this index.
    pub(crate) fn servers(&self, only: Option<usize>) -> impl Iterator<Item = &ServerFigures> {
        let servers = self.board.iter().flat_map(|board| &board.servers);
        servers.filter(move |server| only.is_none_or(|index| server.index == index))
    }

    /// The same in an order.
    pub(crate) fn sorted(&self, only: Option<usize>, order: Order) -> Vec<&ServerFigures> {
        let mut servers: Vec<&ServerFigures> = self.servers(only).collect();
        match order {
            Order::Number => {}
            Order::Clients => servers.sort_by_key(|server| std::cmp::Reverse(server.now)),
            Order::Messages => {
                servers.sort_by(|one, other| self.rate(other).total_cmp(&self.rate(one)));
            }
        }
        servers
    }

    /// Messages in the last second.
    pub(crate) fn rate(&self, server: &ServerFigures) -> f32 {
        let course = self.courses.get(server.index);
        let last = course.and_then(|course| course.messages.back());
        last.copied().unwrap_or(0.0)
    }

    /// What nobody should have to look for, in words: a database that cannot be written, servers that
    /// do not run, and those that do not follow the journal.
    pub(crate) fn alarm(&self) -> Option<String> {
        let held = self.board.as_ref().map_or(0, |board| board.held);
        let held = (held > 0)
            .then(|| format!("the database cannot be written: {held} rows wait in memory"));
        let servers = self.servers(None).filter_map(|server| {
            let course = self.courses.get(server.index);
            if is_down(server.state) {
                let seconds = duration(course.map_or(0, |c| c.down));
                return Some(format!("{} is down for {seconds}", server.name()));
            }
            let seconds = duration(self.stuck(server)?);
            Some(format!("{} has not answered for {seconds}", server.name()))
        });
        let told: Vec<String> = held.into_iter().chain(servers).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

    /// For how many seconds a server that runs has not come nearer to the journal, if that is long.
    pub(crate) fn stuck(&self, server: &ServerFigures) -> Option<u32> {
        let stuck = self.courses.get(server.index)?.stuck;
        (!is_down(server.state) && stuck >= STUCK).then_some(stuck)
    }
}

/// Whether a server that should run does not.
pub(crate) fn is_down(state: State) -> bool {
    !matches!(state, State::Running | State::Starting | State::Draining)
}

/// `12 s`, `3 min`, `2 h 5 min`
fn duration(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {} min", minutes % 60),
    }
}

impl Course {
    fn sample(&mut self, server: &ServerFigures) {
        // A counter that went back is one of a restarted instance.
        let before = self.counted.filter(|before| *before <= server.messages);
        let fresh = server.messages - before.unwrap_or(server.messages);
        self.counted = Some(server.messages);
        self.down = match is_down(server.state) {
            true => self.down.saturating_add(1),
            false => 0,
        };
        self.stuck = match server.behind {
            0 => 0,
            behind if behind < self.behind => 0,
            _ => self.stuck.saturating_add(1),
        };
        self.behind = server.behind;
        if server.pid != 0 {
            let other = self.pid != 0 && self.pid != server.pid;
            self.restarts += u32::from(other);
            self.pid = server.pid;
        }
        push(&mut self.clients, server.now);
        push(&mut self.messages, fresh);
    }
}

fn push(course: &mut VecDeque<f32>, value: u64) {
    if course.len() == SAMPLES {
        course.pop_front();
    }
    course.push_back(value as f32);
}

#[cfg(test)]
mod tests {
    use chat_network::Timestamp;
    use chat_stats::{Board, SlotSetup};

    use super::*;
    use crate::monitor::watch::LineKind;

    #[test]
    fn counts_become_a_course() {
        let board = Board::private(&[SlotSetup { capacity: 5 }, SlotSetup { capacity: 5 }]);
        let mut record = Record::default();
        record.take(Update::Board(Ok(board.snapshot())));
        board.slot(1).admitted();
        board.slot(1).messages(7);
        record.take(Update::Board(Ok(board.snapshot())));
        assert_eq!(record.courses[0].clients, [0.0, 0.0]);
        assert_eq!(record.courses[1].clients, [0.0, 1.0]);
        assert_eq!(record.courses[1].messages, [0.0, 7.0]);
        assert_eq!(record.servers(Some(1)).count(), 1);
        assert_eq!(record.servers(None).count(), 2);
    }

    #[test]
    fn a_restarted_instance_counts_no_negative_messages() {
        let mut record = Record::default();
        for messages in [100, 3, 5] {
            let board = Board::private(&[SlotSetup { capacity: 5 }]);
            board.slot(0).messages(messages);
            record.take(Update::Board(Ok(board.snapshot())));
        }
        assert_eq!(record.courses[0].messages, [0.0, 0.0, 2.0]);
    }

    fn figures(index: usize, state: State, pid: u32, now: u64) -> ServerFigures {
        ServerFigures {
            index,
            state,
            pid,
            now,
            ..ServerFigures::default()
        }
    }

    #[test]
    fn a_server_that_is_down_is_told_until_it_runs_and_restarts_are_counted() {
        let mut record = Record::default();
        let mut seen = |state, pid| {
            let servers = vec![figures(0, State::Running, 7, 1), figures(1, state, pid, 0)];
            record.take(Update::Board(Ok(Snapshot {
                servers,
                ..Snapshot::default()
            })));
            (record.alarm(), record.courses[1].restarts)
        };
        assert_eq!(seen(State::Running, 8), (None, 0));
        for _ in 0..59 {
            seen(State::Failed, 0);
        }
        let down = Some("Server-2 is down for 1 min".to_owned());
        assert_eq!(seen(State::Failed, 0), (down, 0));
        assert_eq!(seen(State::Starting, 9), (None, 1));
        assert_eq!(seen(State::Running, 9), (None, 1));
    }

    #[test]
    fn servers_stand_in_the_order_asked_for() {
        let mut record = Record::default();
        for messages in [0, 5] {
            let mut servers: Vec<_> = [(0, 2), (1, 9), (2, 4)]
                .map(|(index, now)| figures(index, State::Running, 1, now))
                .into();
            servers[2].messages = messages;
            record.take(Update::Board(Ok(Snapshot {
                servers,
                ..Snapshot::default()
            })));
        }
        let order = |order| -> Vec<usize> {
            let servers = record.sorted(None, order);
            servers.iter().map(|server| server.index).collect()
        };
        assert_eq!(order(Order::Number), [0, 1, 2]);
        assert_eq!(order(Order::Clients), [1, 2, 0]);
        assert_eq!(order(Order::Messages), [2, 0, 1]);
    }

    #[test]
    fn a_server_that_comes_no_nearer_is_told_of_and_a_busy_one_is_not() {
        let mut record = Record::default();
        let mut seen = |behind: &[u32]| {
            for behind in behind {
                let board = Board::private(&[SlotSetup { capacity: 5 }]);
                board.slot(0).set_state(State::Running);
                board.slot(0).set_behind(*behind);
                record.take(Update::Board(Ok(board.snapshot())));
            }
            record.alarm()
        };
        assert_eq!(seen(&[5; 9]), None);
        let told = Some("Server-1 has not answered for 12 s".to_owned());
        assert_eq!(seen(&[6, 6, 9]), told);
        assert_eq!(seen(&[8]), None, "it goes on");
        assert_eq!(seen(&[3, 7, 8, 2, 4, 9, 9, 1, 5, 6, 7, 3, 8, 9]), None);
        assert_eq!(seen(&[0; 30]), None);
    }

    #[test]
    fn a_database_that_cannot_be_written_is_told() {
        let board = Board::private(&[SlotSetup { capacity: 4 }]);
        let mut record = Record::default();
        let mut seen = |held| {
            board.set_held(held);
            record.take(Update::Board(Ok(board.snapshot())));
            record.alarm()
        };
        let told = seen(1200).expect("it is told");
        assert!(told.contains("cannot be written: 1200 rows"), "{told}");
        assert_eq!(seen(0).filter(|told| told.contains("database")), None);
    }

    #[test]
    fn trouble_shows_and_goes() {
        let mut record = Record::default();
        record.take(Update::Board(Err("nothing there".to_owned())));
        record.take(Update::Journal(Err("no hub".to_owned())));
        assert_eq!(record.board_trouble.as_deref(), Some("nothing there"));
        record.take(Update::Board(Ok(Snapshot::default())));
        record.take(Update::Journal(Ok(())));
        assert_eq!((record.board_trouble, record.journal_trouble), (None, None));
    }

    #[test]
    fn lines_and_samples_are_bounded() {
        let mut record = Record::default();
        for number in 0..2 * LINES {
            let line = Line {
                time: Timestamp(0),
                server: 1,
                kind: LineKind::Said,
                who: "ana".to_owned(),
                text: number.to_string(),
            };
            record.take(Update::Lines(vec![line]));
        }
        assert_eq!(record.lines.len(), LINES);
        assert_eq!(
            record.lines.back().map(|line| line.text.as_str()),
            Some("999")
        );
        let board = Board::private(&[SlotSetup { capacity: 5 }]);
        for _ in 0..2 * SAMPLES {
            record.take(Update::Board(Ok(board.snapshot())));
        }
        assert_eq!(record.courses[0].clients.len(), SAMPLES);
    }
}
