//! The configuration file, read again while the chat runs: for SIGHUP and REHASH.

use std::fmt;
use std::sync::Arc;

use anyhow::Context as _;
use chat_network::{Configuration, Reconfiguration, SessionId};
use chat_transport::tls::Identity;

use crate::config::File;
use crate::process;

/// Reads the file, with the flags over it; `None`: there is none.
type Source = Box<dyn Fn() -> anyhow::Result<Option<File>>>;

/// Reads the file again as it was read at the start.
pub struct Rereader {
    program: &'static str,
    source: Source,
    /// What holds.
    file: File,
    identity: Option<Arc<Identity>>,
}

impl Rereader {
    /// `file` is what holds since the start of `program`, and `source` what reads it again (`None`:
    /// there is no file). The certificate of `identity` is read again with it.
    pub fn new(
        program: &'static str,
        file: File,
        identity: Option<Arc<Identity>>,
        source: impl Fn() -> anyhow::Result<Option<File>> + 'static,
    ) -> Self {
        Self {
            program,
            source: Box::new(source),
            file,
            identity,
        }
    }

    /// Reads, and says what holds from now on, to be told to `askers` too. What is wrong, and what
    /// takes a restart, is noted there and told on standard error.
    pub fn read(&mut self, askers: Vec<SessionId>) -> Configuration {
        let mut notes = Vec::new();
        if let Some(identity) = &self.identity
            && let Err(error) = identity.reload()
        {
            notes.push(format!("{error}; the certificate is the one before"));
        }
        let change = match self.changed() {
            Ok(Some((change, restart))) => {
                notes.extend(restart.iter().map(|key| {
                    format!("{key} is what it was: to change it, start the program again")
                }));
                Some(Box::new(change))
            }
            Ok(None) => {
                let text = "there is no configuration file, the program was started without";
                notes.push(text.to_owned());
                None
            }
            Err(error) => {
                notes.push(process::in_words(&error));
                None
            }
        };
        let notes = notes.into_iter().map(|note| {
            process::complain(self.program, &anyhow::anyhow!("{note}"));
            note.replace(['\r', '\n'], " ").into()
        });
        Configuration {
            change,
            askers,
            notes: notes.collect(),
        }
    }

    /// What has changed, and the keys that stay as they are until the next start.
    fn changed(&mut self) -> anyhow::Result<Option<(Reconfiguration, Vec<&'static str>)>> {
        let Some(new) = (self.source)()? else {
            return Ok(None);
        };
        let (file, restart) = self.file.rehashed(new);
        let config = file.server_config();
        let change = config
            .reconfiguration(file.network_limits())
            .context("the configuration is too long for a running chat: expected half a MiB")?;
        self.file = file;
        Ok(Some((change, restart)))
    }
}

impl fmt::Debug for Rereader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rereader").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// A reader of a file that the test rewrites.
    fn reader(start: &str) -> (Rereader, Rc<RefCell<Option<String>>>) {
        let text = Rc::new(RefCell::new(Some(start.to_owned())));
        let file = File::parse(start).unwrap();
        let source = {
            let text = Rc::clone(&text);
            move || text.borrow().as_deref().map(File::parse).transpose()
        };
        (Rereader::new("test", file, None, source), text)
    }

    #[test]
    fn what_may_change_does_and_the_rest_is_named() {
        let (mut reader, text) = reader("[server]\nmotd = \"one\"\n");
        let new = "[server]\nmotd = \"two\"\nname = \"new.name\"\n[limits]\nchannels = 7\n\
                   held_bytes = 9000000\n[[operator]]\nname = \"ann\"\npassword = \"x\"\n";
        text.replace(Some(new.to_owned()));
        let read = reader.read(Vec::new());
        let change = read.change.expect("the file is in order");
        assert_eq!(change.limits.channels_per_user, 7);
        assert_eq!(change.operators[0].name, "ann");
        assert_eq!(read.notes.len(), 2, "{:?}", read.notes);
        assert!(
            read.notes[0].starts_with("[server] name "),
            "{:?}",
            read.notes
        );
        assert!(read.notes[1].starts_with("[limits] held_bytes "));
        // It stays so, and is said again.
        assert_eq!(reader.read(Vec::new()).notes.len(), 2);
        assert_eq!(reader.file.server.name, File::default().server.name);
        assert_eq!(reader.file.server.motd, "two");
    }

    #[test]
    fn a_wrong_file_changes_nothing_and_shows_no_line_of_it() {
        let (mut reader, text) = reader("[server]\nmotd = \"one\"\n");
        text.replace(Some(
            "[server]\nmotd = \"two\"\npassword = secret\n".to_owned(),
        ));
        let read = reader.read(Vec::new());
        assert!(read.change.is_none());
        assert!(read.notes[0].contains("line 3"), "{:?}", read.notes);
        assert!(!read.notes[0].contains("secret"), "{:?}", read.notes);
        assert_eq!(reader.file.server.motd, "one");
        text.replace(None);
        let read = reader.read(Vec::new());
        assert!(read.change.is_none() && read.notes.len() == 1);
    }
}
