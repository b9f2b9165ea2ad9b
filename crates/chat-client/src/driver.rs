//! The task behind a [`Client`](crate::Client): sockets and clocks around a [`Session`].

use std::time::Duration;

use bytes::{BufMut, BytesMut};
use chat_proto::{CodecError, LineCodec, Message, WireLine};
use chat_transport::Stream;
use chat_transport::client::{Dialled, dial};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::codec::Framed;

use crate::command::line;
use crate::session::{Session, Step};
use crate::{Command, Config, Update};

/// How long the server may take to close the connection after a QUIT.
const GOODBYE: Duration = Duration::from_secs(2);

/// How a connection ended.
struct End {
    reason: String,
    /// Whether another attempt makes sense.
    again: bool,
    /// Whether another attempt was asked for at once.
    now: bool,
    /// Whether the client had been registered.
    registered: bool,
}

/// Nobody reads the updates any more.
struct Unread;

struct Driver {
    config: Config,
    session: Session,
    commands: mpsc::Receiver<Command>,
    updates: mpsc::Sender<Update>,
}

/// One established connection.
struct Link {
    lines: Framed<Stream, LineCodec>,
    /// When anything came last.
    heard: Instant,
    /// When the next PING is due.
    ping_due: Instant,
    /// The PING that waits for its answer: number and time.
    asked: Option<(u64, Instant)>,
    pings: u64,
    /// When registration must be done; later, `None`.
    register_by: Option<Instant>,
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

    /// One connection from dialling to its end.
    async fn connection(&mut self) -> Result<End, Unread> {
        let endpoint = self.config.endpoint.clone();
        let tls = self.config.tls.clone();
        let mut dialling = std::pin::pin!(dial(&endpoint, &tls));
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
            Err(error) => return Ok(End::lost(error.to_string())),
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
        let mut link = Link::new(stream, &self.config);
        let opening = self.session.open();
        let mut end = match link.send(&opening).await {
            Ok(()) => self.serve(&mut link).await?,
            Err(reason) => End::lost(reason),
        };
        end.registered = link.register_by.is_none();
        Ok(end)
    }

    async fn serve(&mut self, link: &mut Link) -> Result<End, Unread> {
        loop {
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
        let lines = match command.lines() {
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
            let mut text = BytesMut::new();
            text.put_slice(b":");
            text.put_slice(self.session.nick().as_bytes());
            text.put_slice(b" ");
            text.put_slice(line.as_bytes().trim_ascii_end());
            let Ok(message) = Message::parse(text.freeze()) else {
                continue;
            };
            if message.is("PRIVMSG") || message.is("NOTICE") {
                let at = Timestamp::now();
                self.emit(Update::Line { at, message }).await?;
            }
        }
        Ok(())
    }
}

// === impl Link ===

impl Link {
    fn new(stream: Stream, config: &Config) -> Link {
        let now = Instant::now();
        Link {
            lines: Framed::new(stream, LineCodec::client()),
            heard: now,
            ping_due: now + config.ping_interval,
            asked: None,
            pings: 0,
            register_by: Some(now + config.registration_timeout),
        }
    }

    /// Sends lines; a server that does not take them within a while counts as gone.
    async fn send(&mut self, lines: &[WireLine]) -> Result<(), String> {
        let sending = async {
            for line in lines {
                self.lines.feed(line).await?;
            }
            SinkExt::<&WireLine>::flush(&mut self.lines).await
        };
        match timeout(Duration::from_secs(30), sending).await {
            Ok(sent) => sent.map_err(|error: CodecError| error.to_string()),
            Err(_elapsed) => Err("the server does not take what is sent".to_owned()),
        }
    }

    /// When something must be done even if nothing comes.
    fn deadline(&self, config: &Config) -> Instant {
        let dead = self.heard + config.dead_after;
        let due = self.register_by.unwrap_or(self.ping_due);
        due.min(dead)
    }

    async fn overdue(&mut self, config: &Config) -> Option<End> {
        let now = Instant::now();
        if now >= self.heard + config.dead_after {
            let silence = config.dead_after.as_secs();
            return Some(End::lost(format!("nothing heard for {silence} seconds")));
        }
        if self.register_by.is_some_and(|by| now >= by) {
            return Some(End::lost("the server did not finish the registration"));
        }
        if self.register_by.is_none() && now >= self.ping_due {
            self.ping_due = now + config.ping_interval;
            self.pings += 1;
            // While an answer is missing the older question keeps its time.
            self.asked.get_or_insert((self.pings, now));
            let token = self.asked.map_or(self.pings, |(number, _)| number);
            let ping = line("PING", &[&format!("lag-{token}")], None);
            return self.send(&[ping]).await.err().map(End::lost);
        }
        None
    }

    /// The time that the answer took, if it answers our question.
    fn answered(&mut self, pong: &Message) -> Option<Duration> {
        let (number, since) = self.asked?;
        let token = pong.params().next_back()?.strip_prefix("lag-")?;
        if token.parse() != Ok(number) {
            return None;
        }
        self.asked = None;
        Some(since.elapsed())
    }

    async fn say_goodbye(&mut self, quit: &Command) {
        let Ok(lines) = quit.lines() else { return };
        let farewell = async {
            self.send(&lines).await.ok()?;
            // What still comes was sent before the server read our QUIT; nobody will show it.
            while let Some(Ok(_)) = self.lines.next().await {}
            Some(())
        };
        let _ = timeout(GOODBYE, farewell).await;
    }
}
