//! `chat-server account …`: accounts from the command line, while the chat runs and while it does
//! not.

mod prompt;

use std::process::ExitCode;

use chat_network::{Account, Action, NewAccount};
use chat_server::auth::{Secrets, check_password};
use clap::{Args, Subcommand};

use crate::chat::{Chat, Outcome, Place};
use crate::config::File;
use crate::process;

/// `chat-server account …`
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Place,
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
    arguments.place.act(|file| act(&arguments.act, file))
}

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
        process::tell(format_args!("{}\t{created}\t{state}", account.name()));
    }
}

/// A day, for people to read.
fn day(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(
        |_| "unknown".to_owned(),
        |time| time.strftime("%Y-%m-%d").to_string(),
    )
}
