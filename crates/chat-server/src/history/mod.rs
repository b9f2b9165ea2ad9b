//! What was said before: questions to the database, asked off the server's thread.
//!
//! A handler decides at once, from the replica, what the asker may see ([`view`]), and makes a
//! [`Question`] of it. The session's task waits until everything asked before is answered, has the
//! question asked by a thread that may wait for the disk ([`Archive`]), and renders the [`Answer`]
//! (`render`). What has come by the time of the question is in the answer; what comes after it comes
//! by itself.

mod archive;
mod missed;
mod question;
mod render;
pub(crate) mod selector;
pub(crate) mod view;

pub(crate) use archive::Archive;
pub(crate) use missed::missed;
pub(crate) use question::{Answer, Other, PageOf, Question, SearchFor, Sight, TargetsOf};
pub(crate) use render::answer;
