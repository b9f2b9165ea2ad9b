//! What a handler may look at, and how it answers.

use chat_network::{Action, Rejection, User};
use chat_proto::numeric::Numeric;
use smol_str::SmolStr;

use crate::command::steps::{Then, Work};
use crate::command::{Refusal, Step, Steps};
use crate::render::{self, Wire};
use crate::session::{Pending, Session};
use crate::state::State;

/// What a handler may look at, and how it answers.
pub(crate) struct Context<'a> {
    /// Replica, configuration, board.
    pub(crate) state: &'a State,
    /// Who asks.
    pub(crate) session: &'a Session,
    /// What is to be done.
    pub(crate) steps: &'a mut Steps,
}

impl Context<'_> {
    /// Answers with a line.
    pub(crate) fn line(&mut self, line: Wire) {
        self.steps.push(Step::Line(line));
    }

    /// Answers with a numeric and the text that the table has for it, if any.
    pub(crate) fn numeric(&mut self, code: Numeric, params: &[&str]) {
        self.numeric_text(code, params, code.text());
    }

    /// Answers with a numeric that has a text of its own.
    pub(crate) fn numeric_text(&mut self, code: Numeric, params: &[&str], text: &str) {
        let line = render::numeric(self.state, &self.session.nick(), code, params, text);
        self.line(line);
    }

    /// Answers with a NOTICE of the server.
    pub(crate) fn notice(&mut self, text: &str) {
        let line = render::notice(self.state, &self.session.nick(), text);
        self.line(line);
    }

    /// Asks the network.
    pub(crate) fn request(&mut self, action: Action) {
        self.steps.push(Step::Request(action, Pending::Plain));
    }

    /// Asks the network for something whose answer is told in a way of its own.
    pub(crate) fn request_as(&mut self, action: Action, pending: Pending) {
        self.steps.push(Step::Request(action, pending));
    }

    /// Asks the network, and goes on with its answer: nothing, or why not.
    pub(crate) fn ask(
        &mut self,
        action: Action,
        then: impl FnOnce(&mut Context<'_>, Result<(), Rejection>) + 'static,
    ) {
        self.steps
            .push(Step::RequestThen(Box::new(action), Then::new(then)));
    }

    /// Lets something be done elsewhere, and goes on with what comes of it.
    pub(crate) fn work<T: 'static>(
        &mut self,
        work: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut Context<'_>, T) + 'static,
    ) {
        self.steps.push(Step::Work(Work::new(work, then)));
    }

    /// Ends the connection of a client that is not registered.
    pub(crate) fn close(&mut self, reason: &str) {
        self.steps.push(Step::Close(reason.to_owned()));
    }

    /// Tells the client why not.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        let line = refusal.line(self.state, &self.session.nick());
        if let Some(line) = line {
            self.line(line);
        }
    }

    /// Whether the answer has become as long as one answer may be: what comes after it would put
    /// the client over its SendQ.
    pub(crate) fn is_full(&self) -> bool {
        self.steps.bytes() >= self.state.settings().config.limits.sendq / 2
    }

    /// Whether the session's user may see someone: always itself and who is not invisible, else
    /// who shares a channel.
    pub(crate) fn sees(&self, network: &chat_network::Network, other: &User) -> bool {
        !other.modes().invisible
            || network
                .user_of(self.session.id)
                .is_some_and(|own| own.id() == other.id() || network.share_channel(own, other))
    }

    /// The name of the account that someone is logged in to.
    pub(crate) fn account_of(&self, user: &User) -> Option<SmolStr> {
        let network = self.state.network.borrow();
        network
            .account_of(user)
            .map(|account| account.name().clone())
    }

    /// Whether a user is an operator as far as the session's user may know.
    pub(crate) fn sees_operator(&self, other: &User) -> bool {
        other.operator().is_some_and(|operator| {
            !operator.hidden
                || self
                    .state
                    .network
                    .borrow()
                    .user_of(self.session.id)
                    .is_some_and(|own| own.operator().is_some())
        })
    }

    /// Whether the session's user may know of a channel.
    pub(crate) fn sees_channel(&self, channel: &chat_network::Channel) -> bool {
        !channel.is(chat_network::ChannelFlag::Secret)
            || self
                .session
                .user()
                .is_some_and(|user| channel.has_member(user))
    }

    /// A name for a message about something that may be of any length.
    pub(crate) fn shown(text: &str) -> SmolStr {
        SmolStr::new(super::cut(text, 64))
    }
}
