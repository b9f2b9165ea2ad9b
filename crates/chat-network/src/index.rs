//! From names to ids, without keeping the names twice.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::name;

/// Finds the id of what has a name, whatever the case it is written in.
///
/// Holds hashes and ids only: the name itself is asked of who has it. It is never iterated over, so
/// the seed of its hasher cannot leak into what replicas do.
#[derive(Clone, Debug)]
pub(crate) struct NameIndex<I> {
    table: HashTable<(u64, I)>,
    hasher: DefaultHashBuilder,
}

impl<I> Default for NameIndex<I> {
    fn default() -> Self {
        Self {
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<I: Copy + Eq> NameIndex<I> {
    /// The id under `name`; `name_of` tells the name that an id has now.
    pub(crate) fn get<'a>(&self, name: &str, name_of: impl Fn(I) -> Option<&'a str>) -> Option<I> {
        let hash = self.hash(name);
        let same = |entry: &(u64, I)| {
            entry.0 == hash && name_of(entry.1).is_some_and(|own| name::same(own, name))
        };
        self.table.find(hash, same).map(|entry| entry.1)
    }

    /// Puts `id` under `name`, which must be free.
    pub(crate) fn insert(&mut self, name: &str, id: I) {
        let hash = self.hash(name);
        self.table.insert_unique(hash, (hash, id), |entry| entry.0);
    }

    /// Takes `id` from under `name`.
    pub(crate) fn remove(&mut self, name: &str, id: I) {
        if let Ok(entry) = self
            .table
            .find_entry(self.hash(name), |entry| entry.1 == id)
        {
            entry.remove();
        }
    }

    /// How many names there are.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// The hash of the folded name, folded piece by piece on the stack.
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
