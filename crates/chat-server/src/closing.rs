//! The last words of a connection.
//!
//! A socket that is closed while something of the client is unread takes back what was written to
//! it; so, after the last line, the client is read from for a moment, until it has closed too.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use bytes::BytesMut;
use chat_transport::Stream;
use tokio::time::timeout;

use crate::client::Client;
use crate::core::Core;
use crate::queue::{Flushed, Queue};
use crate::render;

/// What clients are told that find no place.
const FULL: &str = "All servers are full, please try again later";
/// What is read and thrown away, and for how long.
const LINGER: usize = 4 << 20;
const LINGER_TIME: Duration = Duration::from_millis(250);
/// Connections that are being told that there is no place; more are closed without a word.
const TURNED_AWAY: usize = 128;

/// Writes what is queued for a client, within a bound, and sees it off.
pub(crate) async fn last_words(client: &Client, bound: Duration) {
    let flushed = async {
        client.flush();
        poll_fn(|task| {
            client.poll_writing(task);
            if client.is_flushed() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    };
    // Whoever does not take its last words in time does not get them.
    let taken = timeout(bound, flushed).await.is_ok();
    // Who has said QUIT says nothing more: it is closed at once.
    if taken && !client.has_quit.get() && client.stream().shutdown_write().is_ok() {
        see_off(client.stream()).await;
    }
}

/// Tells a connection that there is no place for it, in a task of its own.
pub(crate) fn turn_away(core: &Rc<Core>, stream: Stream) {
    core.slot.lost();
    let guard = TurnedAway(Rc::clone(core));
    let count = guard.count();
    count.set(count.get() + 1);
    if count.get() > TURNED_AWAY {
        return;
    }
    tokio::task::spawn_local(async move {
        let mut queue = Queue::default();
        queue.push(render::error(FULL).into_bytes());
        let told = timeout(LINGER_TIME, async {
            while stream.writable().await.is_ok() {
                match queue.flush(&stream) {
                    Ok(Flushed::Blocked) => {}
                    Ok(Flushed::Empty) => return true,
                    Err(_) => return false,
                }
            }
            false
        });
        if told.await == Ok(true) && stream.shutdown_write().is_ok() {
            see_off(&stream).await;
        }
        drop(guard);
    });
}

/// Counts a connection that is being turned away, as long as that takes.
struct TurnedAway(Rc<Core>);

impl TurnedAway {
    fn count(&self) -> &Cell<usize> {
        &self.0.turned_away
    }
}

impl Drop for TurnedAway {
    fn drop(&mut self) {
        self.count().set(self.count().get().saturating_sub(1));
    }
}

/// Reads and throws away until the client has closed, within bounds.
async fn see_off(stream: &Stream) {
    let discard = async {
        let mut scratch = BytesMut::new();
        let mut read = 0;
        while read < LINGER && stream.readable().await.is_ok() {
            scratch.clear();
            scratch.reserve(4096);
            match stream.try_read_buf(&mut scratch) {
                Ok(0) => return,
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    let _ = timeout(LINGER_TIME, discard).await;
}
