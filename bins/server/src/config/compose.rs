//! From the configuration file to what each crate wants to know.

use std::net::SocketAddr;
use std::time::Duration;

use chat_transport::doors::Plan;
use chat_transport::tls::{CertificateError, Identity};

use super::{Durability, File};

impl File {
    /// The name of the instance: as set, else the first port, else (where the system chooses the
    /// port) the process.
    #[must_use]
    pub fn instance(&self) -> String {
        let first = self.first_address().map_or(0, |address| address.port());
        match (&self.launcher.instance, first) {
            (Some(instance), _) => instance.clone(),
            (None, 0) => format!("p{}", std::process::id()),
            (None, port) => port.to_string(),
        }
    }

    /// The first address of any kind that clients connect to.
    #[must_use]
    pub fn first_address(&self) -> Option<SocketAddr> {
        self.addresses().next()
    }

    /// The addresses that clients connect to, plain ones first.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        let websocket = &self.websocket;
        let kinds = [
            &self.server.listen,
            &self.tls.listen,
            &websocket.listen,
            &websocket.tls_listen,
        ];
        kinds.into_iter().flatten().copied()
    }

    /// Where clients come in; the certificate is read.
    ///
    /// # Errors
    ///
    /// Certificate and key are not what they should be.
    pub fn doors(&self) -> Result<Plan, CertificateError> {
        let Self {
            server,
            tls,
            websocket,
            ..
        } = self;
        let mut plan = Plan {
            plain: server.listen.clone(),
            tls: tls.listen.clone(),
            websocket: websocket.listen.clone(),
            secure_websocket: websocket.tls_listen.clone(),
            origins: websocket.origins.clone(),
            ..Plan::default()
        };
        if let (true, Some(certificate), Some(key)) =
            (plan.needs_identity(), &tls.certificate, &tls.key)
        {
            plan.identity = Some(Identity::load(certificate, key)?);
        }
        Ok(plan)
    }

    /// What clients are told about coming over TLS only.
    fn sts(&self) -> Option<chat_server::config::Sts> {
        let first = self.tls.listen.first().map(SocketAddr::port);
        let port = self.tls.sts_port.or(first)?;
        (self.tls.sts_seconds > 0).then_some(chat_server::config::Sts {
            port,
            seconds: self.tls.sts_seconds,
        })
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
            accounts: self.accounts.server_config(),
            admin: server.admin.clone(),
            icon: server.icon.clone(),
            operators: self.operators(),
            sts: self.sts(),
            history: chat_server::config::History {
                page: self.history.page,
                search: self.history.search,
                cutoff: self.history.cutoff,
            },
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
                metadata_subscriptions: limits.metadata_subscriptions,
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
            metadata_keys: self.limits.metadata_keys,
            metadata_value: self.limits.metadata_value_bytes,
            redaction_seconds: self.history.redact_seconds,
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
            search: self.history.search,
            retention: chat_store::Retention {
                days: self.history.days,
                per_target: self.history.per_target,
            },
            held_bytes: self.limits.held_bytes,
            folding: Some(chat_journal::FOLDING),
            ..chat_store::Config::at(path)
        })
    }
}
