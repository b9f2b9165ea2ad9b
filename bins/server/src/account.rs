//! `chat-server account …`: accounts from the command line, while the chat runs and while it does
//! not.
//!
//! Where the instance runs, its journal is asked over its socket, as by anybody else; where it does
//! not, this program opens the database as its writer and brings the journal itself. Either way the
//! same rules decide.

mod prompt;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chat_journal::{Journal, Link, Role, Setup};
use chat_network::{Account, Action, NewAccount, Rejection, ServerId};
use chat_server::auth::{Secrets, check_password};
use chat_server::figures::Bookkeeper;
use chat_stats::{Board, SlotSetup};
use chat_store::Writer;
use clap::{Args, Subcommand};

use crate::config::File;
use crate::instance::Paths;
use crate::process;

/// The exit code where the chat refuses what was asked.
pub(crate) const REFUSED: u8 = 3;
/// How long the end may take to write what is left.
const CLOSE: Duration = Duration::from_secs(10);

/// `chat-server account …`
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Place,
}

/// Which chat.
#[derive(Args, Clone, Debug)]
pub struct Place {
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

#[derive(Subcommand, Debug)]
enum Act {
    /// Make an account; the password is asked for, or read from standard input.
    Add {
        /// Its name, which becomes its nick.
        name: String,
        /// Where its owner can be reached.
        #[arg(long)]
        email: Option<String>,
    },
    /// Give an account another password, which is asked for, or read from standard input.
    Password {
        /// The account's name.
        name: String,
    },
    /// Delete an account; its channels are no longer registered.
    Delete {
        /// The account's name.
        name: String,
    },
    /// List all accounts.
    List,
    /// Take an account out of use: its connections end, and nobody can log in to it.
    Suspend {
        /// The account's name.
        name: String,
        /// Why, as its owner is told.
        #[arg(default_value = "No reason given")]
        reason: String,
    },
    /// Give a suspended account back.
    Unsuspend {
        /// The account's name.
        name: String,
    },
    /// Verify a new account.
    Verify {
        /// The account's name.
        name: String,
    },
}

/// Runs it; the exit code: 0 it is done, 1 it failed, 2 it makes no sense, 3 the chat refuses it.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    process::log_to_stderr();
    let file = match arguments.place.file() {
        Ok(file) => file,
        Err(error) => {
            process::complain("chat-server", &error);
            return ExitCode::from(process::USAGE);
        }
    };
    match act(&arguments.act, &file) {
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

impl Place {
    /// The file, with the flags over it.
    pub(crate) fn file(&self) -> anyhow::Result<File> {
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

/// What became of it: done, or why it is refused.
pub(crate) type Outcome = Result<(), String>;

fn act(act: &Act, file: &File) -> anyhow::Result<Outcome> {
    // What needs no chat comes first: nobody waits for somebody who types.
    let action = match act {
        Act::List => None,
        Act::Add { name, email } => match secrets(name)? {
            Ok(secrets) => Some(Action::RegisterAccount(Box::new(NewAccount {
                name: name.as_str().into(),
                secrets: secrets.to_network(),
                email: email.as_deref().map(Into::into),
                verified: true,
            }))),
            Err(refused) => return Ok(Err(refused)),
        },
        Act::Password { name } => match secrets(name)? {
            Ok(secrets) => Some(Action::SetSecrets {
                account: Some(name.as_str().into()),
                secrets: secrets.to_network(),
            }),
            Err(refused) => return Ok(Err(refused)),
        },
        Act::Delete { name } => Some(Action::DropAccount {
            account: Some(name.as_str().into()),
        }),
        Act::Suspend { name, reason } => Some(Action::SuspendAccount {
            account: name.as_str().into(),
            reason: reason.as_str().into(),
        }),
        Act::Unsuspend { name } => Some(Action::UnsuspendAccount {
            account: name.as_str().into(),
        }),
        Act::Verify { name } => Some(Action::VerifyAccount {
            account: name.as_str().into(),
        }),
    };
    let runtime = process::runtime()?;
    runtime.block_on(async {
        let mut chat = Chat::open(file).await?;
        let outcome = match action {
            Some(action) => chat.ask(action).await,
            None => {
                list(chat.link.network.accounts());
                Ok(Ok(()))
            }
        };
        chat.close().await?;
        outcome
    })
}

fn secrets(name: &str) -> anyhow::Result<Result<Secrets, String>> {
    let password = prompt::password()?;
    Ok(match check_password(name, &password) {
        Ok(()) => Ok(Secrets::of_password(&password)),
        Err(refused) => Err(refused.to_string()),
    })
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
        let database = store.path.clone().unwrap_or_default();
        let (writer, reader) = chat_store::open(&store)
            .with_context(|| format!("cannot use the database {}", database.display()))?;
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

#[expect(clippy::print_stdout, reason = "what was asked for")]
fn list<'a>(accounts: impl Iterator<Item = &'a Account>) {
    let mut accounts: Vec<&Account> = accounts.collect();
    accounts.sort_by_key(|account| account.name().to_lowercase());
    for account in accounts {
        let state = match account.suspended() {
            Some(suspension) => format!("suspended: {}", suspension.reason),
            None if account.is_verified() => "active".to_owned(),
            None => "not verified".to_owned(),
        };
        let created = day(account.created().0);
        println!("{}\t{created}\t{state}", account.name());
    }
}

/// A day, for people to read.
fn day(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(
        |_| "unknown".to_owned(),
        |time| time.strftime("%Y-%m-%d").to_string(),
    )
}
