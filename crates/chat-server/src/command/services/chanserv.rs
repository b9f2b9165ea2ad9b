//! ChanServ: registered channels. The words that it understands.

use chat_network::Right;

use super::{Service, Whom, Word, bans as k, channels as c, operators as o};

/// ChanServ.
pub(crate) static CHANSERV: Service = Service {
    name: "ChanServ",
    short: "CS",
    about: "I keep channels: with modes, topic and lists, also while nobody is in them",
    words: &[
        Word {
            name: "REGISTER",
            aliases: &[],
            params: 1,
            whom: Whom::Owners,
            syntax: "<#channel>",
            help: &[
                "keeps a channel for you; you must be its operator",
                "You are its founder from then on, whenever you enter it.",
            ],
            handler: c::register,
        },
        Word {
            name: "INFO",
            aliases: &[],
            params: 1,
            whom: Whom::Anybody,
            syntax: "<#channel>",
            help: &["tells whose a channel is, and since when"],
            handler: c::info,
        },
        Word {
            name: "OP",
            aliases: &[],
            params: 1,
            whom: Whom::Owners,
            syntax: "<#channel> [<nick>]",
            help: &[
                "gives you the rank that is kept for you in a channel",
                "With a nick it makes somebody an operator, if you are the founder.",
            ],
            handler: c::op,
        },
        Word {
            name: "DEOP",
            aliases: &[],
            params: 1,
            whom: Whom::Anybody,
            syntax: "<#channel> [<nick>]",
            help: &["takes all ranks away from you, or from somebody below you"],
            handler: c::deop,
        },
        Word {
            name: "AMODE",
            aliases: &[],
            params: 1,
            whom: Whom::Owners,
            syntax: "<#channel> [<+o, -o, …> <account>]",
            help: &[
                "keeps ranks for accounts: whoever is logged in to one has it on entering",
                "AMODE #channel +o ann gives ann the rank o; -o takes it back.",
                "Without a change it lists them.",
            ],
            handler: c::amode,
        },
        Word {
            name: "TRANSFER",
            aliases: &[],
            params: 2,
            whom: Whom::Owners,
            syntax: "<#channel> <account> [<code>]",
            help: &[
                "offers your channel to another account",
                "I tell you a code, with which you say that you mean it. It is the other's when",
                "they have said TRANSFER ACCEPT #channel; until then you take the offer back by",
                "offering the channel to yourself.",
            ],
            handler: c::transfer,
        },
        Word {
            name: "HOWTOBAN",
            aliases: &[],
            params: 2,
            whom: Whom::Anybody,
            syntax: "<#channel> <nick>",
            help: &[
                "tells how to keep somebody out of a channel, or mute them",
                "It is for operators of the channel, and changes nothing.",
            ],
            handler: k::how_to_ban,
        },
        Word {
            name: "UNBAN",
            aliases: &[],
            params: 2,
            whom: Whom::Anybody,
            syntax: "<#channel> <nick>",
            help: &[
                "takes away all bans and mutes that are about somebody who is on",
                "It is for operators of the channel.",
            ],
            handler: k::unban,
        },
        Word {
            name: "CLEAR",
            aliases: &[],
            params: 2,
            whom: Whom::Owners,
            syntax: "<#channel> <USERS or ACCESS>",
            help: &[
                "empties a channel of yours",
                "USERS: everybody but you is kicked.",
                "ACCESS: bans, exceptions, invitations and kept ranks are deleted.",
            ],
            handler: c::clear,
        },
        Word {
            name: "DROP",
            aliases: &["UNREGISTER"],
            params: 1,
            whom: Whom::Owners,
            syntax: "<#channel> [<code>]",
            help: &[
                "keeps a channel no longer",
                "I tell you a code, with which you say that you mean it.",
            ],
            handler: c::drop,
        },
        Word {
            name: "LIST",
            aliases: &[],
            params: 0,
            whom: Whom::Operators(Right::Channels),
            syntax: "[<mask>]",
            help: &["lists registered channels"],
            handler: o::channels,
        },
        Word {
            name: "SATRANSFER",
            aliases: &[],
            params: 2,
            whom: Whom::Operators(Right::Channels),
            syntax: "<#channel> <account>",
            help: &["gives a channel to another account"],
            handler: o::transfer,
        },
        Word {
            name: "SADROP",
            aliases: &[],
            params: 1,
            whom: Whom::Operators(Right::Channels),
            syntax: "<#channel> [<code>]",
            help: &["keeps a channel no longer"],
            handler: o::drop_channel,
        },
    ],
};
