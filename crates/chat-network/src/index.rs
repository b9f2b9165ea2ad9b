//! From names to ids, without keeping the names twice.

use std::hash::{BuildHasher, Hasher};

use chat_proto::fold::{fold, skeleton};
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::name;

/// Finds the id of what has a name, in whatever spelling.
///
/// Holds hashes and ids only: the name itself is asked of who has it. It is never iterated over, so
/// the seed of its hasher cannot leak into what replicas do.
#[derive(Clone, Debug)]
pub(crate) struct NameIndex<I>(Hashes<I>);

/// Finds the ids of what can be taken for a name: names with the same
/// [skeleton](chat_proto::fold::skeleton), which may be several. Otherwise as [`NameIndex`].
#[derive(Clone, Debug)]
pub(crate) struct LikenessIndex<I>(Hashes<I>);

#[derive(Clone, Debug)]
struct Hashes<I> {
    table: HashTable<(u64, I)>,
    hasher: DefaultHashBuilder,
}

impl<I> Default for Hashes<I> {
    fn default() -> Self {
        Self {
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<I> Default for NameIndex<I> {
    fn default() -> Self {
        Self(Hashes::default())
    }
}

impl<I> Default for LikenessIndex<I> {
    fn default() -> Self {
        Self(Hashes::default())
    }
}

impl<I: Copy + Eq> NameIndex<I> {
    /// The id under `name`; `name_of` tells the name that an id has now.
    pub(crate) fn get<'a>(&self, name: &str, name_of: impl Fn(I) -> Option<&'a str>) -> Option<I> {
        let hash = self.hash(name);
        self.0.find(hash, |id| {
            name_of(id).is_some_and(|own| name::same(own, name))
        })
    }

    /// Puts `id` under `name`, which must be free.
    pub(crate) fn insert(&mut self, name: &str, id: I) {
        self.0.insert(self.hash(name), id);
    }

    /// Takes `id` from under `name`.
    pub(crate) fn remove(&mut self, name: &str, id: I) {
        self.0.remove(self.hash(name), id);
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.0.table.len()
    }

    fn hash(&self, name: &str) -> u64 {
        if name.is_ascii() {
            self.0.hash(name)
        } else {
            self.0.hash(&fold(name))
        }
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
        let likeness = skeleton(name);
        self.0.find(self.0.hash(&likeness), |id| {
            own != Some(id) && name_of(id).is_some_and(|other| skeleton(other) == likeness)
        })
    }

    /// Puts `id` under what `name` looks like.
    pub(crate) fn insert(&mut self, name: &str, id: I) {
        self.0.insert(self.0.hash(&skeleton(name)), id);
    }

    /// Takes `id` from under what `name` looks like.
    pub(crate) fn remove(&mut self, name: &str, id: I) {
        self.0.remove(self.0.hash(&skeleton(name)), id);
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.0.table.len()
    }
}

impl<I: Copy + Eq> Hashes<I> {
    fn find(&self, hash: u64, is: impl Fn(I) -> bool) -> Option<I> {
        let found = |entry: &(u64, I)| entry.0 == hash && is(entry.1);
        self.table.find(hash, found).map(|entry| entry.1)
    }

    fn insert(&mut self, hash: u64, id: I) {
        self.table.insert_unique(hash, (hash, id), |entry| entry.0);
    }

    fn remove(&mut self, hash: u64, id: I) {
        if let Ok(entry) = self.table.find_entry(hash, |entry| entry.1 == id) {
            entry.remove();
        }
    }

    /// The hash of a name, of which ASCII letters are folded piece by piece on the stack.
    fn hash(&self, name: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        let mut folded = [0_u8; 32];
        for piece in name.as_bytes().chunks(folded.len()) {
            let folded = &mut folded[..piece.len()];
            folded.copy_from_slice(piece);
            name::fold_coarsely(folded);
            hasher.write(folded);
        }
        hasher.finish()
    }
}
