//! `WHO [<channel, nick or mask> [<o>][%<fields>[,<token>]]]`: who is there, one line each; with fields
//! those only (WHOX).

use chat_network::{Channel, Network, User};
use chat_proto::numeric::{RPL_ENDOFWHO, RPL_TRYAGAIN, RPL_WHOREPLY, RPL_WHOSPCRPL};
use chat_proto::{Capability, Message, fold, name};
use smallvec::SmallVec;
use smol_str::{SmolStrBuilder, format_smolstr};

use crate::command::handlers::names::prefix;
use crate::command::{Context, Refusal};

pub(crate) fn handle(context: &mut Context<'_>, message: &Message) -> Result<(), Refusal> {
    let asked = message
        .param(0)
        .filter(|asked| !asked.is_empty() && *asked != "0")
        .unwrap_or("*");
    let options = message.param(1).unwrap_or_default();
    let (flags, fields) = match options.split_once('%') {
        Some((flags, fields)) => (flags, Some(Fields::parse(fields))),
        None => (options, None),
    };
    // There are no operators of the server whom a question for them only could find.
    if flags.contains('o') {
        context.numeric(RPL_ENDOFWHO, &[&Context::shown(asked)]);
        return Ok(());
    }
    let fields = fields.as_ref();
    let network = context.state.network.borrow();
    if name::is_channel_like(asked) {
        if let Some(channel) = network.channel_by_name(asked)
            && context.sees_channel(channel)
        {
            of_channel(context, &network, channel, fields);
        }
    } else if let Some(user) = network.user_by_nick(asked) {
        // Who knows the nick may ask about it, as with WHOIS.
        of_user(context, &network, user, fields);
    } else {
        by_mask(context, &network, asked, fields);
    }
    drop(network);
    context.numeric(RPL_ENDOFWHO, &[&Context::shown(asked)]);
    Ok(())
}

fn of_channel(
    context: &mut Context<'_>,
    network: &Network,
    channel: &Channel,
    fields: Option<&Fields<'_>>,
) {
    let inside = context
        .session
        .user()
        .is_some_and(|user| channel.has_member(user));
    for (user, _) in channel.members() {
        if let Some(user) = network.user(user)
            && (inside || !user.modes().invisible)
            && channel.shows(user.id(), context.session.user())
        {
            line(context, user, Some(channel), fields);
        }
    }
}

fn by_mask(context: &mut Context<'_>, network: &Network, mask: &str, fields: Option<&Fields<'_>>) {
    for user in network.users() {
        let fits = [user.nick(), user.username(), user.host(), user.realname()]
            .into_iter()
            .any(|part| fold::fits(mask, part));
        if !fits || !context.sees(network, user) {
            continue;
        }
        if context.is_full() {
            let text = "There are more users; ask for fewer of them";
            context.numeric_text(RPL_TRYAGAIN, &["WHO"], text);
            return;
        }
        of_user(context, network, user, fields);
    }
}

/// A user outside of the question about one channel, shown with one that the asker may know of.
fn of_user(context: &mut Context<'_>, network: &Network, user: &User, fields: Option<&Fields<'_>>) {
    let channel = user
        .channels()
        .iter()
        .filter_map(|channel| network.channel(*channel))
        .find(|channel| context.sees_channel(channel) && sees_member(context, user, channel));
    line(context, user, channel, fields);
}

/// Whether it may be told that a user is in a channel that the asker knows of.
fn sees_member(context: &Context<'_>, user: &User, channel: &Channel) -> bool {
    let own = context.session.user();
    let together = || own.is_some_and(|own| own == user.id() || channel.has_member(own));
    channel.shows(user.id(), own) && (!user.modes().invisible || together())
}

/// What a WHOX asks for.
struct Fields<'a> {
    letters: &'a str,
    token: &'a str,
}

impl<'a> Fields<'a> {
    fn parse(text: &'a str) -> Self {
        let (letters, token) = text.split_once(',').unwrap_or((text, ""));
        // A token has at most three digits.
        let fits = token.len() <= 3 && token.bytes().all(|byte| byte.is_ascii_digit());
        let token = if fits && !token.is_empty() {
            token
        } else {
            "0"
        };
        Self { letters, token }
    }

    fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }
}

/// RPL_WHOSPCRPL: the fields in the order that WHOX gives them.
fn special(
    context: &mut Context<'_>,
    user: &User,
    (channel, flags): (&str, &str),
    fields: &Fields<'_>,
) {
    let server = context.state.config.name.clone();
    let now = jiff::Timestamp::now().as_millisecond();
    let idle = format_smolstr!("{}", (now - user.last_active().0).max(0) / 1000);
    let account = context.account_of(user).unwrap_or_else(|| "0".into());
    let all = [
        ('t', fields.token),
        ('c', channel),
        ('u', user.username()),
        // The host is the address.
        ('i', user.host()),
        ('h', user.host()),
        ('s', &server),
        ('n', user.nick()),
        ('f', flags),
        ('d', "0"),
        ('l', &idle),
        ('a', &account),
        // There are no levels of operators.
        ('o', "n/a"),
    ];
    let wanted: SmallVec<[&str; 12]> = all
        .into_iter()
        .filter(|(letter, _)| fields.has(*letter))
        .map(|(_, value)| value)
        .collect();
    let realname = if fields.has('r') { user.realname() } else { "" };
    context.numeric_text(RPL_WHOSPCRPL, &wanted, realname);
}

fn line(
    context: &mut Context<'_>,
    user: &User,
    channel: Option<&Channel>,
    fields: Option<&Fields<'_>>,
) {
    let mut flags = SmolStrBuilder::new();
    flags.push(if user.away().is_some() { 'G' } else { 'H' });
    if context.sees_operator(user) {
        flags.push('*');
    }
    if user.modes().bot {
        flags.push('B');
    }
    if let Some(modes) = channel.and_then(|channel| channel.member(user.id())) {
        flags.push_str(&prefix(modes, context.session.has(Capability::MultiPrefix)));
    }
    let channel = channel.map_or("*", |channel| channel.name());
    let flags = flags.finish();
    if let Some(fields) = fields {
        special(context, user, (channel, &flags), fields);
        return;
    }
    let text = format!("0 {}", user.realname());
    context.numeric_text(
        RPL_WHOREPLY,
        &[
            channel,
            user.username(),
            user.host(),
            &context.state.config.name,
            user.nick(),
            &flags,
        ],
        &text,
    );
}
