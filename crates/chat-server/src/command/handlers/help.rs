//! `HELP [<command>]` and `HELPOP`: how a command is used.

use chat_proto::Message;
use chat_proto::numeric::{ERR_HELPNOTFOUND, RPL_ENDOFHELP, RPL_HELPSTART, RPL_HELPTXT};

use crate::command::{Context, Refusal};

/// Bytes of command names in one line.
const LINE: usize = 300;

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let subject = message.param(0).filter(|subject| !subject.is_empty());
    let Some(subject) = subject else {
        index(context);
        return Ok(());
    };
    let topic = TOPICS
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(subject));
    let Some((name, usage, text)) = topic else {
        return Err(Refusal::about(ERR_HELPNOTFOUND, subject));
    };
    context.numeric_text(RPL_HELPSTART, &[name], &format!("{name}{usage}"));
    context.numeric_text(RPL_HELPTXT, &[name], text);
    context.numeric_text(RPL_ENDOFHELP, &[name], "End of /HELP");
    Ok(())
}

/// The names of all commands.
fn index(context: &mut Context<'_>) {
    let text = "HELP <command> tells about one of these:";
    context.numeric_text(RPL_HELPSTART, &["*"], text);
    let mut line = String::new();
    for (name, ..) in TOPICS {
        if line.len() + name.len() > LINE {
            context.numeric_text(RPL_HELPTXT, &["*"], &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(name);
    }
    context.numeric_text(RPL_HELPTXT, &["*"], &line);
    context.numeric_text(RPL_ENDOFHELP, &["*"], "End of /HELP");
}

/// Command, its parameters, what it does.
static TOPICS: &[(&str, &str, &str)] = &[
    (
        "ACCEPT",
        " [-]<nick>{,[-]<nick>}",
        "Lets somebody without an account write to you although you have mode R.",
    ),
    ("ADMIN", "", "Tells who runs the server."),
    (
        "AUTHENTICATE",
        " <mechanism>|<response>|*",
        "Logs in to an account (SASL).",
    ),
    (
        "AWAY",
        " [<text>]",
        "Says that you are away, or without a text that you are back.",
    ),
    (
        "BATCH",
        " +<reference> draft/multiline <target>, BATCH -<reference>",
        "Begins and ends a message of several lines.",
    ),
    (
        "CAP",
        " LS|LIST|REQ|END [<capabilities>]",
        "Negotiates what client and server can do.",
    ),
    (
        "CHANSERV",
        " <words>",
        "Speaks to ChanServ, who keeps channels.",
    ),
    (
        "CHATHISTORY",
        " LATEST|BEFORE|AFTER|AROUND|BETWEEN|TARGETS …",
        "Gives what was said before.",
    ),
    (
        "CHGHOST",
        " <nick> <host>",
        "Operators: others see another host of someone.",
    ),
    ("CS", " <words>", "Speaks to ChanServ, who keeps channels."),
    (
        "DEFCON",
        " [<level>]",
        "Operators: tells or changes who is let in: 5 everybody, 1 nobody.",
    ),
    ("ERROR", " <text>", "Only servers have a use for it."),
    ("HELP", " [<command>]", "Tells how a command is used."),
    ("HELPOP", " [<command>]", "The same as HELP."),
    ("INFO", "", "Tells about the software."),
    (
        "INVITE",
        " [<nick> <channel>]",
        "Asks someone into a channel, or lists the invitations that you have.",
    ),
    ("ISON", " <nick> …", "Tells which of these are on."),
    ("ISUPPORT", "", "Tells what the server supports."),
    (
        "JOIN",
        " <channel>{,<channel>} [<key>{,<key>}]",
        "Enters channels. JOIN 0 leaves all.",
    ),
    (
        "KICK",
        " <channel> <nick>{,<nick>} [<reason>]",
        "Removes someone from a channel.",
    ),
    (
        "KILL",
        " <nick> [<reason>]",
        "Operators: ends someone's connections.",
    ),
    (
        "LINKS",
        "",
        "Lists the servers: to its clients a fleet is one.",
    ),
    (
        "LIST",
        " [<condition>{,<condition>}]",
        "Lists channels, by mask (*, !*), members (<n, >n), age (C<n, C>n) or age of the topic (T<n, T>n) in minutes.",
    ),
    ("LUSERS", "", "Tells how many are here."),
    ("MAP", "", "Shows the servers, and how many are on each."),
    (
        "MARKREAD",
        " <channel or nick> [timestamp=<time>]",
        "Tells your other clients, or asks, how far you have read.",
    ),
    (
        "METADATA",
        " <channel, nick or *> GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC [<key> [<value>]]",
        "Tells, changes or follows what users and channels say about themselves.",
    ),
    (
        "MODE",
        " <channel or nick> [<modes> [<parameter> …]]",
        "Shows or changes modes.",
    ),
    (
        "MONITOR",
        " +|-|C|L|S [<nick>{,<nick>}]",
        "Tells when someone comes and goes.",
    ),
    ("MOTD", "", "Shows the message of the day."),
    (
        "NAMES",
        " [<channel>{,<channel>}]",
        "Lists who is in a channel.",
    ),
    ("NICK", " <nick>", "Takes another nick."),
    (
        "NICKSERV",
        " <words>",
        "Speaks to NickServ, who keeps accounts.",
    ),
    (
        "NOTICE",
        " <target>{,<target>} <text>",
        "Says something that is never answered by a program.",
    ),
    ("NS", " <words>", "Speaks to NickServ, who keeps accounts."),
    (
        "OPER",
        " <name> [<password>]",
        "Makes an operator of the chat of you.",
    ),
    (
        "PART",
        " <channel>{,<channel>} [<reason>]",
        "Leaves channels.",
    ),
    (
        "PASS",
        " <password>",
        "Gives the password of the server, before registration.",
    ),
    (
        "PING",
        " <token>",
        "Is answered with PONG after everything that was asked before.",
    ),
    ("PONG", " <token>", "Answers a PING of the server."),
    (
        "PRIVMSG",
        " <target>{,<target>} <text>",
        "Says something to channels and people.",
    ),
    ("QUIT", " [<reason>]", "Leaves the chat."),
    (
        "RATE",
        " <1-5>",
        "Gives stars to the server that you are on.",
    ),
    (
        "REDACT",
        " <channel or nick> <msgid> [<reason>]",
        "Withdraws a message.",
    ),
    (
        "REGISTER",
        " <account>|* <email>|* <password>",
        "Makes an account; * is your nick.",
    ),
    (
        "REHASH",
        "",
        "Operators: has the configuration read again, for all servers.",
    ),
    (
        "RELAYMSG",
        " <channel> <nick> <text>",
        "Speaks in a channel for somebody from elsewhere, whose nick has a / in it.",
    ),
    (
        "RENAME",
        " <channel> <name> [<reason>]",
        "Gives a channel another name.",
    ),
    (
        "SAJOIN",
        " [<nick>] <channel>",
        "Operators: puts you or someone else into a channel, whatever its modes.",
    ),
    (
        "SAMODE",
        " <target> <modes> [<parameter> …]",
        "Operators: changes modes of any channel or user.",
    ),
    (
        "SEARCH",
        " text=<words>;in=<channel or nick>;from=<nick>;after=<time>;before=<time>;limit=<n>",
        "Finds what was said, where you may read.",
    ),
    ("SETNAME", " <real name>", "Takes another real name."),
    (
        "STATS",
        " [u]",
        "Tells the numbers of all servers, or how long this one is up.",
    ),
    (
        "TAGMSG",
        " <target>{,<target>}",
        "Sends client-only tags without a text.",
    ),
    ("TIME", "", "Tells the time of the server."),
    (
        "TOPIC",
        " <channel> [<topic>]",
        "Shows or sets the topic of a channel.",
    ),
    (
        "UBAN",
        " ADD [<duration>] <mask> [<reason>] | DEL <mask> | LIST",
        "Operators: keeps people out of the whole chat.",
    ),
    (
        "USER",
        " <name> 0 * <real name>",
        "Tells who you are, at registration.",
    ),
    (
        "USERHOST",
        " <nick> …",
        "Tells the hosts of up to five nicks.",
    ),
    (
        "VERIFY",
        " <account> <code>",
        "Confirms a new account with the code that was sent to you.",
    ),
    (
        "VERSION",
        "",
        "Tells the version of the server and what it supports.",
    ),
    (
        "WALLOPS",
        " <text>",
        "Operators: tells everybody something who has the mode w.",
    ),
    (
        "WHO",
        " [<channel, nick or mask> [%<fields>[,<token>]]]",
        "Lists who is there.",
    ),
    ("WHOIS", " <nick>{,<nick>}", "Tells about someone."),
    (
        "WHOWAS",
        " <nick> [<count>]",
        "Tells who had a nick before.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::table::names;

    #[test]
    fn every_command_has_its_help() {
        assert!(names().eq(TOPICS.iter().map(|(name, ..)| *name)));
        assert!(
            TOPICS
                .iter()
                .all(|(_, usage, text)| usage.len() + text.len() < 300)
        );
    }
}
