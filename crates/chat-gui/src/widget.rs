//! What both windows draw and iced does not have.

mod avatar;
mod badge;
mod bubble;
mod stars;

pub use avatar::{avatar, initial};
pub use badge::{badge, dot, section};
pub use bubble::bubble;
pub use stars::{Star, stars};
