//! The chat that a command line asks: which it is, and the way to it.
//!
//! Where the instance runs, its journal is asked over its socket, as by anybody else; where it does
//! not, this program opens the database as its writer and brings the journal itself. Either way the
//! same rules decide.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chat_journal::{Journal, Link, Role, Setup};
use chat_network::{Action, Rejection, ServerId};
use chat_server::figures::Bookkeeper;
use chat_stats::{Board, SlotSetup};
use chat_store::Writer;
use clap::Args;

use crate::config::File;
use crate::instance::Paths;
use crate::process;

/// The exit code where the chat refuses what was asked.
const REFUSED: u8 = 3;
/// How long the end may take to write what is left.
const CLOSE: Duration = Duration::from_secs(10);

/// Which chat.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// Configuration file; flags win over it.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The database file.
    #[arg(long, value_name = "PATH", global = true)]
    database: Option<PathBuf>,
    /// The name of the running server or fleet [default: the first port].
    #[arg(long, value_name = "NAME", global = true)]
    instance: Option<String>,
}

/// What became of it: done, or why it is refused.
pub(crate) type Outcome = Result<(), String>;

impl Place {
    /// Does what was asked of this chat; the exit code: 0 it is done, 1 it failed, 2 it makes no
    /// sense, 3 the chat refuses it.
    pub(crate) fn act(&self, act: impl FnOnce(&File) -> anyhow::Result<Outcome>) -> ExitCode {
        let file = match self.file() {
            Ok(file) => file,
            Err(error) => {
                process::complain("chat-server", &error);
                return ExitCode::from(process::USAGE);
            }
        };
        match act(&file) {
            Ok(Ok(())) => ExitCode::SUCCESS,
            Ok(Err(refused)) => {
                process::complain("chat-server", &anyhow::anyhow!(refused));
                ExitCode::from(REFUSED)
            }
            Err(error) => {
                process::complain("chat-server", &error);
                ExitCode::FAILURE
            }
        }
    }

    /// The file, with the flags over it.
    fn file(&self) -> anyhow::Result<File> {
        let mut file = match &self.config {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        if let Some(database) = &self.database {
            file.storage.database = Some(database.clone());
        }
        if let Some(instance) = &self.instance {
            file.launcher.instance = Some(instance.clone());
        }
        Ok(file)
    }
}

/// The chat: one that runs, or one that this program brings.
pub(crate) struct Chat {
    pub(crate) link: Link,
    own: Option<(Journal, Writer)>,
}

impl Chat {
    pub(crate) async fn open(file: &File) -> anyhow::Result<Self> {
        let paths = Paths::new(&file.instance());
        if paths.is_running() {
            let link = Link::connect(&paths.journal_socket(), Role::Operator).await;
            let link =
                link.with_context(|| format!("cannot reach the instance '{}'", paths.name()))?;
            return Ok(Self { link, own: None });
        }
        let store = file.store_config()?;
        let (writer, reader) = chat_store::open(&store).context("cannot use the database")?;
        let board = Board::private(&[SlotSetup { capacity: 1 }]);
        let books =
            Bookkeeper::restore(board, writer.clone(), |server: ServerId| server.to_string())?;
        let first = books.first_position();
        let setup = Setup::restore(file.network_limits(), writer.clone(), &reader, first)?;
        let journal = Journal::start(setup)?;
        let link = journal.attach(Role::Operator).await?;
        Ok(Self {
            link,
            own: Some((journal, writer)),
        })
    }

    pub(crate) async fn ask(&mut self, action: Action) -> anyhow::Result<Outcome> {
        let answer = self.link.ask(action).await.context("the chat has ended")?;
        Ok(match answer {
            Ok(_) => Ok(()),
            Err(rejection) => Err(reason(&rejection)),
        })
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let Self { link, own } = self;
        drop(link);
        let Some((journal, writer)) = own else {
            return Ok(());
        };
        journal.shutdown().await;
        match writer.close(CLOSE) {
            Ok(()) => Ok(()),
            Err(error) => bail!("the database was not closed in order: {error}"),
        }
    }
}

fn reason(rejection: &Rejection) -> String {
    match rejection {
        Rejection::NoChange => "it is so already".to_owned(),
        rejection => rejection.to_string(),
    }
}
