//! What lies outside the window: the files of servers that are trusted, the program that opens links,
//! and the desktop.

use std::io;
use std::path::Path;

use chat_client::Config;
use chat_client::sts::Policies;
use chat_client::tls::{Fingerprint, Pins, Trust};
use iced::{Task, window};

use super::{App, Message, Screen};
use crate::client::{chat, link};

impl App {
    /// Trusts another certificate of the server than before, and connects again.
    pub(super) fn trust(&mut self, server: &str, certificate: Fingerprint) -> Task<Message> {
        let trust = self.job.as_ref().map(|job| &job.config.tls.trust);
        if let Some(Trust::FirstUse(pins)) = trust {
            // Where it cannot be written it holds until the end of the program.
            let _ = pins.add(server, certificate);
        }
        self.chat(chat::Message::Reconnect)
    }

    /// Hands a link to the program that the user opens links with; where there is none, it is copied.
    pub(super) fn open_link(&mut self, link: String) -> Task<Message> {
        let opened = open::that_detached(&link);
        let Screen::Chat(chat) = &mut self.screen else {
            return Task::none();
        };
        match opened {
            Ok(()) => {
                chat.tell(format!(
                    "Opening {}.",
                    link::host(&link).unwrap_or_default()
                ));
                Task::none()
            }
            Err(_) => {
                chat.tell("Nothing here opens links: it was copied.".to_owned());
                iced::clipboard::write(link)
            }
        }
    }
}

/// Lets the desktop mark the window as one that is `wanted` to be looked at, or no longer.
pub(super) fn attention(wanted: bool) -> Task<Message> {
    let wanted = wanted.then_some(window::UserAttention::Informational);
    window::latest().and_then(move |id| window::request_user_attention(id, wanted))
}

/// Which certificates are trusted: where no authority vouches for one, it must be the one that the
/// server had the first time. That, and which servers want TLS, is remembered beside the settings.
pub(super) fn trusting(config: &mut Config, settings: Option<&Path>) -> io::Result<()> {
    let Some(path) = settings else {
        if !matches!(config.tls.trust, Trust::Anyone) {
            config.tls.trust = Trust::FirstUse(Pins::in_memory());
        }
        return Ok(());
    };
    config.policies = Policies::open(&path.with_file_name("tls_only_servers"))?;
    let pins = Pins::open(&path.with_file_name("known_servers"))?;
    if !matches!(config.tls.trust, Trust::Anyone) {
        config.tls.trust = Trust::FirstUse(pins);
    }
    Ok(())
}
