//! From names to ids, without keeping the names twice.

use std::hash::{BuildHasher, Hasher};

use chat_proto::fold::{alike, fold, looks_like, skeleton};
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::name;

/// Finds the id of what has a name, in whatever spelling.
///
/// Holds ids only: the name itself is asked of who has it, also where the table grows. It is never
/// iterated over, so the seed of its hasher cannot leak into what replicas do.
#[derive(Clone, Debug)]
pub(crate) struct NameIndex<I>(Ids<I>);

/// Finds the ids of what can be taken for a name: names with the same
/// [skeleton](chat_proto::fold::skeleton), which may be several. Otherwise as [`NameIndex`].
#[derive(Clone, Debug)]
pub(crate) struct LikenessIndex<I>(Ids<I>);

#[derive(Clone, Debug)]
struct Ids<I> {
    table: HashTable<I>,
    hasher: DefaultHashBuilder,
}

impl<I> Default for Ids<I> {
    fn default() -> Self {
        Self {
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<I> Default for NameIndex<I> {
    fn default() -> Self {
        Self(Ids::default())
    }
}

impl<I> Default for LikenessIndex<I> {
    fn default() -> Self {
        Self(Ids::default())
    }
}

impl<I: Copy + Eq> NameIndex<I> {
    /// The id under `name`; `name_of` tells the name that an id has now.
    pub(crate) fn get<'a>(&self, name: &str, name_of: impl Fn(I) -> Option<&'a str>) -> Option<I> {
        self.0.find(of_name(&self.0.hasher, name), |id| {
            name_of(id).is_some_and(|own| name::same(own, name))
        })
    }

    /// Puts `id` under `name`, which must be free; `name_of` tells the names of the others.
    pub(crate) fn insert<'a>(&mut self, name: &str, id: I, name_of: impl Fn(I) -> Option<&'a str>) {
        self.0.insert(name, id, name_of, of_name);
    }

    /// Takes `id` from under `name`.
    pub(crate) fn remove(&mut self, name: &str, id: I) {
        self.0.remove(of_name(&self.0.hasher, name), id);
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.0.table.len()
    }
}

impl<I: Copy + Eq> LikenessIndex<I> {
    /// An id other than `own` whose name can be taken for `name`; `name_of` tells the name that an
    /// id has now.
    pub(crate) fn other<'a>(
        &self,
        name: &str,
        own: Option<I>,
        name_of: impl Fn(I) -> Option<&'a str>,
    ) -> Option<I> {
        self.0.find(of_likeness(&self.0.hasher, name), |id| {
            own != Some(id) && name_of(id).is_some_and(|other| alike(other, name))
        })
    }

    /// Puts `id` under what `name` looks like; `name_of` tells the names of the others.
    pub(crate) fn insert<'a>(&mut self, name: &str, id: I, name_of: impl Fn(I) -> Option<&'a str>) {
        self.0.insert(name, id, name_of, of_likeness);
    }

    /// Takes `id` from under what `name` looks like.
    pub(crate) fn remove(&mut self, name: &str, id: I) {
        self.0.remove(of_likeness(&self.0.hasher, name), id);
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.0.table.len()
    }
}

impl<I: Copy + Eq> Ids<I> {
    fn find(&self, hash: u64, is: impl Fn(I) -> bool) -> Option<I> {
        self.table.find(hash, |id| is(*id)).copied()
    }

    fn insert<'a>(
        &mut self,
        name: &str,
        id: I,
        name_of: impl Fn(I) -> Option<&'a str>,
        hash: fn(&DefaultHashBuilder, &str) -> u64,
    ) {
        let hasher = &self.hasher;
        // Every id in here has a name; one without would be found nowhere.
        self.table.insert_unique(hash(hasher, name), id, |other| {
            hash(hasher, name_of(*other).unwrap_or_default())
        });
    }

    fn remove(&mut self, hash: u64, id: I) {
        if let Ok(entry) = self.table.find_entry(hash, |entry| *entry == id) {
            entry.remove();
        }
    }
}

/// The hash of a name, the same for all its spellings.
fn of_name(hasher: &DefaultHashBuilder, name: &str) -> u64 {
    if name.is_ascii() {
        of_text(hasher, name)
    } else {
        of_text(hasher, &fold(name))
    }
}

/// The hash of what a name looks like.
fn of_likeness(hasher: &DefaultHashBuilder, name: &str) -> u64 {
    if name.is_ascii() {
        of_bytes(hasher, name, looks_like)
    } else {
        of_bytes(hasher, &skeleton(name), looks_like)
    }
}

/// The hash of a text in whatever case its ASCII letters are.
fn of_text(hasher: &DefaultHashBuilder, text: &str) -> u64 {
    of_bytes(hasher, text, name::fold_byte_coarsely)
}

/// The hash of a text, of which each byte is folded, piece by piece on the stack.
fn of_bytes(hasher: &DefaultHashBuilder, text: &str, fold: impl Fn(u8) -> u8) -> u64 {
    let mut hasher = hasher.build_hasher();
    let mut folded = [0_u8; 32];
    for piece in text.as_bytes().chunks(folded.len()) {
        let folded = &mut folded[..piece.len()];
        for (folded, byte) in folded.iter_mut().zip(piece) {
            *folded = fold(*byte);
        }
        hasher.write(folded);
    }
    hasher.finish()
}
