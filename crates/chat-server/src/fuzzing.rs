//! What the fuzz targets call: parsers that are no part of the door, each with what must hold
//! whatever it is given. Compiled for fuzzing only.

use chat_network::{ChannelFlag, ChannelModeChange, MemberPrefix, MessageKind};
use chat_proto::multiline::{join, pieces};

use crate::command::fuzzing as command;
use crate::session::{Fault, Multiline};
use crate::state::{MULTILINE_BYTES, MULTILINE_LINES};

pub use command::{history, search};

/// The modes and parameters of a MODE, separated by spaces.
///
/// # Panics
///
/// If they are read as what they are not.
pub fn modes(text: &str) {
    let mut params = text.split(' ').skip(1);
    let letters: Vec<char> = text.split(' ').next().unwrap_or_default().chars().collect();
    let mut asked = letters.iter().filter(|letter| !"+-".contains(**letter));
    let mut expect = |param: &str| {
        assert!(!param.is_empty());
        assert!(params.any(|given| given == param), "{param} in its place");
    };
    for wanted in command::modes(text.split(' ')) {
        let letter = *asked.next().expect("one for each letter");
        match wanted {
            command::Mode::Change(ChannelModeChange::Flag(_, flag)) => {
                assert_eq!(ChannelFlag::of_letter(letter), Some(flag));
            }
            command::Mode::Change(ChannelModeChange::Member(_, rank, nick)) => {
                assert_eq!(MemberPrefix::of_letter(letter), Some(rank));
                expect(&nick);
            }
            command::Mode::Change(ChannelModeChange::List(_, _, mask)) => {
                assert!("beI".contains(letter));
                expect(&mask);
            }
            command::Mode::Change(ChannelModeChange::Key(key)) => {
                assert_eq!(letter, 'k');
                key.iter().for_each(|key| expect(key));
            }
            command::Mode::Change(ChannelModeChange::Forward(name)) => {
                assert_eq!(letter, 'f');
                name.iter().for_each(|name| expect(name));
            }
            command::Mode::Change(ChannelModeChange::Limit(limit)) => {
                assert!(letter == 'l' && limit != Some(0));
            }
            command::Mode::List => assert!("beI".contains(letter)),
            command::Mode::Wrong(named) => assert_eq!(named, letter),
        }
    }
    assert_eq!(asked.next(), None, "no letter is left out");
}

/// The lines of a message of several lines: each is its text behind a space, or behind a `+` where
/// it goes on.
///
/// # Panics
///
/// If a bound is not kept, or the message is not what was sent.
pub fn multiline(text: &str) {
    let mut batch = Multiline::new("1", "#a", None);
    let mut whole = String::new();
    let (mut lines, mut bytes) = (0, 0);
    for line in text.split(['\n', '\r']) {
        let concat = line.starts_with('+');
        let mut said = line.chars();
        said.next();
        let said = said.as_str();
        match batch.add(MessageKind::Privmsg, "#A", said, concat) {
            Ok(()) => {
                bytes += said.len() + usize::from(lines > 0 && !concat);
                match lines {
                    0 => whole.push_str(said),
                    _ => join(&mut whole, said, concat),
                }
                lines += 1;
            }
            Err(Fault::Lines) => assert_eq!(lines, MULTILINE_LINES),
            Err(Fault::Bytes) => assert!(bytes + said.len() >= MULTILINE_BYTES),
            Err(Fault::Invalid(_)) => assert!(concat && said.is_empty()),
            Err(Fault::Target(other)) => panic!("{other} is the target"),
        }
    }
    assert!(lines <= MULTILINE_LINES && bytes <= MULTILINE_BYTES);
    if let Ok((_, message)) = batch.finish() {
        assert_eq!(message, whole);
        assert_eq!(pieces(message).count(), lines);
        let said: usize = pieces(message).map(|piece| piece.text.len()).sum();
        let feeds = pieces(message)
            .skip(1)
            .filter(|piece| !piece.concat)
            .count();
        assert_eq!(said + feeds, bytes);
    }
}
