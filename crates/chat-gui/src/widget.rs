//! What both windows draw and iced does not have.

mod avatar;
mod badge;
mod bubble;
mod moon;
mod shortcuts;
mod stars;
mod words;

pub use avatar::{avatar, initial};
pub use badge::{badge, dot, section};
pub use bubble::bubble;
pub use moon::half_moon;
pub use shortcuts::shortcuts;
pub use stars::{Star, stars};
pub use words::{Selecting, Words, words};
