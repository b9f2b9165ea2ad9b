//! One established connection: its lines and its clocks.

use std::time::Duration;

use chat_proto::{CodecError, LineCodec, Message, WireLine};
use chat_transport::Stream;
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, timeout};
use tokio_util::codec::Framed;

use super::End;
use crate::command::line;
use crate::{Command, Config};

/// How long the server may take to close the connection after a QUIT.
const GOODBYE: Duration = Duration::from_secs(2);

/// One established connection.
pub(super) struct Link {
    pub(super) lines: Framed<Stream, LineCodec>,
    /// When anything came last.
    pub(super) heard: Instant,
    /// When the next PING is due.
    ping_due: Instant,
    /// The PING that waits for its answer: number and time.
    asked: Option<(u64, Instant)>,
    pings: u64,
    /// When registration must be done; later, `None`.
    pub(super) register_by: Option<Instant>,
}

// === impl Link ===

impl Link {
    pub(super) fn new(stream: Stream, config: &Config) -> Link {
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
    pub(super) async fn send(&mut self, lines: &[WireLine]) -> Result<(), String> {
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
    pub(super) fn deadline(&self, config: &Config) -> Instant {
        let dead = self.heard + config.dead_after;
        let due = self.register_by.unwrap_or(self.ping_due);
        due.min(dead)
    }

    pub(super) async fn overdue(&mut self, config: &Config) -> Option<End> {
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
    pub(super) fn answered(&mut self, pong: &Message) -> Option<Duration> {
        let (number, since) = self.asked?;
        let token = pong.params().next_back()?.strip_prefix("lag-")?;
        if token.parse() != Ok(number) {
            return None;
        }
        self.asked = None;
        Some(since.elapsed())
    }

    pub(super) async fn say_goodbye(&mut self, quit: &Command) {
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
