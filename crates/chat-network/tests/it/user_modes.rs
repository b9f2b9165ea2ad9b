use chat_network::{Action, Event, Rejection, UserModeChange, UserModes};
use smallvec::SmallVec;

use crate::support::Chat;

fn change(changes: &[UserModeChange]) -> Action {
    Action::UserModes {
        changes: SmallVec::from_slice(changes),
    }
}

#[test]
fn what_changed_is_told_and_kept() {
    let mut chat = Chat::new();
    let ann = chat.user("ann");
    let user = chat.id(ann);
    let (none, both) = (
        UserModes::default(),
        UserModes {
            invisible: true,
            bot: true,
            ..UserModes::default()
        },
    );
    let event = chat.by(
        ann,
        change(&[UserModeChange::Invisible(true), UserModeChange::Bot(true)]),
    );
    assert_eq!(
        event,
        Ok(Event::UserModes {
            user,
            added: both,
            removed: none
        })
    );
    assert_eq!(chat.of(ann).modes(), both);
    let again = [
        UserModeChange::Invisible(false),
        UserModeChange::Invisible(true),
    ];
    assert_eq!(chat.by(ann, change(&again)), Err(Rejection::NoChange));
    let event = chat.by(ann, change(&[UserModeChange::Bot(false)]));
    let removed = UserModes {
        bot: true,
        ..UserModes::default()
    };
    assert_eq!(
        event,
        Ok(Event::UserModes {
            user,
            added: none,
            removed
        })
    );
    assert_eq!(
        chat.of(ann).modes(),
        UserModes {
            invisible: true,
            ..UserModes::default()
        }
    );
}
