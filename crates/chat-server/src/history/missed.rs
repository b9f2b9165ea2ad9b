//! What somebody who stays on has missed while no connection was there.

use chat_network::Position;
use chat_store::{Mark, Page, Reader, Selection, View, conversation};

use crate::history::question::{Sight, shown_in};
use crate::history::{Answer, Question, view};
use crate::session::Session;
use crate::state::State;

/// Messages that are shown in all, shared by the places; there is history for more.
const ALL: usize = 500;
/// Messages of one place at least.
const FEWEST: usize = 10;

/// What was said since then to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Missed {
    /// The channels, with their names.
    channels: Vec<(String, Sight)>,
    /// Who asks.
    own: String,
    /// Nothing up to here.
    after: Position,
    /// Nothing after this.
    last: Position,
}

/// The question what the user of a session has missed since then.
pub(crate) fn missed(state: &State, session: &Session, after: Position) -> Option<Question> {
    let network = state.network.borrow();
    let user = network.user_of(session.id)?;
    let channels = user.channels().iter().filter_map(|channel| {
        let channel = network.channel(*channel)?;
        let sight = view::of_member(state, &network, channel, user)?;
        Some((channel.name().to_string(), sight))
    });
    Some(Question::Missed(Missed {
        channels: channels.collect(),
        own: user.identity().to_string(),
        after,
        last: state.position.get(),
    }))
}

impl Missed {
    /// Asks; waits for the disk.
    pub(crate) fn ask(&self, reader: &Reader) -> Result<Answer, chat_store::Error> {
        let since = Selection::Latest(Some(Mark::Id(self.after.0)));
        let mut conversations = reader.conversations(&self.own)?;
        conversations.retain(|latest| latest.id > self.after.0);
        let places = (self.channels.len() + conversations.len()).max(1);
        let limit = u32::try_from((ALL / places).max(FEWEST)).unwrap_or(u32::MAX);
        let mut pages: Vec<(Page, String)> = Vec::new();
        for (name, sight) in &self.channels {
            let mut page = reader.page(&sight.view(), since, limit)?;
            page.records
                .iter_mut()
                .for_each(|record| shown_in(record, name));
            pages.push((page, name.clone()));
        }
        for latest in conversations {
            let Some(peer) = &latest.peer else { continue };
            let view = View {
                place: &conversation(&self.own, peer),
                first: 0,
                last: self.last.0,
                rank: 0,
                own: &self.own,
                events: false,
            };
            pages.push((reader.page(&view, since, limit)?, latest.name));
        }
        pages.retain(|(page, _)| !page.records.is_empty());
        Ok(Answer::Missed(pages))
    }
}
