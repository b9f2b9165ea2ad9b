//! What a MODE of a channel wants.

use chat_network::{ChannelFlag, ChannelModeChange, ListKind, MemberPrefix};
use smol_str::SmolStr;

/// One thing that a MODE wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    /// A change.
    Change(ChannelModeChange),
    /// To see a list.
    List(ListKind),
    /// Something that no channel has.
    Unknown(char),
    /// A change whose parameter is not there.
    Missing(char),
    /// A change whose parameter makes no sense.
    Invalid(char, SmolStr),
}

/// Reads the modes and their parameters. `-k` takes a parameter if there is one; it need not match.
pub(super) fn wanted<'a>(mut params: impl Iterator<Item = &'a str>) -> Vec<Wanted> {
    let letters = params.next().unwrap_or_default();
    let mut on = true;
    let mut wanted = Vec::new();
    for letter in letters.chars() {
        match letter {
            '+' => on = true,
            '-' => on = false,
            _ => wanted.push(one(on, letter, &mut params)),
        }
    }
    wanted
}

fn one<'a>(on: bool, letter: char, params: &mut impl Iterator<Item = &'a str>) -> Wanted {
    if let Some(flag) = ChannelFlag::of_letter(letter) {
        return Wanted::Change(ChannelModeChange::Flag(on, flag));
    }
    if letter == 'l' && !on {
        return Wanted::Change(ChannelModeChange::Limit(None));
    }
    if letter == 'f' && !on {
        return Wanted::Change(ChannelModeChange::Forward(None));
    }
    let list = list(letter);
    let rank = MemberPrefix::of_letter(letter);
    if list.is_none() && rank.is_none() && !matches!(letter, 'k' | 'l' | 'f') {
        return Wanted::Unknown(letter);
    }
    let param = params.next().filter(|param| !param.is_empty());
    match (letter, param, list) {
        (_, None, Some(kind)) => Wanted::List(kind),
        (_, Some(mask), Some(kind)) => {
            Wanted::Change(ChannelModeChange::List(on, kind, mask.into()))
        }
        ('k', _, _) if !on => Wanted::Change(ChannelModeChange::Key(None)),
        (_, None, _) => Wanted::Missing(letter),
        ('k', Some(key), _) => Wanted::Change(ChannelModeChange::Key(Some(key.into()))),
        ('f', Some(name), _) => Wanted::Change(ChannelModeChange::Forward(Some(name.into()))),
        ('l', Some(limit), _) => match limit.parse::<u32>() {
            Ok(limit) if limit > 0 => Wanted::Change(ChannelModeChange::Limit(Some(limit))),
            _ => Wanted::Invalid(letter, limit.into()),
        },
        (_, Some(nick), _) => match rank {
            Some(rank) => Wanted::Change(ChannelModeChange::Member(on, rank, nick.into())),
            None => Wanted::Unknown(letter),
        },
    }
}

fn list(letter: char) -> Option<ListKind> {
    Some(match letter {
        'b' => ListKind::Ban,
        'e' => ListKind::BanException,
        'I' => ListKind::InviteException,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Wanted> {
        wanted(text.split(' '))
    }

    #[test]
    fn parameters_go_to_the_modes_that_take_one() {
        use ChannelModeChange as C;
        assert_eq!(
            read("+ol-v+k ann 5 bob key"),
            [
                C::Member(true, MemberPrefix::Operator, "ann".into()),
                C::Limit(Some(5)),
                C::Member(false, MemberPrefix::Voice, "bob".into()),
                C::Key(Some("key".into())),
            ]
            .map(Wanted::Change)
        );
        assert_eq!(
            read("-lki"),
            [
                C::Limit(None),
                C::Key(None),
                C::Flag(false, ChannelFlag::InviteOnly)
            ]
            .map(Wanted::Change)
        );
    }

    #[test]
    fn lists_without_a_mask_are_questions() {
        assert_eq!(read("b"), [Wanted::List(ListKind::Ban)]);
        assert_eq!(
            read("+eI"),
            [
                Wanted::List(ListKind::BanException),
                Wanted::List(ListKind::InviteException)
            ]
        );
        assert_eq!(
            read("-b *!*@x"),
            [Wanted::Change(ChannelModeChange::List(
                false,
                ListKind::Ban,
                "*!*@x".into()
            ))]
        );
    }

    #[test]
    fn what_makes_no_sense_is_told_apart() {
        assert_eq!(
            read("+zoé"),
            [
                Wanted::Unknown('z'),
                Wanted::Missing('o'),
                Wanted::Unknown('é')
            ]
        );
        for limit in ["0", "-1", "five", "99999999999"] {
            let text = format!("+l {limit}");
            assert_eq!(read(&text), [Wanted::Invalid('l', limit.into())]);
        }
    }
}
