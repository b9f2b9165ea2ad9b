//! `STATS [l|u]`: the numbers of all servers, how far each is behind the journal, or how long this
//! one is up; and whether the database is written.

use chat_proto::Message;
use chat_proto::numeric::{RPL_ENDOFSTATS, RPL_STATSDEBUG, RPL_STATSUPTIME};

use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let letter = message
        .param(0)
        .filter(|letter| !letter.is_empty())
        .unwrap_or("*");
    match letter {
        "u" => uptime(context),
        "l" => behind(context),
        _ => board(context),
    }
    if letter != "u" {
        held(context);
    }
    context.numeric(RPL_ENDOFSTATS, &[&Context::shown(letter)]);
    Ok(())
}

fn board(context: &mut Context<'_>) {
    let snapshot = context.state.board.snapshot();
    for server in &snapshot.servers {
        let number = u16::try_from(server.index + 1).unwrap_or(u16::MAX);
        let label = context.state.label_of(chat_network::ServerId(number));
        let free = server.capacity.saturating_sub(server.places_taken);
        let text = format!(
            "{label} now={} today={} month={} total={} lost={} rejected={} approaches={} rating={:.2} free={free}",
            server.now,
            server.today,
            server.month,
            server.total,
            server.lost,
            server.rejected,
            server.approaches,
            server.average_rating,
        );
        context.numeric_text(RPL_STATSDEBUG, &[], &text);
    }
}

/// How many entries of the journal each server has not got to, of those of a second ago.
fn behind(context: &mut Context<'_>) {
    let snapshot = context.state.board.snapshot();
    for server in &snapshot.servers {
        let number = u16::try_from(server.index + 1).unwrap_or(u16::MAX);
        let label = context.state.label_of(chat_network::ServerId(number));
        let text = format!("{label} {} behind={}", server.state, server.behind);
        context.numeric_text(RPL_STATSDEBUG, &[], &text);
    }
}

/// Whether what is said waits in memory, because the database cannot be written.
fn held(context: &mut Context<'_>) {
    let rows = context.state.board.snapshot().held;
    if rows > 0 {
        let text = format!("The database cannot be written: {rows} rows wait in memory");
        context.numeric_text(RPL_STATSDEBUG, &[], &text);
    }
}

fn uptime(context: &mut Context<'_>) {
    let now = jiff::Timestamp::now().as_millisecond();
    let seconds = (now - context.state.started).max(0) / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    let text = format!("Server Up {days} days {hours}:{minutes:02}:{seconds:02}");
    context.numeric_text(RPL_STATSUPTIME, &[], &text);
}
