//! The whole state as data: what a server that joins late is given.
//!
//! Limits, accounts, users, channels and past users, in their order; the indexes are made again from them. What does not
//! fit together is refused, so that a damaged snapshot never becomes a replica.

use std::collections::VecDeque;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{
    Account, Channel, Limits, Network, PastUser, Settings, User, restriction::Restrictions,
};

/// How a network is written. The same layout as [`Read`], but borrowed.
#[derive(Serialize)]
#[serde(rename = "Network")]
struct Written<'a> {
    limits: &'a Limits,
    accounts: Vec<&'a Account>,
    users: Vec<&'a User>,
    channels: Vec<&'a Channel>,
    past: &'a VecDeque<PastUser>,
    restrictions: &'a Restrictions,
    settings: &'a Option<Settings>,
}

/// How a network is read.
#[derive(Deserialize)]
#[serde(rename = "Network")]
struct Read {
    limits: Limits,
    accounts: Vec<Account>,
    users: Vec<User>,
    channels: Vec<Channel>,
    past: VecDeque<PastUser>,
    restrictions: Restrictions,
    settings: Option<Settings>,
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (users, channels) = (self.users().collect(), self.channels().collect());
        Written {
            limits: &self.limits,
            accounts: self.accounts().collect(),
            users,
            channels,
            past: &self.past,
            restrictions: &self.restrictions,
            settings: &self.settings,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(deserializer)?;
        // Before anything asks for the parts of a prefix.
        if !read.users.iter().all(User::is_well_formed) {
            return Err(D::Error::custom("a user's prefix is not nick!user@host"));
        }
        let mut network = Self::new(read.limits);
        for account in read.accounts {
            network.insert_account(account);
        }
        for user in read.users {
            network.index_user(&user);
            network.invisible += usize::from(user.modes().invisible);
            network.operators += usize::from(user.modes().operator);
            network.users.insert(Box::new(user));
        }
        for channel in read.channels {
            network.insert_channel(channel);
        }
        network.past = read.past;
        network.restrictions = read.restrictions;
        network.settings = read.settings;
        network.check().map_err(D::Error::custom)?;
        Ok(network)
    }
}
