//! The sessions of a user: whether somebody is at any of them, and what each brought with it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{Rare, User};
use crate::{Position, ServerId, SessionId};

/// One session of a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserSession {
    /// Which.
    pub id: SessionId,
    /// The stars that it gave its server.
    pub rating: Option<u8>,
    /// It is secure (TLS) up to the edge.
    pub secure: bool,
    /// Whether somebody is at it.
    pub presence: Presence,
}

/// Whether somebody is at a session.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub enum Presence {
    /// Somebody is.
    #[default]
    Here,
    /// Nobody is, and it was said why.
    Away,
    /// Nobody is, and it does not count beside others (`AWAY *`): a client that has come by itself.
    Unattended,
}

/// What is shown of a user with nobody at any session, where none has said why.
const UNATTENDED: &str = "Not here at the moment";

impl Presence {
    /// What is said by who is away and does not say why.
    const UNSPECIFIED: &str = "*";

    /// Of who says this of itself.
    fn of(away: Option<&str>) -> Self {
        match away {
            None => Self::Here,
            Some(Self::UNSPECIFIED) => Self::Unattended,
            Some(_) => Self::Away,
        }
    }
}

impl UserSession {
    pub(crate) fn new(id: SessionId, secure: bool) -> Self {
        Self {
            id,
            rating: None,
            secure,
            presence: Presence::Here,
        }
    }
}

impl User {
    /// The server of the first session; [`ServerId::HUB`] without one.
    #[must_use]
    pub fn server(&self) -> ServerId {
        self.sessions
            .first()
            .map_or(ServerId::HUB, |session| session.id.server())
    }

    /// The sessions, oldest first. None: the user stays on without.
    #[must_use]
    pub fn sessions(&self) -> &[UserSession] {
        &self.sessions
    }

    /// The fingerprints of the certificates that its sessions have shown, oldest first.
    pub fn certificates(&self) -> impl Iterator<Item = &str> {
        let all = self.rare().certificates.iter();
        all.map(|(_, certificate)| &**certificate)
    }

    /// The hosts that its sessions come from and that others do not see: it is shown with another
    /// one, or has sessions in several places.
    pub fn hidden_hosts(&self) -> impl Iterator<Item = &str> {
        let all = self.rare().origins.iter();
        all.map(|(_, host)| &**host)
    }

    /// The away message, if away: nobody is at any of its sessions.
    #[must_use]
    pub fn away(&self) -> Option<&Arc<str>> {
        let said = self.rare().away.as_ref();
        said.filter(|_| !self.is_any(Presence::Here))
    }

    /// Whether any session is in this way present.
    fn is_any(&self, presence: Presence) -> bool {
        let mut sessions = self.sessions.iter();
        sessions.any(|session| session.presence == presence)
    }

    /// A session comes, with what it says of itself.
    pub(crate) fn attach(&mut self, session: UserSession, away: Option<&Arc<str>>) {
        let absent = self.sessions.is_empty();
        self.change_rare(|rare| {
            rare.left = Position(0);
            rare.auto_away = false;
            if absent {
                // Whatever was shown in its absence.
                rare.away = None;
            }
        });
        self.sessions.push(session);
        self.set_presence(session.id, away);
    }

    /// Somebody is at a session or not.
    pub(crate) fn set_presence(&mut self, session: SessionId, away: Option<&Arc<str>>) {
        let presence = Presence::of(away.map(|away| &**away));
        let own = self.sessions.iter_mut().find(|own| own.id == session);
        let Some(own) = own else {
            return;
        };
        own.presence = presence;
        if presence == Presence::Away {
            self.set_away(away.cloned());
        }
        self.settle_away();
    }

    /// What is said by none of the sessions that are there is not shown.
    fn settle_away(&mut self) {
        if !self.is_any(Presence::Away) {
            let nobody = !self.is_any(Presence::Here);
            self.set_away(nobody.then(|| UNATTENDED.into()));
        }
    }

    fn set_away(&mut self, away: Option<Arc<str>>) {
        if self.rare().away != away {
            self.change_rare(|rare| rare.away = away);
        }
    }

    /// A session ends; whether it was the last.
    pub(crate) fn end_session(&mut self, session: SessionId) -> bool {
        let shown = self.away().cloned();
        self.sessions.retain(|own| own.id != session);
        if self.sessions.is_empty() {
            self.set_away(shown);
        } else {
            self.settle_away();
        }
        self.settle_sessions();
        self.sessions.is_empty()
    }

    /// All sessions end.
    pub(crate) fn end_sessions(&mut self) {
        let shown = self.away().cloned();
        self.set_away(shown);
        self.sessions = SmallVec::new();
        self.settle_sessions();
    }

    /// Every session is secure (TLS) up to the edge, and there is one.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        !self.sessions.is_empty() && self.sessions.iter().all(|session| session.secure)
    }

    pub(crate) fn set_certificate(&mut self, session: SessionId, certificate: Option<&Arc<str>>) {
        if let Some(certificate) = certificate {
            let shown = (session, Arc::clone(certificate));
            self.change_rare(|rare| rare.certificates.push(shown));
        }
    }

    /// A session comes from a host.
    pub(crate) fn set_origin(&mut self, session: SessionId, host: &SmolStr) {
        if self.host() != host {
            let origin = (session, host.clone());
            self.change_rare(|rare| rare.origins.push(origin));
        }
    }

    /// What was known of sessions that have ended is forgotten.
    fn settle_sessions(&mut self) {
        let Some(mut rare) = self.rare.take() else {
            return;
        };
        let is_on = |id| self.sessions.iter().any(|session| session.id == id);
        rare.certificates.retain(|(id, _)| is_on(*id));
        rare.origins.retain(|(id, _)| is_on(*id));
        self.rare = (*rare != Rare::NONE).then_some(rare);
    }
}
