//! What outlives all servers, from entries to rows and back.

use chat_network::{
    Account, AccountId, AccountRecord, AppliedChange, Channel, ChannelId, ChannelRecord, Defcon,
    Entry, Event, Limits, MarkerRecord, MetadataOwner, Network, Position, Records, Timestamp, User,
    UserId, UserRecord, folded,
};
use chat_store::{AccountRow, ChannelRow, Folding, Reader, Row};
use serde::{Serialize, de::DeserializeOwned};

use crate::{RestoreError, rows};

/// How keys of the database are made from names. The version grows with the rules.
pub const FOLDING: Folding = Folding {
    version: 1,
    fold: folded,
};

/// The chat as it was kept, with nobody on but who stays on. Who had a session at the end has had
/// everything before `first`.
pub(crate) fn restore(
    reader: &Reader,
    limits: Limits,
    first: Position,
) -> Result<Network, RestoreError> {
    let mut records = Records {
        accounts: parse("accounts", &reader.account_records()?)?,
        channels: parse("channels", &reader.channel_records()?)?,
        users: parse("always_on", &reader.always_on_records()?)?,
        markers: markers(reader)?,
        bans: parse("network_bans", &reader.network_ban_records()?)?,
        defcon: defcon(reader)?,
    };
    let end = Position(first.0.saturating_sub(1));
    for user in &mut records.users {
        user.left.get_or_insert(end);
    }
    Ok(Network::restore(limits, records))
}

/// How guarded the chat is: as the last who changed it has left it.
fn defcon(reader: &Reader) -> Result<Defcon, RestoreError> {
    let level = reader.last_act(rows::operator::DEFCON)?;
    let level = level.and_then(|level| level.parse().ok());
    Ok(level.and_then(Defcon::new).unwrap_or_default())
}

fn markers(reader: &Reader) -> Result<Vec<MarkerRecord>, RestoreError> {
    let markers = reader.read_markers()?.into_iter();
    let record = |(account, target, time_ms): (u64, String, i64)| MarkerRecord {
        account: AccountId(account),
        target: target.into(),
        time: Timestamp(time_ms),
    };
    Ok(markers.map(record).collect())
}

fn parse<T: DeserializeOwned>(
    table: &'static str,
    records: &[String],
) -> Result<Vec<T>, RestoreError> {
    let read = |record: &String| serde_json::from_str(record);
    let records = records.iter().map(read).collect::<Result<_, _>>();
    records.map_err(|source| RestoreError::Record { table, source })
}

/// What an entry may change of what is kept, found before it is applied.
#[derive(Default)]
pub(crate) struct Touched {
    accounts: Vec<AccountId>,
    /// With whether they are kept so far.
    channels: Vec<(ChannelId, bool)>,
    /// With the account by which they stay on so far.
    users: Vec<(UserId, Option<AccountId>)>,
}

impl Touched {
    /// `network` is the state before the entry. `None`: what is kept does not change, as with every
    /// message.
    pub(crate) fn by(network: &Network, entry: &Entry) -> Option<Self> {
        if let Event::Operated { .. } = entry.event {
            return Self::by(network, &entry.effect());
        }
        let mut touched = Self::default();
        match &entry.event {
            Event::Registered { user: new, .. } if new.account.is_some() => {
                touched.users.push((UserId(entry.stamp.position.0), None));
            }
            Event::SessionAttached { user, .. } | Event::Disconnected { user, .. } => {
                touched.user(network, *user)?;
            }
            Event::Quit(departure) => touched.user(network, departure.user)?,
            Event::ServerLost {
                server,
                incarnation,
                ..
            } => {
                for session in network.sessions_of(*server, *incarnation) {
                    if let Some(user) = network.user_of(session) {
                        touched.user(network, user.id());
                    }
                }
            }
            // With another nick a user may begin to stay on.
            Event::NickChanged { user, .. } => {
                network.user(*user)?.account()?;
                touched.whole_user(network, Some(*user));
            }
            Event::UserModes { user, .. }
            | Event::AwayChanged { user, .. }
            | Event::HostChanged { user, .. }
            | Event::RealnameChanged { user, .. } => touched.user(network, *user)?,
            Event::Joined {
                user,
                channel,
                created,
                ..
            } => {
                let former = created
                    .as_ref()
                    .and_then(|name| network.former_holder(name));
                if let Some(former) = former {
                    touched.channel(network, former.id());
                }
                let joins = touched.user_in(network, *user, *channel);
                joins.or(former.map(|_| ()))?;
            }
            Event::Parted { user, channel, .. } | Event::Kicked { user, channel, .. } => {
                touched.user_in(network, *user, *channel)?;
            }
            Event::ChannelModes {
                channel, changes, ..
            } => touched.modes(network, *channel, changes),
            _ => return Self::by_account(network, entry),
        }
        Some(touched)
    }

    /// The same for what happens to accounts and registered channels.
    fn by_account(network: &Network, entry: &Entry) -> Option<Self> {
        let mut touched = Self::default();
        match &entry.event {
            Event::AccountRegistered { account, user } => {
                touched.accounts.push(AccountId(entry.stamp.position.0));
                if let Some(unverified) = network.account_by_name(&account.name) {
                    touched.account(network, unverified.id());
                }
                touched.whole_user(network, *user);
            }
            Event::AccountVerified { account, user } => {
                touched.accounts.push(*account);
                touched.whole_user(network, *user);
            }
            Event::LoggedIn { user, .. } | Event::LoggedOut { user } => {
                touched.whole_user(network, Some(*user));
            }
            Event::CertificateChanged { account, .. } | Event::AccountUnsuspended { account } => {
                touched.accounts.push(*account)
            }
            Event::SecretsSet { .. } | Event::EmailSet { .. } => {}
            Event::AccountSettingChanged { account, .. }
            | Event::AccountDropped { account }
            | Event::AccountSuspended { account, .. } => touched.account(network, *account),
            Event::ChannelRegistered { channel, founder }
            | Event::ChannelTransferred { channel, founder } => {
                touched.channel(network, *channel);
                for user in network.users_of_account(*founder) {
                    touched.users.push((user.id(), stays(network, user)));
                }
            }
            Event::Renamed { channel, name, .. } => touched.renamed(network, *channel, name),
            Event::ChannelPurged {
                channel: Some(channel),
                ..
            } => {
                touched.channel(network, *channel);
                let members = network
                    .channel(*channel)
                    .into_iter()
                    .flat_map(Channel::members);
                for (user, _) in members {
                    touched.user(network, user);
                }
            }
            Event::MetadataChanged { owner, .. } => touched.teller(network, *owner)?,
            Event::TopicSet { channel, .. }
            | Event::ChannelDropped { channel }
            | Event::ChannelOffered { channel, .. }
            | Event::AccessChanged { channel, .. } => {
                touched.channel(network, *channel);
            }
            _ => return None,
        }
        Some(touched)
    }

    /// Appends the rows. `network` is the state after the entry.
    pub(crate) fn append(self, network: &Network, entry: &Entry, rows: &mut Vec<Row>) {
        // First what goes: its name may be another's now.
        for account in &self.accounts {
            if network.account(*account).is_none() {
                rows.push(Row::AccountGone { account: account.0 });
            }
        }
        let accounts = self.accounts.iter().filter_map(|id| network.account(*id));
        rows.extend(accounts.map(account_row));
        secrets(&entry.effect(), rows);
        for (id, kept) in self.channels {
            match network.channel(id).filter(|channel| network.keeps(channel)) {
                Some(channel) => rows.push(channel_row(channel)),
                None if kept => rows.push(Row::ChannelGone { channel: id.0 }),
                None => {}
            }
        }
        for (id, stayed_on) in self.users {
            let record = network
                .user(id)
                .and_then(|user| UserRecord::of(network, user));
            match (record, stayed_on) {
                (Some(record), _) => rows.push(Row::AlwaysOn {
                    account: record.account.0,
                    record: json(&record),
                }),
                (None, Some(account)) => rows.push(Row::AlwaysOnGone { account: account.0 }),
                (None, None) => {}
            }
        }
    }

    /// A user, if it stays on before or may after.
    fn user(&mut self, network: &Network, user: UserId) -> Option<()> {
        let user = network.user(user)?;
        user.account()?;
        if self.users.iter().any(|(known, _)| *known == user.id()) {
            return Some(());
        }
        self.users.push((user.id(), stays(network, user)));
        Some(())
    }

    /// Who tells something else about itself: a user's account remembers it too.
    fn teller(&mut self, network: &Network, owner: MetadataOwner) -> Option<()> {
        match owner {
            MetadataOwner::User(user) => {
                self.user(network, user)?;
                let account = network.user(user).and_then(User::account);
                self.accounts.extend(account);
            }
            MetadataOwner::Channel(channel) => self.channel(network, channel),
        }
        Some(())
    }

    /// A user that stays on, and a channel that it enters or leaves.
    fn user_in(&mut self, network: &Network, user: UserId, channel: ChannelId) -> Option<()> {
        let user = network.user(user)?;
        let account = stays(network, user)?;
        self.channel(network, channel);
        self.users.push((user.id(), Some(account)));
        Some(())
    }

    /// A user that may begin or cease to stay on, and the channels that it is in.
    fn whole_user(&mut self, network: &Network, user: Option<UserId>) {
        let Some(user) = user.and_then(|user| network.user(user)) else {
            return;
        };
        self.users.push((user.id(), stays(network, user)));
        for channel in user.channels() {
            self.channel(network, *channel);
        }
    }

    /// An account with all that is its own.
    fn account(&mut self, network: &Network, account: AccountId) {
        self.accounts.push(account);
        let users: Vec<UserId> = network.users_of_account(account).map(User::id).collect();
        for user in users {
            self.whole_user(network, Some(user));
        }
        for channel in network.channels() {
            let own = channel.registration().is_some_and(|registration| {
                registration.founder == account
                    || registration.offered == Some(account)
                    || registration.access.contains_key(&account)
            });
            if own {
                self.channel(network, channel.id());
            }
        }
    }

    fn channel(&mut self, network: &Network, channel: ChannelId) {
        if self.channels.iter().all(|(known, _)| *known != channel) {
            let kept = network
                .channel(channel)
                .is_some_and(|channel| network.keeps(channel));
            self.channels.push((channel, kept));
        }
    }

    /// A channel that takes another name, the one that had it, and those that send to it.
    fn renamed(&mut self, network: &Network, channel: ChannelId, name: &str) {
        self.channel(network, channel);
        if let Some(former) = network.former_holder(name) {
            self.channel(network, former.id());
        }
        let Some(old) = network.channel(channel).map(Channel::name) else {
            return;
        };
        for other in network.channels().filter(|other| other.forwards_to(old)) {
            self.channel(network, other.id());
        }
    }

    fn modes(&mut self, network: &Network, channel: ChannelId, changes: &[AppliedChange]) {
        self.channel(network, channel);
        for change in changes {
            if let AppliedChange::Member(_, _, user) = change
                && self.users.iter().all(|(known, _)| known != user)
            {
                self.user(network, *user);
            }
        }
    }
}

/// The account by which a user stays on.
fn stays(network: &Network, user: &User) -> Option<AccountId> {
    user.account().filter(|_| network.stays_on(user))
}

/// What only the database keeps.
fn secrets(entry: &Entry, rows: &mut Vec<Row>) {
    match &entry.event {
        Event::AccountRegistered { account, .. } => {
            let id = entry.stamp.position.0;
            rows.push(Row::AccountSecrets {
                account: id,
                secrets: account.secrets.as_bytes().into(),
            });
            if let Some(email) = &account.email {
                rows.push(Row::AccountEmail {
                    account: id,
                    email: Some(email.to_string()),
                });
            }
        }
        Event::EmailSet { account, email } => rows.push(Row::AccountEmail {
            account: account.0,
            email: email.as_ref().map(ToString::to_string),
        }),
        Event::SecretsSet { account, secrets } => rows.push(Row::AccountSecrets {
            account: account.0,
            secrets: secrets.as_bytes().into(),
        }),
        _ => {}
    }
}

fn account_row(account: &Account) -> Row {
    Row::Account(AccountRow {
        id: account.id().0,
        name: account.name().to_string(),
        name_key: folded(account.name()),
        created_ms: account.created().0,
        verified: account.is_verified(),
        suspended: account.suspended().is_some(),
        record: json(&AccountRecord::of(account)),
    })
}

fn channel_row(channel: &Channel) -> Row {
    Row::Channel(ChannelRow {
        id: channel.id().0,
        name: channel.name().to_string(),
        name_key: folded(channel.name()),
        founder: channel.registration().map(|own| own.founder.0),
        record: json(&ChannelRecord::of(channel)),
    })
}

fn json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("records have text keys and no values that can fail")
}
