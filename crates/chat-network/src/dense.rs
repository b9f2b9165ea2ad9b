//! A map by id that takes little memory: for the state, and for who keeps lists by its ids.

use std::rc::Rc;

use hashbrown::HashTable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Up to so many items there is no index: they are looked through.
const FEW: usize = 16;
/// Memory is given back where less than a quarter of it is used, and there is more than this.
const SPARE: usize = 64;

/// What is found by an id that it holds itself.
pub trait Keyed {
    /// The id.
    fn key(&self) -> u64;
}

impl<T: Keyed> Keyed for Rc<T> {
    fn key(&self) -> u64 {
        (**self).key()
    }
}

impl<T: Keyed> Keyed for Box<T> {
    fn key(&self) -> u64 {
        (**self).key()
    }
}

/// Items by their id, in a list without gaps and an index of its places.
///
/// The order of the list follows from what happened alone, so it is the same in all replicas, and
/// never from hashes. An item costs itself and about seven bytes.
#[derive(Clone, Debug)]
pub struct Dense<T> {
    items: Vec<T>,
    /// The place of each item; empty where there were never more than [`FEW`] since there were half as
    /// many.
    places: HashTable<u32>,
}

impl<T> Default for Dense<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            places: HashTable::new(),
        }
    }
}

impl<T: Keyed> Dense<T> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All, in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// All, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// All, to be changed; their ids must stay.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    /// The item with an id.
    #[must_use]
    pub fn get(&self, key: u64) -> Option<&T> {
        self.place(key).map(|place| &self.items[place])
    }

    /// The item with an id, to be changed; its id must stay.
    #[must_use]
    pub fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        self.place(key).map(|place| &mut self.items[place])
    }

    /// Whether there is an item with an id.
    #[must_use]
    pub fn contains(&self, key: u64) -> bool {
        self.place(key).is_some()
    }

    /// Puts an item in, behind all others or in the place of the one with its id, which is given
    /// back.
    pub fn insert(&mut self, item: T) -> Option<T> {
        if let Some(place) = self.place(item.key()) {
            return Some(std::mem::replace(&mut self.items[place], item));
        }
        self.items.push(item);
        let indexed = !self.places.is_empty();
        if !indexed && self.items.len() <= FEW {
            return None;
        }
        let from = if indexed { self.items.len() - 1 } else { 0 };
        for place in from..self.items.len() {
            let hash = mixed(self.items[place].key());
            self.places
                .insert_unique(hash, short(place), |place| hash_at(&self.items, *place));
        }
        None
    }

    /// Takes the item with an id out; the last one has its place then.
    pub fn swap_remove(&mut self, key: u64) -> Option<T> {
        let place = self.place(key)?;
        let last = self.items.len() - 1;
        if !self.places.is_empty() {
            if let Ok(entry) = self.places.find_entry(mixed(key), is(place)) {
                entry.remove();
            }
            let moved = mixed(self.items[last].key());
            if let Some(moved) = self.places.find_mut(moved, is(last)) {
                *moved = short(place);
            }
        }
        let removed = self.items.swap_remove(place);
        self.give_back();
        Some(removed)
    }

    /// Gives memory back that has not been needed for long.
    fn give_back(&mut self) {
        let length = self.items.len();
        if length <= FEW / 2 {
            self.places = HashTable::new();
        }
        if self.items.capacity() > SPARE && length < self.items.capacity() / 4 {
            self.items.shrink_to(length * 2);
            let items = &self.items;
            self.places
                .shrink_to(length * 2, |place| hash_at(items, *place));
        }
    }

    fn place(&self, key: u64) -> Option<usize> {
        if self.places.is_empty() {
            return self.items.iter().position(|item| item.key() == key);
        }
        let found = |place: &u32| self.items[*place as usize].key() == key;
        let place = self.places.find(mixed(key), found)?;
        Some(*place as usize)
    }
}

/// Equality is that of content, whatever the order.
impl<T: Keyed + PartialEq> PartialEq for Dense<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|item| other.get(item.key()) == Some(item))
    }
}

impl<T: Keyed + Eq> Eq for Dense<T> {}

impl<T: Serialize> Serialize for Dense<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

impl<'de, T: Keyed + Deserialize<'de>> Deserialize<'de> for Dense<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut dense = Self::default();
        for item in Vec::deserialize(deserializer)? {
            dense.insert(item);
        }
        Ok(dense)
    }
}

fn hash_at<T: Keyed>(items: &[T], place: u32) -> u64 {
    mixed(items[place as usize].key())
}

/// Ids are positions that nobody chooses: mixing their bits is enough. The table looks at the
/// lowest and at the highest.
pub(crate) fn mixed(key: u64) -> u64 {
    let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

fn is(place: usize) -> impl Fn(&u32) -> bool {
    move |other| *other as usize == place
}

fn short(place: usize) -> u32 {
    u32::try_from(place).expect("fewer than 2^32 items, as each takes memory")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[derive(Clone, PartialEq, Eq, Debug)]
    struct Item(u64, u64);

    impl Keyed for Item {
        fn key(&self) -> u64 {
            self.0
        }
    }

    /// The same as an ordinary map, whatever is put in and taken out, also across the sizes at
    /// which it gets and loses its index and its memory.
    #[test]
    fn it_is_a_map() {
        let mut random = 1_u64;
        for bound in [4, 20, 1000] {
            let (mut dense, mut map) = (Dense::default(), HashMap::new());
            for turn in 0..20_000 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let key = (random >> 33) % bound;
                // It grows for a while, then it shrinks.
                if (random >> 60 < 12) == (turn % 5_000 < 2_500) {
                    let item = Item(key, random);
                    let before = map.insert(key, random).map(|value| Item(key, value));
                    assert_eq!(dense.insert(item), before);
                } else {
                    let before = map.remove(&key).map(|value| Item(key, value));
                    assert_eq!(dense.swap_remove(key), before);
                }
                assert_eq!((dense.len(), dense.is_empty()), (map.len(), map.is_empty()));
                let probe = (random >> 13) % bound;
                assert_eq!(dense.get(probe).map(|item| &item.1), map.get(&probe));
                assert_eq!(dense.contains(probe), map.contains_key(&probe));
            }
            let mut all: Vec<u64> = dense.iter().map(|item| item.0).collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), map.len());
        }
    }

    #[test]
    fn memory_is_given_back() {
        let mut dense: Dense<Item> = Dense::default();
        for key in 0..10_000 {
            dense.insert(Item(key, 0));
        }
        for key in 0..9_990 {
            dense.swap_remove(key);
        }
        assert!(
            dense.items.capacity() <= SPARE,
            "{}",
            dense.items.capacity()
        );
        assert!(
            dense.places.capacity() <= 2 * SPARE,
            "{}",
            dense.places.capacity()
        );
        assert_eq!(dense.iter().count(), 10);
        assert!(dense.contains(9_995) && !dense.contains(5));
    }

    #[test]
    fn the_order_of_a_copy_is_the_same_and_does_not_matter_to_equality() {
        let mut dense: Dense<Item> = Dense::default();
        for key in 0..40 {
            dense.insert(Item(key, key));
        }
        dense.swap_remove(3);
        let keys = |dense: &Dense<Item>| dense.iter().map(|item| item.0).collect::<Vec<_>>();
        assert_eq!(keys(&dense)[3], 39);
        assert_eq!(keys(&dense.clone()), keys(&dense));
        let mut other = Dense::default();
        for key in (0..40).filter(|key| *key != 3).rev() {
            other.insert(Item(key, key));
        }
        assert_eq!(dense, other);
        other.insert(Item(5, 6));
        assert_ne!(dense, other);
    }
}
