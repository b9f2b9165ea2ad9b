//! `chat-server history export|forget …`: what a person has said, or all of a channel, from the command
//! line, while the chat runs and while it does not.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use chat_network::{Action, Forget, Identity, MessageId, Network, Position};
use chat_store::{Message, MessageKind, Reader};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::chat::{Chat, Outcome, Place};
use crate::config::File;
use crate::process;

/// Messages that are read at once.
const PAGE: u32 = 1000;
/// How often it is looked whether all is forgotten.
const LOOK: Duration = Duration::from_millis(50);

/// `chat-server history …`
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// Write what was said to standard output, one JSON object a line: of an account, all that its
    /// owner has said and was written privately; of a channel, all.
    Export(Whose),
    /// Delete what was said: of an account, all that its owner has said; of a channel, all, and what
    /// happened there.
    Forget(Whose),
}

/// Whose history.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The account's name.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The channel's name.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

/// Runs it; the exit code: 0 it is done, 1 it failed, 2 it makes no sense, 3 the chat refuses it.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    process::log_to_stderr();
    arguments.place.act(|file| act(&arguments.act, file))
}

fn act(act: &Act, file: &File) -> anyhow::Result<Outcome> {
    let runtime = process::runtime()?;
    runtime.block_on(async {
        let mut chat = Chat::open(file).await?;
        let path = file.store_config()?.path.unwrap_or_default();
        let reader = Reader::open(&path)
            .with_context(|| format!("cannot read the database {}", path.display()))?;
        let outcome = match act {
            Act::Export(whose) => export(&chat.link.network, &reader, whose),
            Act::Forget(whose) => forget(&mut chat, &reader, whose).await,
        };
        chat.close().await?;
        outcome
    })
}

/// Asks the chat, and waits until it is done.
async fn forget(chat: &mut Chat, reader: &Reader, whose: &Whose) -> anyhow::Result<Outcome> {
    let what = match (&whose.account, &whose.channel) {
        (Some(account), _) => Forget::Account(account.into()),
        (None, channel) => Forget::Channel(channel.as_deref().unwrap_or_default().into()),
    };
    if let Err(refused) = chat.ask(Action::Forget(what)).await? {
        return Ok(Err(refused));
    }
    while reader.forgetting()? > 0 {
        tokio::time::sleep(LOOK).await;
    }
    Ok(Ok(()))
}

/// A message as it is exported.
#[derive(Serialize)]
struct Exported<'a> {
    id: String,
    time: String,
    from: &'a str,
    account: Option<&'a str>,
    to: &'a str,
    kind: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [(String, String)],
}

fn export(network: &Network, reader: &Reader, whose: &Whose) -> anyhow::Result<Outcome> {
    let person = match &whose.account {
        Some(name) => match network.account_by_name(name) {
            Some(account) => Some(Identity::Account(account.id()).to_string()),
            None => return Ok(Err(format!("no such account: {name}"))),
        },
        None => None,
    };
    let channel = whose.channel.as_deref();
    let channel = channel.map(|name| network.place_of(name));
    let wanted = |message: &Message| match (&person, &channel) {
        (Some(person), _) => {
            message.sender_key == *person || message.recipient_key.as_ref() == Some(person)
        }
        (None, channel) => Some(&message.target_key) == channel.as_ref(),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut after = None;
    loop {
        let page = reader.messages_after(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for message in page.iter().filter(|message| wanted(message)) {
            serde_json::to_writer(&mut out, &exported(message))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(Ok(()))
}

fn exported(message: &Message) -> Exported<'_> {
    let time = jiff::Timestamp::from_millisecond(message.time_ms);
    Exported {
        id: MessageId(Position(message.id)).to_string(),
        time: time.map_or_else(|_| String::new(), |time| time.to_string()),
        from: &message.sender,
        account: message.account.as_deref(),
        to: &message.target,
        kind: match message.kind {
            MessageKind::Privmsg => "PRIVMSG",
            MessageKind::Notice => "NOTICE",
            MessageKind::Tagmsg => "TAGMSG",
        },
        text: &message.text,
        tags: &message.tags,
    }
}
