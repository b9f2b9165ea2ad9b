//! From the board to the table `servers` and back.
//!
//! Beside that, how far each server is behind the journal goes to the board, and how much is held in
//! memory while the database cannot be written.
//!
//! A [`Bookkeeper`] restores the counts of today, the month and of all times at the start, rolls
//! the board at local midnight, and writes the rows every few seconds and at the end. There is one
//! per board: beside a lone server, or in the launcher.

use std::future::Future;
use std::time::Duration;

use chat_journal::Journal;
use chat_network::{Position, ServerId};
use chat_stats::{Board, Day, Restored, ServerFigures, Snapshot};
use chat_store::{DayFigures, Health, ServerStart, Writer};
use parking_lot::Mutex;
use tokio::time::{MissedTickBehavior, interval};

/// Keeps a board's figures in the database.
#[derive(Debug)]
pub struct Bookkeeper {
    board: Board,
    writer: Writer,
    /// By slot.
    servers: Vec<Name>,
    /// The first position that no entry has had.
    first: Position,
    /// The rows that were written last.
    saved: Mutex<Vec<DayFigures>>,
}

/// What a server is called in the database, and what is known of it that the board cannot hold.
#[derive(Debug)]
struct Name {
    name: String,
    /// The average of a database that knows no single ratings, until there are any.
    average: f64,
}

/// Why figures could not be restored.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// The database could not be read.
    #[error("cannot read the figures: {0}")]
    Store(#[from] chat_store::Error),
    /// The board could not be written.
    #[error("cannot restore the figures: {0}")]
    Board(#[from] chat_stats::Error),
}

impl Bookkeeper {
    /// Restores what the database remembers; call it before anyone is counted. `names` says what
    /// each server is called in the table.
    ///
    /// # Errors
    ///
    /// The database cannot be read or the board's lock not be had.
    pub fn restore(
        board: Board,
        writer: Writer,
        names: impl Fn(ServerId) -> String,
    ) -> Result<Self, FiguresError> {
        let today = today();
        // The first roll of all only says which day it is.
        let _ = board.roll(today);
        let start = writer.start_state(&today.to_string())?;
        let known = start.servers;
        let mut servers = Vec::with_capacity(board.slot_count());
        for index in 0..board.slot_count() {
            let server = ServerId(u16::try_from(index + 1).unwrap_or(u16::MAX));
            let name = names(server);
            let find = |name: &str| known.iter().find(|start| start.name == name);
            let start = find(&name).cloned().unwrap_or_default();
            // Ratings are kept by number, whatever the server is called.
            let rated = find(&server.to_string()).cloned().unwrap_or_default();
            board.restore(index, restored(&start, &rated))?;
            let average = start.average_rating;
            servers.push(Name { name, average });
        }
        Ok(Self {
            board,
            writer,
            servers,
            first: Position(start.position),
            saved: Mutex::default(),
        })
    }

    /// Where the journal goes on: the first position that no entry has had.
    #[must_use]
    pub fn first_position(&self) -> Position {
        self.first
    }

    /// Writes the figures as they are, if they have changed since they were written; at the first
    /// call of a day also the last ones of the day before. Does not wait for the disk.
    pub fn save(&self) {
        let mut rows = Vec::new();
        if let Some(ended) = self.board.roll(today()) {
            rows.extend(self.rows(&ended));
        }
        rows.extend(self.rows(&self.board.snapshot()));
        let mut saved = self.saved.lock();
        if *saved != rows {
            saved.clone_from(&rows);
            self.writer.save_figures(rows, |_| {});
        }
    }

    /// Saves every so often, until `end` is ready, and once more then. How far each server is behind
    /// in `journal` is told as often, and what waits for the database.
    pub async fn run(&self, every: Duration, journal: &Journal, end: impl Future) {
        tokio::pin!(end);
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = &mut end => break,
                _ = ticks.tick() => {
                    self.save();
                    self.measure(journal);
                }
            }
        }
        self.save();
    }

    /// What others see on the board beside the counts: how far servers are behind, and whether the
    /// database is written.
    fn measure(&self, journal: &Journal) {
        self.board.set_held(match self.writer.health() {
            Health::Healthy => 0,
            Health::Degraded { held_rows, .. } => {
                u32::try_from(held_rows).unwrap_or(u32::MAX).max(1)
            }
        });
        let behind = journal.behind();
        for index in 0..self.board.slot_count() {
            let known = behind
                .iter()
                .find(|(server, _)| usize::from(server.0) == index + 1);
            let entries = known.map_or(0, |(_, entries)| *entries);
            let entries = u32::try_from(entries).unwrap_or(u32::MAX);
            self.board.slot(index).set_behind(entries);
        }
    }

    fn rows(&self, snapshot: &Snapshot) -> Vec<DayFigures> {
        let Some(day) = snapshot.day else {
            return Vec::new();
        };
        let date = day.to_string();
        let rows = snapshot.servers.iter().zip(&self.servers);
        rows.map(|(figures, name)| row(&date, figures, name))
            .collect()
    }
}

fn row(date: &str, figures: &ServerFigures, name: &Name) -> DayFigures {
    let rated = figures.rating_count > 0;
    DayFigures {
        date: date.to_owned(),
        name: name.name.clone(),
        average_rating: if rated {
            figures.average_rating
        } else {
            name.average
        },
        today: signed(figures.today),
        month: signed(figures.month),
        total_approaches: signed(figures.approaches),
        lost: signed(figures.lost),
    }
}

fn restored(start: &ServerStart, rated: &ServerStart) -> Restored {
    Restored {
        today: unsigned(start.today),
        month: unsigned(start.month),
        total: unsigned(start.total_approaches),
        lost: unsigned(start.lost),
        // The original table does not tell them apart from those who were admitted.
        rejected: 0,
        rating_sum: rated.rating_sum,
        rating_count: rated.rating_count,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A database of others may hold anything.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The local day.
fn today() -> Day {
    let now = jiff::Zoned::now();
    Day {
        year: now.year(),
        month: now.month(),
        day: now.day(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chat_stats::SlotSetup;

    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    fn board() -> Board {
        Board::private(&[SlotSetup { capacity: 10 }, SlotSetup { capacity: 10 }])
    }

    #[test]
    fn what_was_counted_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let config = chat_store::Config::at(folder.path().join("storage.db"));
        {
            let (writer, _) = chat_store::open(&config).unwrap();
            let board = board();
            let books =
                Bookkeeper::restore(board.clone(), writer.clone(), |server| server.to_string())
                    .unwrap();
            board.slot(1).admitted();
            board.slot(1).admitted();
            board.slot(1).left();
            board.slot(1).lost();
            books.save();
            writer.close(WAIT).unwrap();
        }
        let (writer, reader) = chat_store::open(&config).unwrap();
        let board = board();
        let books = Bookkeeper::restore(board.clone(), writer.clone(), |server| server.to_string())
            .unwrap();
        board.slot(1).admitted();
        books.save();
        writer.flush(WAIT).unwrap();
        let figures = &board.snapshot().servers[1];
        assert_eq!((figures.now, figures.today, figures.month), (1, 3, 3));
        assert_eq!((figures.lost, figures.approaches), (1, 4));
        let rows = reader.figures(&today().to_string()).unwrap();
        let row = rows.iter().find(|row| row.name == "Server-2").unwrap();
        assert_eq!(
            (row.today, row.month, row.total_approaches, row.lost),
            (3, 3, 4, 1)
        );
        assert_eq!(
            rows.iter()
                .find(|row| row.name == "Server-1")
                .unwrap()
                .today,
            0
        );
    }

    #[test]
    fn the_rating_of_an_old_database_holds_until_someone_rates() {
        let (writer, reader) = chat_store::open(&chat_store::Config::default()).unwrap();
        let old = DayFigures {
            date: "2020-01-01".into(),
            name: "Server-1".into(),
            average_rating: 4.5,
            today: 3,
            month: 4,
            total_approaches: 20,
            lost: -7,
        };
        writer.save_figures(vec![old], |_| {});
        writer.flush(WAIT).unwrap();
        let board = board();
        let books = Bookkeeper::restore(board.clone(), writer.clone(), |server| server.to_string())
            .unwrap();
        let average = || {
            books.save();
            writer.flush(WAIT).unwrap();
            let rows = reader.figures(&today().to_string()).unwrap();
            let row = rows.into_iter().find(|row| row.name == "Server-1").unwrap();
            assert_eq!((row.today, row.month, row.total_approaches), (0, 0, 20));
            row.average_rating
        };
        assert!((average() - 4.5).abs() < 1e-9);
        board.slot(0).rated(2, None);
        assert!((average() - 2.0).abs() < 1e-9);
    }
}
