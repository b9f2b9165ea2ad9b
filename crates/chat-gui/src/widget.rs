//! What both windows draw and iced does not have.

mod avatar;
mod badge;
mod bubble;
mod linked;
mod moon;
mod shortcuts;
mod stars;

pub use avatar::{avatar, initial};
pub use badge::{badge, dot, section};
pub use bubble::bubble;
pub use linked::linked;
pub use moon::half_moon;
pub use shortcuts::shortcuts;
pub use stars::{Star, stars};
