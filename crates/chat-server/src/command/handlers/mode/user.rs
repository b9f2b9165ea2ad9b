//! `MODE <nick> [<modes>]`: the user's own modes.

use chat_network::{Action, Rejection, User, UserModeChange};
use chat_proto::numeric as n;
use chat_proto::{Message, fold};
use smallvec::SmallVec;

use crate::command::{Context, Refusal};
use crate::render::event::user_mode_letters;

pub(super) fn handle(
    context: &mut Context<'_>,
    message: &Message,
    target: &str,
) -> Result<(), Refusal> {
    if !fold::same(&context.session.nick(), target) {
        let known = context
            .state
            .network
            .borrow()
            .user_by_nick(target)
            .is_some();
        return Err(if known {
            Refusal::numeric(n::ERR_USERSDONTMATCH)
        } else {
            Rejection::NoSuchNick(target.into()).into()
        });
    }
    match message.param(1) {
        Some(letters) => change(context, letters),
        None => {
            let network = context.state.network.borrow();
            if let Some(user) = network.user_of(context.session.id) {
                reply(context, user);
            }
        }
    }
    Ok(())
}

/// The session's own modes, as they are.
pub(crate) fn reply(context: &mut Context<'_>, user: &User) {
    let secure = if user.is_secure() { "Z" } else { "" };
    let letters = user_mode_letters(user.modes());
    let letters = smol_str::format_smolstr!("+{letters}{secure}");
    context.numeric(n::RPL_UMODEIS, &[&letters]);
}

fn change(context: &mut Context<'_>, letters: &str) {
    let changes = wanted(context, letters);
    if !changes.is_empty() {
        context.request(Action::UserModes { changes });
    }
}

/// The changes that letters stand for. Unknown ones are told.
pub(super) fn wanted(context: &mut Context<'_>, letters: &str) -> SmallVec<[UserModeChange; 4]> {
    let mut on = true;
    let mut unknown = false;
    let mut changes: SmallVec<[UserModeChange; 4]> = SmallVec::new();
    for letter in letters.chars() {
        match letter {
            '+' => on = true,
            '-' => on = false,
            'i' => changes.push(UserModeChange::Invisible(on)),
            'B' => changes.push(UserModeChange::Bot(on)),
            // OPER gives it.
            'o' if on => {}
            'o' => changes.push(UserModeChange::Operator(on)),
            'R' => changes.push(UserModeChange::AccountsOnly(on)),
            'T' => changes.push(UserModeChange::NoCtcp(on)),
            // The connection gives it.
            'Z' => {}
            'w' => changes.push(UserModeChange::Wallops(on)),
            _ => unknown = true,
        }
    }
    if unknown {
        context.numeric(n::ERR_UMODEUNKNOWNFLAG, &[]);
    }
    changes
}
