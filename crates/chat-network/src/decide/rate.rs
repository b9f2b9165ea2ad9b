//! A user rates the server of the session.

use super::Decision;
use crate::{Event, Rejection, SessionId, User};

pub(super) fn decide(user: &User, session: SessionId, stars: u8) -> Decision {
    if !(1..=5).contains(&stars) {
        return Err(Rejection::BadRating);
    }
    let own = user.sessions().iter().find(|own| own.id == session);
    let previous = own.and_then(|session| session.rating);
    Ok(Event::Rated {
        user: user.id(),
        session,
        stars,
        previous,
    })
}
