//! A bot: it greets everybody who joins and answers `!time` and `!ping`.
//!
//! ```text
//! cargo run -p chat-client --example bot -- 127.0.0.1:6667 helper
//! ```

use chat_client::{
    BufferKind, Change, Client, Command, Config, ConnectionState, Limits, Line, LineKind, Model,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:6667".to_owned());
    let nick = args.next().unwrap_or_else(|| "helper".to_owned());

    let mut config = Config::new(address.parse()?, nick.as_str());
    config.realname = Some("A helpful program".to_owned());
    let (client, mut updates) = Client::connect(config);
    let mut model = Model::new(&nick, &address, Limits::default());

    while let Some(update) = updates.next().await {
        for change in model.apply(&update) {
            if let Some(command) = react(&model, &change) {
                client.send(command).await?;
            }
        }
    }
    if let ConnectionState::Ended { reason } = model.state() {
        return Err(reason.clone().into());
    }
    Ok(())
}

/// What to do about a change, if anything.
fn react(model: &Model, change: &Change) -> Option<Command> {
    let Change::Line(id, number) = change else {
        return None;
    };
    let buffer = model.buffer(id)?;
    let line = model.line(id, *number)?;
    if buffer.kind() == BufferKind::Server || line.own {
        return None;
    }
    let text = match line.kind {
        LineKind::Join => format!("Welcome, {}! Say !time or !ping.", line.sender),
        LineKind::Message => answer(line)?,
        _ => return None,
    };
    let target = buffer.name().into();
    Some(Command::Say { target, text })
}

fn answer(line: &Line) -> Option<String> {
    match line.text.trim() {
        "!ping" => Some(format!("{}: pong", line.sender)),
        "!time" => Some(format!("{}: {:.0}", line.sender, jiff::Timestamp::now())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat_client::Update;

    /// What the bot answers to each line from the server.
    fn answers(lines: &[&str]) -> Vec<Command> {
        let mut model = Model::new("helper", "test", Limits::default());
        let mut answers = Vec::new();
        for line in lines {
            let message = chat_proto::Message::parse((*line).to_owned().into()).unwrap();
            let at = jiff::Timestamp::UNIX_EPOCH;
            let changes = model.apply(&Update::Line { at, message });
            answers.extend(changes.iter().filter_map(|change| react(&model, change)));
        }
        answers
    }

    #[test]
    fn it_greets_others_and_answers() {
        let said = answers(&[
            ":helper!h@h JOIN #lobby",
            ":ana!a@h JOIN #lobby",
            ":ana!a@h PRIVMSG #lobby :!ping",
            ":helper!h@h PRIVMSG #lobby :ana: pong",
            ":ana!a@h PRIVMSG helper :!ping",
        ]);
        let say = |target: &str, text: &str| Command::Say {
            target: target.into(),
            text: text.to_owned(),
        };
        assert_eq!(
            said,
            [
                say("#lobby", "Welcome, ana! Say !time or !ping."),
                say("#lobby", "ana: pong"),
                say("ana", "ana: pong"),
            ]
        );
    }
}
