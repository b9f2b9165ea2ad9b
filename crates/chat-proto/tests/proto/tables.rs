//! The tables: numerics, capabilities, ISUPPORT, names.

use chat_proto::isupport::{TOKENS_PER_LINE, Token};
use chat_proto::numeric::{self, Numeric};
use chat_proto::{Capability, CapabilitySet, Isupport, Message, name};
use proptest::prelude::*;

#[test]
fn numerics_stand_in_order_with_name_and_text() {
    let codes: Vec<_> = Numeric::ALL.iter().map(|numeric| numeric.code()).collect();
    assert!(
        codes.is_sorted_by(|one, next| one < next),
        "each code once, ascending"
    );
    for numeric in Numeric::ALL {
        let name = numeric.name().expect("every one of the table has a name");
        assert!(name.starts_with(if numeric.is_error() { "ERR_" } else { "RPL_" }));
        assert_eq!(numeric.to_string().len(), 3);
        assert_eq!(Numeric::parse(&numeric.to_string()), Some(*numeric));
        assert_eq!(Numeric::from_code(numeric.code()), Some(*numeric));
        assert!(!numeric.text().contains(['\r', '\n', '\0']));
    }
}

#[test]
fn numerics_say_what_the_specification_says() {
    let cases = [
        (numeric::RPL_WELCOME, "001", "RPL_WELCOME", ""),
        (
            numeric::RPL_ISUPPORT,
            "005",
            "RPL_ISUPPORT",
            "are supported by this server",
        ),
        (
            numeric::ERR_INPUTTOOLONG,
            "417",
            "ERR_INPUTTOOLONG",
            "Input line was too long",
        ),
        (
            numeric::ERR_UNKNOWNCOMMAND,
            "421",
            "ERR_UNKNOWNCOMMAND",
            "Unknown command",
        ),
        (
            numeric::ERR_NICKNAMEINUSE,
            "433",
            "ERR_NICKNAMEINUSE",
            "Nickname is already in use",
        ),
        (
            numeric::ERR_NEEDMOREPARAMS,
            "461",
            "ERR_NEEDMOREPARAMS",
            "Not enough parameters",
        ),
        (
            numeric::RPL_SASLSUCCESS,
            "903",
            "RPL_SASLSUCCESS",
            "SASL authentication successful",
        ),
    ];
    for (numeric, digits, name, text) in cases {
        assert_eq!(numeric.to_string(), digits);
        assert_eq!(numeric.name(), Some(name));
        assert_eq!(numeric.text(), text);
    }
    assert_eq!(
        format!("{:?}", numeric::ERR_NOSUCHNICK),
        "401 ERR_NOSUCHNICK"
    );
    assert_eq!(numeric::ERR_NOSUCHNICK.params(), "<nick>");
}

#[test]
fn what_is_no_numeric_is_not_parsed() {
    for command in [
        "", "1", "01", "0001", "+01", "-01", "1 1", "PING", "1000", "٠٠١",
    ] {
        assert_eq!(Numeric::parse(command), None, "{command}");
    }
    assert_eq!(Numeric::from_code(1000), None);
    assert_eq!(Numeric::parse("999").and_then(Numeric::name), None);
}

#[test]
fn capabilities_are_found_by_their_names() {
    for capability in Capability::ALL {
        assert_eq!(Capability::parse(capability.name()), Some(*capability));
    }
    assert_eq!(
        Capability::parse("server-time"),
        Some(Capability::ServerTime)
    );
    assert_eq!(Capability::parse("Server-Time"), None);
    assert_eq!(Capability::parse(""), None);
}

#[test]
fn sets_of_capabilities_are_sets() {
    use Capability::{Batch, EchoMessage, ServerTime};
    let mut set = CapabilitySet::of(&[ServerTime, Batch]);
    assert!(set.contains(Batch) && !set.contains(EchoMessage));
    set.insert(EchoMessage);
    set.insert(EchoMessage);
    set.remove(Batch);
    assert_eq!(set.len(), 2);
    assert_eq!(set.iter().collect::<Vec<_>>(), [ServerTime, EchoMessage]);
    assert_eq!(set, [EchoMessage, ServerTime].into_iter().collect());
    let times = CapabilitySet::of(&[ServerTime]);
    assert!(set.contains_all(times) && !times.contains_all(set));
    assert_eq!(set.intersection(times), times);
    assert_eq!(times.union(set), set);
    assert_eq!(set.difference(times), CapabilitySet::of(&[EchoMessage]));
    assert!(set.difference(set).is_empty());
    assert_eq!(
        CapabilitySet::of(Capability::ALL).len(),
        Capability::ALL.len()
    );
}

#[test]
fn nicks_are_checked() {
    for nick in ["a", "Ann", "ann-1", "[ann]", "\\`_^{|}", "a0", "1a", "é"] {
        assert!(name::is_valid_nick(nick, name::NICKLEN), "{nick}");
    }
    for nick in [
        "", "-a", "a b", "a!b", "a@b", "a.b", "#a", ":a", "a*", "a?", "a,b", "a\0",
    ] {
        assert!(!name::is_valid_nick(nick, name::NICKLEN), "{nick}");
    }
    assert!(name::is_valid_nick(&"a".repeat(30), 30));
    assert!(!name::is_valid_nick(&"a".repeat(31), 30));
}

#[test]
fn channels_are_checked() {
    for channel in ["#a", "##", "#é", "#a.b!c@d"] {
        assert!(
            name::is_valid_channel(channel, name::CHANNELLEN),
            "{channel}"
        );
    }
    for channel in [
        "", "#", "a", "&a", "#a b", "#a,b", "#a:b", "#a\x07", "#a\r", "#a\0", "#\x02a", "#☂", "#a*",
    ] {
        assert!(
            !name::is_valid_channel(channel, name::CHANNELLEN),
            "{channel}"
        );
    }
    assert!(name::is_valid_channel(&format!("#{}", "a".repeat(63)), 64));
    assert!(!name::is_valid_channel(&format!("#{}", "a".repeat(64)), 64));
    assert!(name::is_channel_like("#") && !name::is_channel_like("ann"));
}

#[test]
fn keys_and_user_names_are_checked() {
    assert!(name::is_valid_key("s3cret:!", 32));
    for key in ["", ":a", "a b", "a,b", "é", "a\x7f"] {
        assert!(!name::is_valid_key(key, 32), "{key}");
    }
    assert!(!name::is_valid_key("abc", 2));
    for (given, kept) in [
        ("ann", "ann"),
        ("a@n!n", "ann"),
        ("~ann", "ann"),
        ("é", "user"),
        ("", "user"),
        ("a.long_name-here", "a.long_nam"),
    ] {
        assert_eq!(name::clean_username(given, name::USERLEN), kept);
    }
}

#[test]
fn isupport_fills_lines_up_to_their_limits() {
    let mut isupport = Isupport::new();
    for index in 0..30 {
        isupport.set(&format!("TOKEN{index}"), index);
    }
    let counts: Vec<_> = isupport
        .lines("irc.example.org", "ann")
        .iter()
        .map(|line| line.as_bytes().split(|byte| *byte == b'=').count() - 1)
        .collect();
    assert_eq!(counts, [13, 13, 4]);
    assert!(Isupport::new().lines("irc.example.org", "ann").is_empty());
}

#[test]
fn a_token_longer_than_a_line_does_not_stop_the_others() {
    let mut isupport = Isupport::new();
    isupport.flag("A").set("LONG", "x".repeat(600)).flag("B");
    let lines = isupport.lines("irc.example.org", "ann");
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.len() <= 512));
}

#[test]
fn tokens_are_read() {
    let token = |name, value: &str, negated| Token {
        name,
        value: value.to_owned(),
        negated,
    };
    assert_eq!(Token::parse("NICKLEN=30"), token("NICKLEN", "30", false));
    assert_eq!(Token::parse("SAFELIST"), token("SAFELIST", "", false));
    assert_eq!(Token::parse("-SAFELIST"), token("SAFELIST", "", true));
    assert_eq!(
        Token::parse(r"NETWORK=A\x20B\x3Dc\x5Cd"),
        token("NETWORK", r"A B=c\d", false)
    );
    assert_eq!(
        Token::parse(r"X=\x2\xzz\xff\x"),
        token("X", r"\x2\xzz\xff\x", false)
    );
    assert_eq!(Token::parse(r"X=\x+1\xé"), token("X", r"\x+1\xé", false));
}

proptest! {
    #[test]
    fn isupport_is_read_as_it_was_set(
        values in prop::collection::vec("[ -~é]{0,40}", 0..60),
        nick in "[a-z]{1,30}",
    ) {
        let mut isupport = Isupport::new();
        for (index, value) in values.iter().enumerate() {
            isupport.set(&format!("T{index}"), value);
        }
        let mut read = Vec::new();
        for line in isupport.lines("irc.example.org", &nick) {
            prop_assert!(line.len() <= 512);
            let bytes = line.into_bytes();
            let message = Message::parse(bytes.slice(..bytes.len() - 2)).unwrap();
            let tokens = message.param_count() - 2;
            prop_assert!((1..=TOKENS_PER_LINE).contains(&tokens));
            prop_assert_eq!(message.param(tokens + 1), Some(numeric::RPL_ISUPPORT.text()));
            read.extend(message.params().skip(1).take(tokens).map(|text| Token::parse(text).value));
        }
        prop_assert_eq!(read, values);
    }
}
