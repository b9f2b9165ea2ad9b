//! The task behind a [`Client`](crate::Client): sockets and clocks around a [`Session`].

use std::io::ErrorKind;
use std::time::Duration;

use chat_proto::{Message, WireLine};
use chat_transport::client::{ConnectError, Dialled, dial};
use chat_transport::tls::{Judgement, TlsError};
use chat_transport::{Endpoint, Transport};
use futures_util::StreamExt;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::session::{Secrecy, Session, Step};
use crate::{Command, Config, Update};

mod echo;
mod link;

use link::Link;

/// How a connection ended.
struct End {
    reason: String,
    /// Whether another attempt makes sense.
    again: bool,
    /// Whether another attempt was asked for at once.
    now: bool,
    /// Whether the client had been registered.
    registered: bool,
    /// The port at which the server is to be spoken to over TLS.
    upgrade: Option<u16>,
}

/// Nobody reads the updates any more.
struct Unread;

struct Driver {
    config: Config,
    session: Session,
    commands: mpsc::Receiver<Command>,
    updates: mpsc::Sender<Update>,
    /// For how long the server of this connection wants to be spoken to over TLS only.
    policy: Option<Duration>,
    /// How many batches were sent: each has a name of its own.
    batches: u64,
}

/// Runs until the client is told to quit, is refused for good, or nobody listens any more.
pub(crate) async fn run(
    config: Config,
    commands: mpsc::Receiver<Command>,
    updates: mpsc::Sender<Update>,
) {
    let driver = Driver {
        session: Session::new(config.clone()),
        config,
        commands,
        updates,
        policy: None,
        batches: 0,
    };
    // The error only says that there is nobody left to tell.
    let _ = driver.run().await;
}

// === impl End ===

impl End {
    fn lost(reason: impl Into<String>) -> End {
        End {
            reason: reason.into(),
            again: true,
            now: false,
            registered: false,
            upgrade: None,
        }
    }

    fn left() -> End {
        End {
            again: false,
            ..End::lost("you left")
        }
    }
}

// === impl Driver ===

impl Driver {
    async fn run(mut self) -> Result<(), Unread> {
        let mut failures = 0_u32;
        loop {
            let attempt = failures.saturating_add(1);
            self.emit(Update::Connecting { attempt }).await?;
            let end = self.connection().await?;
            failures = if end.registered { 0 } else { attempt };
            let retry = (end.again && (self.config.reconnect || end.now)).then(|| {
                let spread = Timestamp::now().subsec_nanosecond().unsigned_abs();
                let wait = self.config.backoff.wait(failures.saturating_sub(1), spread);
                if end.now { Duration::ZERO } else { wait }
            });
            self.emit(Update::Disconnected {
                at: Timestamp::now(),
                reason: end.reason,
                retry,
            })
            .await?;
            let Some(retry) = retry else { return Ok(()) };
            if !self.pause(retry).await? {
                return self.gave_up().await;
            }
        }
    }

    async fn gave_up(&self) -> Result<(), Unread> {
        let reason = End::left().reason;
        let at = Timestamp::now();
        let retry = None;
        self.emit(Update::Disconnected { at, reason, retry }).await
    }

    async fn emit(&self, update: Update) -> Result<(), Unread> {
        self.updates.send(update).await.map_err(|_| Unread)
    }

    async fn not_sent(&self, reason: String) -> Result<(), Unread> {
        let at = Timestamp::now();
        self.emit(Update::NotSent { at, reason }).await
    }

    /// Waits before the next attempt; `false` if there shall be none.
    async fn pause(&mut self, wait: Duration) -> Result<bool, Unread> {
        let until = Instant::now() + wait;
        loop {
            tokio::select! {
                () = sleep_until(until) => return Ok(true),
                () = self.updates.closed() => return Err(Unread),
                command = self.commands.recv() => match command {
                    None | Some(Command::Quit(_)) => return Ok(false),
                    Some(Command::Reconnect) => return Ok(true),
                    Some(command) => self.not_connected(command).await?,
                },
            }
        }
    }

    /// What is asked for without a connection: a channel is joined later, the rest is refused.
    async fn not_connected(&mut self, command: Command) -> Result<(), Unread> {
        match command {
            Command::Join { channel, key } => {
                self.session.want(channel, key);
                Ok(())
            }
            _ => {
                let reason = "not connected: that was not sent".to_owned();
                self.not_sent(reason).await
            }
        }
    }

    /// One connection to its end; where the server wants to be spoken to over TLS only, two.
    async fn connection(&mut self) -> Result<End, Unread> {
        let wanted = self.config.endpoint.clone();
        let plain = wanted.transport() == Transport::Plain;
        let known = self.config.policies.port(wanted.host(), Timestamp::now());
        if let Some(port) = known.filter(|_| plain) {
            return self.connect(&secured(&wanted, port), true).await;
        }
        let end = self.connect(&wanted, false).await?;
        let Some(port) = end.upgrade else {
            return Ok(end);
        };
        let at = Timestamp::now();
        self.emit(Update::Upgrading { at, port }).await?;
        self.connect(&secured(&wanted, port), true).await
    }

    /// One connection from dialling to its end. `strict`: no certificate is met for the first time.
    async fn connect(&mut self, endpoint: &Endpoint, strict: bool) -> Result<End, Unread> {
        let mut tls = self.config.tls.clone();
        if strict {
            tls.trust = tls.trust.strict();
        }
        let mut dialling = std::pin::pin!(dial(endpoint, &tls));
        let dialled = loop {
            tokio::select! {
                dialled = &mut dialling => break dialled,
                () = self.updates.closed() => return Err(Unread),
                command = self.commands.recv() => match command {
                    None | Some(Command::Quit(_)) => return Ok(End::left()),
                    Some(Command::Reconnect) => {}
                    Some(command) => self.not_connected(command).await?,
                },
            }
        };
        let Dialled {
            stream,
            certificate,
        } = match dialled {
            Ok(dialled) => dialled,
            Err(error) => {
                self.changed(&error).await?;
                return Ok(End::lost(for_people(&error)));
            }
        };
        self.emit(Update::Connected).await?;
        if let Some((judgement, fingerprint)) = certificate {
            self.emit(Update::Secured {
                at: Timestamp::now(),
                judgement,
                fingerprint,
            })
            .await?;
        }
        let secrecy = match certificate {
            None => Secrecy::None,
            Some((Judgement::Verified | Judgement::Known, _)) => Secrecy::Sure,
            Some((Judgement::New | Judgement::Unchecked, _)) => Secrecy::Unsure,
        };
        let mut link = Link::new(stream, &self.config);
        let opening = self.session.open(secrecy);
        let mut end = match link.send(&opening).await {
            Ok(()) => self.serve(&mut link, endpoint).await?,
            Err(reason) => End::lost(reason),
        };
        end.registered = link.register_by.is_none();
        if let Some(duration) = self.policy.take() {
            // Its time begins anew with the end of the connection.
            self.keep_policy(endpoint, duration);
        }
        Ok(end)
    }

    /// Tells of a certificate that is another one than before.
    async fn changed(&self, error: &ConnectError) -> Result<(), Unread> {
        let ConnectError::Tls { endpoint, source } = error else {
            return Ok(());
        };
        let TlsError::Changed { first, now, .. } = **source else {
            return Ok(());
        };
        let server = endpoint.server();
        self.emit(Update::CertificateChanged { server, first, now })
            .await
    }

    /// Remembers for how long the server of this connection is to be spoken to over TLS only.
    fn keep_policy(&self, endpoint: &Endpoint, duration: Duration) {
        let (host, port) = (endpoint.host(), endpoint.port());
        let policies = &self.config.policies;
        if let Err(error) = policies.set(host, port, duration, Timestamp::now()) {
            tracing::warn!(%error, "a policy of transport security is not remembered");
        }
    }

    async fn serve(&mut self, link: &mut Link, endpoint: &Endpoint) -> Result<End, Unread> {
        loop {
            let told = self.session.take_policy();
            if let Some(duration) = told.filter(|_| endpoint.transport() == Transport::Tls) {
                self.policy = Some(duration);
                self.keep_policy(endpoint, duration);
            }
            let deadline = link.deadline(&self.config);
            let end = tokio::select! {
                line = link.lines.next() => match line {
                    Some(Ok(Ok(line))) => self.received(link, line).await?,
                    Some(Ok(Err(error))) => {
                        tracing::debug!(%error, "a bad line was left out");
                        None
                    }
                    Some(Err(error)) => Some(End::lost(error.to_string())),
                    None => Some(End::lost("the server closed the connection")),
                },
                command = self.commands.recv() => self.asked(link, command).await?,
                () = sleep_until(deadline) => link.overdue(&self.config).await,
                () = self.updates.closed() => return Err(Unread),
            };
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    async fn received(
        &mut self,
        link: &mut Link,
        line: bytes::Bytes,
    ) -> Result<Option<End>, Unread> {
        link.heard = Instant::now();
        let Ok(message) = Message::parse(line) else {
            return Ok(None);
        };
        if message.is("PONG") {
            if let Some(lag) = link.answered(&message) {
                self.emit(Update::Lag(lag)).await?;
            }
            return Ok(None);
        }
        let mut out = Vec::new();
        let step = self.session.receive(&message, &mut out);
        if !out.is_empty()
            && let Err(reason) = link.send(&out).await
        {
            return Ok(Some(End::lost(reason)));
        }
        if message.is("PING") {
            return Ok(None);
        }
        if step == Step::Registered {
            link.register_by = None;
            let nick = self.session.nick().clone();
            self.emit(Update::Registered { nick }).await?;
        }
        let at = Timestamp::now();
        self.emit(Update::Line { at, message }).await?;
        Ok(match step {
            Step::Over { reason, again } => Some(End {
                again,
                ..End::lost(reason)
            }),
            Step::Upgrade { port } => Some(End {
                upgrade: Some(port),
                ..End::lost("the server wants TLS")
            }),
            Step::Go | Step::Registered => None,
        })
    }

    async fn asked(
        &mut self,
        link: &mut Link,
        command: Option<Command>,
    ) -> Result<Option<End>, Unread> {
        let command = match command {
            None => Command::Quit(None),
            Some(Command::Reconnect) => {
                let quit = Command::Quit(Some("reconnecting".to_owned()));
                link.say_goodbye(&quit).await;
                return Ok(Some(End {
                    now: true,
                    ..End::lost("reconnecting")
                }));
            }
            Some(command) => command,
        };
        if let Command::Quit(_) = command {
            link.say_goodbye(&command).await;
            return Ok(Some(End::left()));
        }
        let lines = match self.session.bounds() {
            Some(bounds) => command.lines_in_blocks(bounds, &mut self.batches),
            None => command.lines(),
        };
        let lines = match lines {
            Ok(lines) => lines,
            Err(error) => {
                let reason = error.to_string();
                self.not_sent(reason).await?;
                return Ok(None);
            }
        };
        if let Command::Join { channel, key } = &command {
            self.session.joining(channel, key.as_ref());
        }
        if let Err(reason) = link.send(&lines).await {
            return Ok(Some(End::lost(reason)));
        }
        self.echo(&lines).await?;
        Ok(None)
    }

    /// Where the server does not send one's own messages back, they are reported as if it did.
    async fn echo(&self, lines: &[WireLine]) -> Result<(), Unread> {
        if self.session.echoes() {
            return Ok(());
        }
        for line in lines {
            if let Some(message) = echo::of(line, self.session.nick()) {
                let at = Timestamp::now();
                self.emit(Update::Line { at, message }).await?;
            }
        }
        Ok(())
    }
}

/// An error without the number that the system has for it, and with what can be done about it.
fn for_people(error: &ConnectError) -> String {
    let text = error.to_string();
    let words = match text.split_once(" (os error ") {
        Some((words, _number)) => words.to_owned(),
        None => text,
    };
    match error {
        ConnectError::Connect { source, .. } if source.kind() == ErrorKind::ConnectionRefused => {
            format!("{words}. No server listens at that port: start it, or try another port")
        }
        ConnectError::Lookup { .. } => format!("{words}. Check the name, and the network"),
        _ => words,
    }
}

/// The same host over TLS.
fn secured(endpoint: &Endpoint, port: u16) -> Endpoint {
    endpoint.clone().over(Transport::Tls).at_port(port)
}
