//! Distinct values of a column, or a fixed random sample of them.

use std::collections::HashMap;

use crate::shared::Shared;
use crate::table::Cells;

/// Shortest element of a list, in bytes. A shorter text is no hash.
const SHORTEST_ELEMENT: usize = 8;

/// Which values of a column are kept.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Most distinct values.
    pub most: usize,
    /// Longest value, in bytes.
    pub longest: usize,
}

impl Default for Limits {
    /// The limits of hashes. A longer text is none.
    fn default() -> Self {
        Self { most: 1 << 15, longest: 200 }
    }
}

/// Distinct values of a column. They are never printed.
#[derive(Default)]
pub(super) struct Distinct {
    values: HashMap<u64, Box<[u8]>>,
    /// Leading zero bits of the hashes of all kept values.
    level: u32,
    /// Cells that are not null.
    pub cells: u64,
    /// Cells that can be no pseudonym, because of their type, length or spaces.
    pub unfit: u64,
    /// `true` if the values are bytes, not text.
    pub binary: bool,
    limits: Limits,
}

impl Distinct {
    /// Collects the values of some cells.
    fn within(limits: Limits, cells: &Cells) -> Self {
        let binary = matches!(cells, Cells::Bytes(_));
        let mut distinct = Self { binary, limits, ..Self::default() };
        if matches!(cells, Cells::Day(_) | Cells::Flag(_)) {
            distinct.cells = cells.len() as u64;
            distinct.unfit = distinct.cells;
            return distinct;
        }
        let mut last = [0, 0];
        for row in 0..cells.len() {
            // Rows of one person are often adjacent.
            if cells.repeats(row) {
                distinct.cells += last[0];
                distinct.unfit += last[1];
                continue;
            }
            let before = [distinct.cells, distinct.unfit];
            distinct.add_cell(cells, row);
            last = [distinct.cells - before[0], distinct.unfit - before[1]];
        }
        distinct
    }

    fn add_cell(&mut self, cells: &Cells, row: usize) {
        match cells {
            Cells::Text(texts) => texts.get(row).into_iter().for_each(|text| self.add_text(text.trim())),
            Cells::Bytes(bytes) if !cells.is_null(row) => self.add(bytes.value(row)),
            Cells::Bytes(_) => {}
            _ => cells.text(row).into_iter().for_each(|text| self.add(text.as_bytes())),
        }
    }

    fn add_text(&mut self, text: &str) {
        match elements(text) {
            Some(elements) => elements.for_each(|element| self.add(element.as_bytes())),
            None => self.add(text.as_bytes()),
        }
    }

    fn add(&mut self, value: &[u8]) {
        if value.is_empty() {
            return;
        }
        self.cells += 1;
        if value.len() > self.limits.longest || (!self.binary && is_prose(value)) {
            self.unfit += 1;
            return;
        }
        let hash = hash(value);
        if self.keeps(hash) {
            self.values.entry(hash).or_insert_with(|| value.into());
            self.shrink();
        }
    }

    fn keeps(&self, hash: u64) -> bool {
        hash.leading_zeros() >= self.level
    }

    fn shrink(&mut self) {
        while self.values.len() > self.limits.most {
            self.level += 1;
            let level = self.level;
            self.values.retain(|hash, _| hash.leading_zeros() >= level);
        }
    }

    /// Returns these values and those of `other`.
    pub fn merge(mut self, other: Self) -> Self {
        self.cells += other.cells;
        self.unfit += other.unfit;
        self.binary |= other.binary;
        self.level = self.level.max(other.level);
        let level = self.level;
        self.values.retain(|hash, _| hash.leading_zeros() >= level);
        self.values.extend(other.values.into_iter().filter(|(hash, _)| hash.leading_zeros() >= level));
        self.shrink();
        self
    }

    /// Estimates the share of the distinct values that are kept.
    pub fn share(&self) -> f64 {
        f64::from(self.level).exp2().recip()
    }

    /// Returns the values in a fixed random order, and `true` if they are complete.
    pub fn finish(self) -> (Vec<Box<[u8]>>, bool) {
        let mut values: Vec<(u64, Box<[u8]>)> = self.values.into_iter().collect();
        values.sort_unstable();
        (values.into_iter().map(|(_, value)| value).collect(), self.level == 0)
    }
}

/// Distinct values of several columns, collected from batches on many threads.
pub(super) struct DistinctCollector {
    columns: Vec<Shared<Distinct>>,
    limits: Limits,
}

impl DistinctCollector {
    /// Creates empty collections for the given number of columns.
    pub fn new(columns: usize, limits: Limits) -> Self {
        let empty = || Shared::new(Distinct { limits, ..Distinct::default() });
        Self { columns: std::iter::repeat_with(empty).take(columns).collect(), limits }
    }

    /// Adds the cells of a batch. Columns after the collected ones are ignored.
    pub fn add(&self, columns: &[Cells]) {
        for (gathered, cells) in self.columns.iter().zip(columns) {
            let found = Distinct::within(self.limits, cells);
            let mut gathered = gathered.lock();
            *gathered = std::mem::take(&mut *gathered).merge(found);
        }
    }

    /// Returns the values of each column. The order of the batches does not matter.
    pub fn finish(self) -> Vec<Distinct> {
        self.columns.into_iter().map(Shared::into_inner).collect()
    }
}

/// Returns true if a value has the spaces or commas of words and numbers. Base85 has commas beside other marks.
fn is_prose(value: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b",.-'\"".contains(byte);
    value.contains(&b' ') || (value.contains(&b',') && value.iter().all(is_plain))
}

/// Splits a list in one cell into elements of one length, as pseudonyms are; `None` if the text is not such a list.
fn elements(text: &str) -> Option<impl Iterator<Item = &str>> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let list = if let Some(inner) = bracketed { inner } else { text };
    let parts = list.split([',', ';', '|', ' ']).map(|part| part.trim_matches(['"', '\'']));
    let elements = parts.filter(|part| !part.is_empty());
    let length = elements.clone().next()?.len();
    let has_one_length = length >= SHORTEST_ELEMENT && elements.clone().all(|element| element.len() == length);
    let is_list = bracketed.is_some() || elements.clone().nth(1).is_some();
    (has_one_length && is_list).then_some(elements)
}

/// Hashes a value with FNV-1a and a mixer. The hash is the same on every machine.
fn hash(value: &[u8]) -> u64 {
    let hash = value
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    impl Distinct {
        fn of(cells: &Cells) -> Self {
            Self::within(Limits::default(), cells)
        }
    }

    fn cells(values: &[&str]) -> Cells {
        Cells::new(&(Arc::new(StringArray::from_iter_values(values)) as ArrayRef))
    }

    #[test]
    fn the_elements_of_lists_are_values_of_their_own() {
        let found = |text: &str| elements(text).map(|elements| elements.map(str::to_owned).collect::<Vec<_>>());
        let two = Some(vec!["0123abcd".to_owned(), "4567efab".to_owned()]);
        for list in ["[0123abcd, 4567efab]", "[\"0123abcd\",\"4567efab\"]", "0123abcd;4567efab", "0123abcd|4567efab"] {
            assert_eq!(found(list), two, "{list}");
        }
        assert_eq!(found("[0123abcd]"), Some(vec!["0123abcd".to_owned()]));
        for text in ["0123abcd", "words of any length", "[]", "[1, 2]", "", ",", "0123abcd,4567"] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(Distinct::of(&cells(&["[0123abcd, 4567efab]", "[4567efab]"])).finish().0.len(), 2);
    }

    #[test]
    fn kept_values_do_not_depend_on_the_order_or_the_batches() {
        let values: Vec<String> = (0..150_000).map(|n| format!("{n:x}")).collect();
        let all: Vec<&str> = values.iter().map(String::as_str).collect();
        let (whole, complete) = Distinct::of(&cells(&all)).finish();
        let parts = all.chunks(40_000).rev().map(|part| Distinct::of(&cells(part)));
        let most = Limits::default().most;
        let (parted, _) = parts.fold(Distinct::default(), Distinct::merge).finish();
        assert!(whole == parted && !complete && whole.len() > most / 3 && whole.len() <= most);
    }

    #[test]
    fn batches_of_many_threads_are_collected_by_column() {
        let first = ["a", "b", "b"];
        let second = ["b", "c", "a"];
        let gathered = DistinctCollector::new(2, Limits::default());
        std::thread::scope(|scope| {
            for batch in [[&first, &second], [&second, &second]] {
                let columns = batch.map(|column| cells(column));
                let gathered = &gathered;
                scope.spawn(move || gathered.add(&columns));
            }
        });
        let found: Vec<_> = gathered.finish().into_iter().map(Distinct::finish).collect();
        let expected = [&first[..], &second].concat();
        assert!(found == [expected.as_slice(), &second].map(|values| Distinct::of(&cells(values)).finish()));
    }
}
