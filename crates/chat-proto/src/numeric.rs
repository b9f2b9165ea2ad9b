//! The numerics: replies and errors with their codes, names, parameters and texts.
//!
//! Names are those of the Modern IRC Client Protocol, where it has one, and of IRCv3. Every numeric's
//! first parameter is the client's nick (`*` before it has one), then come those of the table, then
//! the text as the trailing parameter.

use std::fmt;

/// A numeric reply; the constants of this module are those that have names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Numeric(u16);

/// Three digits, without memory from the heap.
#[derive(Clone, Copy)]
pub(crate) struct Digits([u8; 3]);

impl Numeric {
    /// The numeric of that code; `None` above 999.
    #[must_use]
    pub const fn from_code(code: u16) -> Option<Self> {
        if code <= 999 { Some(Self(code)) } else { None }
    }

    /// The numeric that a command of three digits is.
    ///
    /// ```
    /// use chat_proto::numeric::{self, Numeric};
    /// assert_eq!(Numeric::parse("001"), Some(numeric::RPL_WELCOME));
    /// assert_eq!(Numeric::parse("PING"), None);
    /// ```
    #[must_use]
    pub fn parse(command: &str) -> Option<Self> {
        let digits = command.len() == 3 && command.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| command.parse().ok().map(Self)).flatten()
    }

    /// The code, 0 to 999.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// Whether it tells of an error.
    #[must_use]
    pub fn is_error(self) -> bool {
        self.name().is_some_and(|name| name.starts_with("ERR_"))
    }

    pub(crate) fn digits(self) -> Digits {
        let digit = |value: u16| b'0' + u8::try_from(value % 10).unwrap_or_default();
        Digits([digit(self.0 / 100), digit(self.0 / 10), digit(self.0)])
    }
}

impl Digits {
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.digits().as_str())
    }
}

impl fmt::Debug for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self} {}", self.name().unwrap_or("unnamed"))
    }
}

/// Defines the constants, and name, parameters and text by code, from one table. A code that stands
/// twice in it is an unreachable pattern.
macro_rules! numerics {
    ($($name:ident = $code:literal, $params:literal, $text:literal;)*) => {
        $(
            #[doc = concat!("`", $code, " <client> ", $params, " :", $text, "`")]
            pub const $name: Numeric = Numeric($code);
        )*

        impl Numeric {
            /// Every numeric that has a name, by code.
            pub const ALL: &'static [Self] = &[$($name),*];

            /// Its name in the specifications.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some(stringify!($name)),)*
                    _ => None,
                }
            }

            /// Its text; empty where the text is made for the occasion, or there is none.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self.0 {
                    $($code => $text,)*
                    _ => "",
                }
            }

            /// The parameters between the client's nick and the text, as the specifications
            /// describe them.
            #[must_use]
            pub const fn params(self) -> &'static str {
                match self.0 {
                    $($code => $params,)*
                    _ => "",
                }
            }
        }
    };
}

numerics! {
    RPL_WELCOME = 1, "", "";
    RPL_YOURHOST = 2, "", "";
    RPL_CREATED = 3, "", "";
    RPL_MYINFO = 4, "<server> <version> <user modes> <channel modes> [<modes with parameter>]", "";
    RPL_ISUPPORT = 5, "<tokens>", "are supported by this server";
    RPL_BOUNCE = 10, "<host> <port>", "";
    RPL_MAP = 15, "", "";
    RPL_MAPEND = 17, "", "End of /MAP";
    RPL_STATSLINKINFO = 211, "<link> <sendq> <messages sent> <KiB sent> <messages received> <KiB received> <seconds open>", "";
    RPL_STATSCOMMANDS = 212, "<command> <count> [<bytes> <remote count>]", "";
    RPL_ENDOFSTATS = 219, "<letter>", "End of /STATS report";
    RPL_UMODEIS = 221, "<modes>", "";
    RPL_STATSUPTIME = 242, "", "";
    RPL_STATSOLINE = 243, "O <mask> * <name>", "";
    RPL_STATSDEBUG = 249, "", "";
    RPL_STATSCONN = 250, "", "";
    RPL_LUSERCLIENT = 251, "", "";
    RPL_LUSEROP = 252, "<count>", "operator(s) online";
    RPL_LUSERUNKNOWN = 253, "<count>", "unknown connection(s)";
    RPL_LUSERCHANNELS = 254, "<count>", "channels formed";
    RPL_LUSERME = 255, "", "";
    RPL_ADMINME = 256, "[<server>]", "Administrative info";
    RPL_ADMINLOC1 = 257, "", "";
    RPL_ADMINLOC2 = 258, "", "";
    RPL_ADMINEMAIL = 259, "", "";
    RPL_TRYAGAIN = 263, "<command>", "Please wait a while and try again.";
    RPL_LOCALUSERS = 265, "[<now> <most>]", "";
    RPL_GLOBALUSERS = 266, "[<now> <most>]", "";
    RPL_WHOISCERTFP = 276, "<nick>", "";
    RPL_NONE = 300, "", "";
    RPL_AWAY = 301, "<nick>", "";
    RPL_USERHOST = 302, "", "";
    RPL_ISON = 303, "", "";
    RPL_UNAWAY = 305, "", "You are no longer marked as being away";
    RPL_NOWAWAY = 306, "", "You have been marked as being away";
    RPL_WHOISREGNICK = 307, "<nick>", "has identified for this nick";
    RPL_WHOISUSER = 311, "<nick> <user> <host> *", "";
    RPL_WHOISSERVER = 312, "<nick> <server>", "";
    RPL_WHOISOPERATOR = 313, "<nick>", "is an IRC operator";
    RPL_WHOWASUSER = 314, "<nick> <user> <host> *", "";
    RPL_ENDOFWHO = 315, "<mask>", "End of WHO list";
    RPL_WHOISIDLE = 317, "<nick> <seconds> <sign-on>", "seconds idle, signon time";
    RPL_ENDOFWHOIS = 318, "<nick>", "End of /WHOIS list";
    RPL_WHOISCHANNELS = 319, "<nick>", "";
    RPL_WHOISSPECIAL = 320, "<nick>", "";
    RPL_LISTSTART = 321, "Channel", "Users  Name";
    RPL_LIST = 322, "<channel> <members>", "";
    RPL_LISTEND = 323, "", "End of /LIST";
    RPL_CHANNELMODEIS = 324, "<channel> <modes> [<parameters>]", "";
    RPL_CHANNEL_URL = 328, "<channel>", "";
    RPL_CREATIONTIME = 329, "<channel> <time>", "";
    RPL_WHOISACCOUNT = 330, "<nick> <account>", "is logged in as";
    RPL_NOTOPIC = 331, "<channel>", "No topic is set";
    RPL_TOPIC = 332, "<channel>", "";
    RPL_TOPICWHOTIME = 333, "<channel> <who> <time>", "";
    RPL_WHOISBOT = 335, "<nick>", "is a bot";
    RPL_INVITELIST = 336, "<channel>", "";
    RPL_ENDOFINVITELIST = 337, "", "End of /INVITE list";
    RPL_WHOISACTUALLY = 338, "<nick> [<user@host>] <address>", "Is actually using host";
    RPL_INVITING = 341, "<nick> <channel>", "";
    RPL_INVEXLIST = 346, "<channel> <mask> [<who> <time>]", "";
    RPL_ENDOFINVEXLIST = 347, "<channel>", "End of channel invite exception list";
    RPL_EXCEPTLIST = 348, "<channel> <mask> [<who> <time>]", "";
    RPL_ENDOFEXCEPTLIST = 349, "<channel>", "End of channel exception list";
    RPL_VERSION = 351, "<version> <server>", "";
    RPL_WHOREPLY = 352, "<channel> <user> <host> <server> <nick> <flags>", "";
    RPL_NAMREPLY = 353, "<symbol> <channel>", "";
    RPL_WHOSPCRPL = 354, "<fields>", "";
    RPL_LINKS = 364, "<mask> <server>", "";
    RPL_ENDOFLINKS = 365, "*", "End of /LINKS list";
    RPL_ENDOFNAMES = 366, "<channel>", "End of /NAMES list";
    RPL_BANLIST = 367, "<channel> <mask> [<who> <time>]", "";
    RPL_ENDOFBANLIST = 368, "<channel>", "End of channel ban list";
    RPL_ENDOFWHOWAS = 369, "<nick>", "End of WHOWAS";
    RPL_INFO = 371, "", "";
    RPL_MOTD = 372, "", "";
    RPL_ENDOFINFO = 374, "", "End of INFO list";
    RPL_MOTDSTART = 375, "", "";
    RPL_ENDOFMOTD = 376, "", "End of /MOTD command.";
    RPL_WHOISHOST = 378, "<nick>", "";
    RPL_WHOISMODES = 379, "<nick>", "";
    RPL_YOUREOPER = 381, "", "You are now an IRC operator";
    RPL_REHASHING = 382, "<file>", "Rehashing";
    RPL_TIME = 391, "<server> [<time> [<offset>]]", "";
    RPL_HOSTHIDDEN = 396, "<host>", "is now your displayed host";
    ERR_UNKNOWNERROR = 400, "<command> [<subcommand>]", "";
    ERR_NOSUCHNICK = 401, "<nick>", "No such nick/channel";
    ERR_NOSUCHSERVER = 402, "<server>", "No such server";
    ERR_NOSUCHCHANNEL = 403, "<channel>", "No such channel";
    ERR_CANNOTSENDTOCHAN = 404, "<channel>", "Cannot send to channel";
    ERR_TOOMANYCHANNELS = 405, "<channel>", "You have joined too many channels";
    ERR_WASNOSUCHNICK = 406, "<nick>", "There was no such nickname";
    ERR_TOOMANYTARGETS = 407, "<target>", "Too many recipients";
    ERR_NOORIGIN = 409, "", "No origin specified";
    ERR_INVALIDCAPCMD = 410, "<subcommand>", "Invalid CAP command";
    ERR_NORECIPIENT = 411, "", "";
    ERR_NOTEXTTOSEND = 412, "", "No text to send";
    ERR_NOTOPLEVEL = 413, "<mask>", "No toplevel domain specified";
    ERR_WILDTOPLEVEL = 414, "<mask>", "Wildcard in toplevel domain";
    ERR_INPUTTOOLONG = 417, "", "Input line was too long";
    ERR_UNKNOWNCOMMAND = 421, "<command>", "Unknown command";
    ERR_NOMOTD = 422, "", "MOTD File is missing";
    ERR_NOADMININFO = 423, "<server>", "No administrative info available";
    ERR_NONICKNAMEGIVEN = 431, "", "No nickname given";
    ERR_ERRONEUSNICKNAME = 432, "<nick>", "Erroneus nickname";
    ERR_NICKNAMEINUSE = 433, "<nick>", "Nickname is already in use";
    ERR_BANONCHAN = 435, "<nick> <channel>", "Cannot change nickname while banned on channel";
    ERR_NICKCOLLISION = 436, "<nick>", "";
    ERR_UNAVAILRESOURCE = 437, "<nick or channel>", "Nick/channel is temporarily unavailable";
    ERR_NICKTOOFAST = 438, "<nick>", "";
    ERR_TARGETTOOFAST = 439, "<target>", "";
    ERR_USERNOTINCHANNEL = 441, "<nick> <channel>", "They aren't on that channel";
    ERR_NOTONCHANNEL = 442, "<channel>", "You're not on that channel";
    ERR_USERONCHANNEL = 443, "<nick> <channel>", "is already on channel";
    ERR_USERSDISABLED = 446, "", "USERS has been disabled";
    ERR_NOTREGISTERED = 451, "", "You have not registered";
    ERR_NEEDMOREPARAMS = 461, "<command>", "Not enough parameters";
    ERR_ALREADYREGISTERED = 462, "", "You may not reregister";
    ERR_PASSWDMISMATCH = 464, "", "Password incorrect";
    ERR_YOUREBANNEDCREEP = 465, "", "You are banned from this server.";
    ERR_KEYSET = 467, "<channel>", "Channel key already set";
    ERR_LINKCHANNEL = 470, "<channel> <other channel>", "Forwarding to another channel";
    ERR_CHANNELISFULL = 471, "<channel>", "Cannot join channel (+l)";
    ERR_UNKNOWNMODE = 472, "<mode>", "is unknown mode char to me";
    ERR_INVITEONLYCHAN = 473, "<channel>", "Cannot join channel (+i)";
    ERR_BANNEDFROMCHAN = 474, "<channel>", "Cannot join channel (+b)";
    ERR_BADCHANNELKEY = 475, "<channel>", "Cannot join channel (+k)";
    ERR_BADCHANMASK = 476, "<channel>", "Bad Channel Mask";
    ERR_NEEDREGGEDNICK = 477, "<channel>", "You need to be logged in to an account to join or speak in that channel";
    ERR_BANLISTFULL = 478, "<channel> <mode>", "Channel list is full";
    ERR_CANNOTKNOCK = 480, "<channel>", "Cannot knock";
    ERR_NOPRIVILEGES = 481, "", "Permission Denied- You're not an IRC operator";
    ERR_CHANOPRIVSNEEDED = 482, "<channel>", "You're not channel operator";
    ERR_CANTKILLSERVER = 483, "", "You cant kill a server!";
    ERR_SECUREONLYCHAN = 489, "<channel>", "Cannot join channel (+z): it is for secure connections only";
    ERR_NOOPERHOST = 491, "", "No O-lines for your host";
    ERR_UMODEUNKNOWNFLAG = 501, "", "Unknown MODE flag";
    ERR_USERSDONTMATCH = 502, "", "Cant change mode for other users";
    ERR_HELPNOTFOUND = 524, "<subject>", "No help available on this topic";
    ERR_INVALIDKEY = 525, "<channel>", "Key is not well-formed";
    ERR_CANNOTSENDTOUSER = 531, "<nick>", "Cannot send to user";
    RPL_STARTTLS = 670, "", "STARTTLS successful, proceed with TLS handshake";
    RPL_WHOISSECURE = 671, "<nick>", "is using a secure connection";
    ERR_STARTTLS = 691, "", "";
    ERR_INVALIDMODEPARAM = 696, "<target> <mode> <parameter>", "";
    RPL_HELPSTART = 704, "<subject>", "";
    RPL_HELPTXT = 705, "<subject>", "";
    RPL_ENDOFHELP = 706, "<subject>", "";
    RPL_KNOCK = 710, "<channel> <who>", "has asked for an invite.";
    RPL_KNOCKDLVR = 711, "<channel>", "Your KNOCK has been delivered.";
    ERR_TOOMANYKNOCK = 712, "<channel>", "Too many KNOCKs.";
    ERR_CHANOPEN = 713, "<channel>", "Channel is open.";
    ERR_KNOCKONCHAN = 714, "<channel>", "You are already on that channel.";
    ERR_NOPRIVS = 723, "<privilege>", "Insufficient oper privileges.";
    RPL_MONONLINE = 730, "", "";
    RPL_MONOFFLINE = 731, "", "";
    RPL_MONLIST = 732, "", "";
    RPL_ENDOFMONLIST = 733, "", "End of MONITOR list";
    ERR_MONLISTFULL = 734, "<limit> <targets>", "Monitor list is full.";
    RPL_WHOISKEYVALUE = 760, "<target> <key> <visibility>", "";
    RPL_KEYVALUE = 761, "<target> <key> <visibility>", "";
    RPL_KEYNOTSET = 766, "<target> <key>", "key not set";
    RPL_METADATASUBOK = 770, "<keys>", "";
    RPL_METADATAUNSUBOK = 771, "<keys>", "";
    RPL_METADATASUBS = 772, "<keys>", "";
    RPL_METADATASYNCLATER = 774, "<target> [<seconds>]", "";
    RPL_LOGGEDIN = 900, "<nick!user@host> <account>", "";
    RPL_LOGGEDOUT = 901, "<nick!user@host>", "You are now logged out";
    ERR_NICKLOCKED = 902, "", "You must use a nick assigned to you";
    RPL_SASLSUCCESS = 903, "", "SASL authentication successful";
    ERR_SASLFAIL = 904, "", "SASL authentication failed";
    ERR_SASLTOOLONG = 905, "", "SASL message too long";
    ERR_SASLABORTED = 906, "", "SASL authentication aborted";
    ERR_SASLALREADY = 907, "", "You have already authenticated using SASL";
    RPL_SASLMECHS = 908, "<mechanisms>", "are available SASL mechanisms";
}
