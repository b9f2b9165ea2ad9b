//! The parsers of commands, for the fuzz targets.

use chat_network::ChannelModeChange;

use crate::command::handlers;

pub use handlers::chathistory::fuzz as history;
pub use handlers::search::fuzz as search;

/// One thing that a MODE wants, as far as a target wants to know.
pub(crate) enum Mode {
    /// A change.
    Change(ChannelModeChange),
    /// To see a list.
    List,
    /// Something that makes no sense, by its letter.
    Wrong(char),
}

/// What the parameters of a MODE want.
pub(crate) fn modes<'a>(params: impl Iterator<Item = &'a str>) -> Vec<Mode> {
    handlers::mode::fuzz(params)
}
