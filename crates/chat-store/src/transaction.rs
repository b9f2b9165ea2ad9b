//! Transactions by prepared statements. What begins and ends one is the same text each time, and a
//! commit of one message is so short that reading that text anew would be a good part of it.

use rusqlite::{Connection, Result};

/// Does all of it in one transaction, or after an error nothing.
pub(crate) fn within<T>(connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    transact(connection, "BEGIN IMMEDIATE", work)
}

/// Reads all of it from one state of the database, whatever is committed meanwhile.
pub(crate) fn snapshot<T>(connection: &Connection, read: impl FnOnce() -> Result<T>) -> Result<T> {
    transact(connection, "BEGIN", read)
}

fn transact<T>(
    connection: &Connection,
    begin: &str,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    run(connection, begin)?;
    let open = Open(connection);
    let done = work()?;
    run(connection, "COMMIT")?;
    drop(open);
    Ok(done)
}

/// Takes back what is not committed when it is dropped, also where the work panics.
struct Open<'a>(&'a Connection);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = run(self.0, "ROLLBACK")
        {
            tracing::debug!(%error, "a transaction could not be taken back");
        }
    }
}

fn run(connection: &Connection, statement: &str) -> Result<()> {
    connection
        .prepare_cached(statement)?
        .execute([])
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(connection: &Connection) -> i64 {
        connection
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn all_of_it_happens_or_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t(a)").unwrap();
        let insert = || connection.execute("INSERT INTO t VALUES (1)", []);
        within(&connection, insert).unwrap();
        assert_eq!(count(&connection), 1);
        let failed = within(&connection, || {
            insert()?;
            connection.execute("INSERT INTO nowhere VALUES (1)", [])
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            within(&connection, || -> Result<()> {
                insert()?;
                panic!("in the middle of it");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(count(&connection), 1);
        within(&connection, insert).unwrap();
        assert_eq!(count(&connection), 2);
    }
}
