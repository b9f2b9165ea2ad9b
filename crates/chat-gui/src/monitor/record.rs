//! What the monitor remembers: the last counts, their course over the last minutes, who is on, and
//! the newest lines. Pure; nothing of iced.

use std::collections::VecDeque;

use chat_stats::{ServerFigures, Snapshot};

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
}

impl Course {
    fn sample(&mut self, server: &ServerFigures) {
        // A counter that went back is one of a restarted instance.
        let before = self.counted.filter(|before| *before <= server.messages);
        let fresh = server.messages - before.unwrap_or(server.messages);
        self.counted = Some(server.messages);
        push(&mut self.clients, server.now);
        push(&mut self.messages, fresh);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a plot needs no more than 24 bits"
)]
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
