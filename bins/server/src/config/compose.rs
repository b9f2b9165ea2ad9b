//! From the configuration file to what each crate wants to know.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Durability, File};

impl File {
    /// The name of the instance: as set, else the first port, else (where the system chooses the
    /// port) the process.
    #[must_use]
    pub fn instance(&self) -> String {
        let first = self.server.listen.first().map_or(0, SocketAddr::port);
        match (&self.launcher.instance, first) {
            (Some(instance), _) => instance.clone(),
            (None, 0) => format!("p{}", std::process::id()),
            (None, port) => port.to_string(),
        }
    }

    /// What a server needs to know.
    #[must_use]
    pub fn server_config(&self) -> chat_server::Config {
        let Self { server, limits, .. } = self;
        chat_server::Config {
            name: server.name.clone(),
            network: server.network.clone(),
            description: server.description.clone(),
            lobby: server.lobby.clone(),
            password: server.password.clone(),
            motd: server.motd.clone(),
            greeting: server.greeting,
            admin: server.admin.clone(),
            icon: server.icon.clone(),
            operators: self.operators(),
            limits: chat_server::config::Limits {
                flood: limits.flood.then(|| chat_server::config::Flood {
                    burst: limits.flood_burst,
                    rate: limits.flood_rate,
                    ..Default::default()
                }),
                sendq: limits.sendq,
                registration: Duration::from_secs(limits.registration_seconds),
                ping: Duration::from_secs(limits.ping_seconds),
                pong: Duration::from_secs(limits.pong_seconds),
                ..Default::default()
            },
            ..chat_server::Config::default()
        }
    }

    /// The bounds of the chat.
    #[must_use]
    pub fn network_limits(&self) -> chat_network::Limits {
        chat_network::Limits {
            channels_per_user: self.limits.channels,
            list_entries: self.limits.list_entries,
            // Who is first in the lobby must not own what everyone is put into.
            commons: (!self.server.lobby.is_empty()).then(|| self.server.lobby.as_str().into()),
            ..Default::default()
        }
    }

    /// How the database is kept.
    ///
    /// # Errors
    ///
    /// None is named and there is no place for one.
    pub fn store_config(&self) -> anyhow::Result<chat_store::Config> {
        let path = match &self.storage.database {
            Some(path) => path.clone(),
            None => crate::process::default_database()?,
        };
        Ok(chat_store::Config {
            durability: match self.storage.durability {
                Durability::Normal => chat_store::Durability::Normal,
                Durability::Full => chat_store::Durability::Full,
            },
            held_bytes: self.limits.held_bytes,
            ..chat_store::Config::at(path)
        })
    }
}
