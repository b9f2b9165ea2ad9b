//! Who has been silent for too long: one look a second at those who are due, no timer per client.

use std::rc::Rc;
use std::time::Duration;

use chat_proto::WireLine;
use tokio::time::{MissedTickBehavior, interval};

use crate::client::Client;
use crate::core::Core;
use crate::session::Stage;

/// Looks after all clients for ever.
pub(crate) async fn run(core: Rc<Core>) {
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    second.tick().await;
    loop {
        second.tick().await;
        let due = core.wheel.borrow_mut().advance();
        for serial in due {
            if let Some(client) = core.fanout.get(core.session_of(serial))
                && let Some(again) = look(&core, &client)
            {
                core.wheel.borrow_mut().insert(serial, again);
            }
        }
        core.fanout.flush();
    }
}

/// The first look at a new client.
pub(crate) fn enrol(core: &Core, client: &Client) {
    let settings = core.state.settings();
    let limits = &settings.config.limits;
    // It may have registered by then, so no later than its first PING is due.
    let first = seconds(limits.registration).min(seconds(limits.ping));
    core.wheel
        .borrow_mut()
        .insert(client.session.id.serial(), first);
}

/// Closes or pings a client if it is time to; says in how many seconds to look again.
fn look(core: &Core, client: &Rc<Client>) -> Option<u32> {
    if client.is_ending() {
        return None;
    }
    let settings = core.state.settings();
    let limits = &settings.config.limits;
    let now = core.seconds();
    if !matches!(client.session.stage(), Stage::Registered(_)) {
        let here = now.saturating_sub(client.came);
        let left = seconds(limits.registration).saturating_sub(here);
        if left == 0 {
            client.close("Registration timed out");
            return None;
        }
        return Some(left.min(seconds(limits.ping)));
    }
    if !client.session.pending.is_empty() {
        // It waits for the network, and is not read meanwhile: the silence is not its own.
        client.heard.set(now);
    }
    let silent = now.saturating_sub(client.heard.get());
    let (ping, pong) = (seconds(limits.ping), seconds(limits.pong));
    if client.pinged.get() && silent >= ping + pong {
        client.close(&format!("Ping timeout: {silent} seconds"));
        return None;
    }
    if silent < ping {
        return Some(ping - silent);
    }
    if !client.pinged.replace(true) {
        let line = WireLine::builder()
            .command("PING")
            .trailing(&core.state.config.name);
        core.fanout.push(client, line.finish().into());
        return Some(pong);
    }
    Some(ping + pong - silent)
}

/// Whole seconds, at least one.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs())
        .unwrap_or(u32::MAX)
        .clamp(1, 1 << 24)
}
