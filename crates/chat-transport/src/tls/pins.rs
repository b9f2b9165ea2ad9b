//! Certificates that were seen before.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::Fingerprint;

/// How many servers are remembered.
const MAX_PINS: usize = 4096;

/// A file larger than this is no such list.
const FILE_LIMIT: u64 = 1 << 20;

/// Which certificate a server had when it was met first, for servers whose certificate no authority
/// vouches for. Clones are the same list.
///
/// In a file there is one line for each server: `host:port` and the fingerprint.
#[derive(Debug, Clone, Default)]
pub struct Pins(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    file: Option<PathBuf>,
    known: Mutex<BTreeMap<String, Fingerprint>>,
}

impl Pins {
    /// Remembers nothing yet, and nothing beyond the end of the program.
    #[must_use]
    pub fn in_memory() -> Pins {
        Pins::default()
    }

    /// What the file knows; a file that is not there is an empty list. New servers are added to it.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is none: who trusts by it must not be told that
    /// nothing is known.
    pub fn open(file: &Path) -> io::Result<Pins> {
        let expected = "`host:port` and a fingerprint of 64 hexadecimal digits";
        let known = read_list(file, expected, |line| {
            let (server, print) = line.split_once(char::is_whitespace)?;
            Some((server, print.trim().parse().ok()?))
        })?;
        Ok(Pins(Arc::new(Shared {
            file: Some(file.to_owned()),
            known: Mutex::new(known),
        })))
    }

    /// The certificate that this server had.
    #[must_use]
    pub fn get(&self, server: &str) -> Option<Fingerprint> {
        self.0.known.lock().get(server).copied()
    }

    /// Where they are kept, if in a file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// Remembers a server's certificate.
    ///
    /// # Errors
    /// The file cannot be written; until the end of the program it is remembered all the same.
    pub fn add(&self, server: &str, certificate: Fingerprint) -> io::Result<()> {
        let mut known = self.0.known.lock();
        if known.len() >= MAX_PINS {
            return Err(io::Error::other("there are too many pins"));
        }
        known.insert(server.to_owned(), certificate);
        let Some(file) = &self.0.file else {
            return Ok(());
        };
        let lines = known.iter();
        write_list(
            file,
            lines.map(|(server, print)| format!("{server} {print}")),
        )
    }
}

/// Reads a list that is kept in a file, one entry a line; blank lines and those that begin with `#`
/// are passed over, and a file that is not there is an empty list. `expected` says what `read` takes a
/// line for: a name and what is known of it.
///
/// # Errors
/// The file cannot be read, is too large, or a line of it is none: who relies on the list must not be
/// told that nothing is known.
pub fn read_list<T>(
    file: &Path,
    expected: &str,
    read: impl Fn(&str) -> Option<(&str, T)>,
) -> io::Result<BTreeMap<String, T>> {
    let text = match fs::metadata(file) {
        Ok(data) if data.len() > FILE_LIMIT => return Err(bad(file, "it is too large")),
        Ok(_) => fs::read_to_string(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut known = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, entry)) = read(line) else {
            let problem = format!("line {}: expected {expected}", number + 1);
            return Err(bad(file, &problem));
        };
        known.insert(name.to_owned(), entry);
    }
    Ok(known)
}

/// Writes such a list, and the folder if need be. The old file stays whole until the new one is.
///
/// # Errors
/// The file cannot be written.
pub fn write_list(file: &Path, lines: impl Iterator<Item = String>) -> io::Result<()> {
    let text: String = lines.map(|line| line + "\n").collect();
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(&new, file)
}

fn bad(file: &Path, problem: &str) -> io::Error {
    let problem = format!("{}: {problem}", file.display());
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/pins");
        let (one, other) = (Fingerprint::of(b"1"), Fingerprint::of(b"2"));
        let pins = Pins::open(&file).unwrap();
        assert_eq!(pins.get("a:1"), None);
        pins.add("a:1", one).unwrap();
        pins.clone().add("[::1]:6697", other).unwrap();
        let again = Pins::open(&file).unwrap();
        assert_eq!(
            (again.get("a:1"), again.get("[::1]:6697")),
            (Some(one), Some(other))
        );
        assert_eq!(again.get("a:2"), None);
    }

    #[test]
    fn a_broken_file_is_not_taken_for_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pins");
        fs::write(
            &file,
            format!("# mine\n\na:1 {}\na:2 00\n", Fingerprint::of(b"")),
        )
        .unwrap();
        let error = Pins::open(&file).unwrap_err().to_string();
        assert!(
            error.contains("line 4") && error.contains("pins"),
            "{error}"
        );
    }
}
