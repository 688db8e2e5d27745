//! Equivalence classes: rows that are equal in all quasi-identifiers, at any level of generalisation.

use std::collections::{BTreeMap, HashMap};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::config::Hierarchy;

/// Bits of a word.
const WORD: usize = 64;

/// A quasi-identifier: its hierarchy, and for each row the position of its value.
///
/// Rows without a value share a value of their own, which stays itself until the last level.
pub(super) struct QuasiIdentifier {
    pub(super) hierarchy: Hierarchy,
    pub(super) positions: Vec<Option<u32>>,
}

/// Values of a quasi-identifier at a level.
struct Level {
    /// For each leaf, the position of its generalised value. The last leaf is that of rows without a value.
    positions: Vec<u32>,
    /// For each leaf, the share of the other leaves that it cannot be distinguished from.
    loss: Vec<f64>,
    values: u64,
}

/// Rows of a table, joined where they are equal in all quasi-identifiers.
pub(super) struct Classes {
    /// For each quasi-identifier, its levels.
    columns: Vec<Vec<Level>>,
    /// For each combination that occurs, its leaves.
    combinations: Vec<u32>,
    /// For each combination, the number of rows.
    counts: Vec<u64>,
    occurrences: Occurrences,
    /// For each sensitive column, the number of rows by combination and value.
    histograms: Vec<Histogram>,
    rows: u64,
}

/// Rows by combination and sensitive value. Value 0 stands for an empty cell.
type Histogram = BTreeMap<(usize, u32), u64>;

/// Sensitive values that occur in each combination, as words of bits. An empty cell is no value.
struct Occurrences {
    /// For each combination, the words of all sensitive columns.
    words: Vec<u64>,
    /// Number of words of each sensitive column.
    widths: Vec<usize>,
}

/// A generalised combination as one number.
pub(super) type Key = u128;

/// Classes of combinations at a node, in the order of first occurrence.
#[derive(Default)]
struct Partition {
    /// The class of each combination.
    class_of: Vec<u32>,
    keys: Vec<Key>,
    rows: Vec<u64>,
    /// For each class, the sensitive values that occur in it, as words of bits.
    words: Vec<u64>,
    known: HashMap<Key, u32, ahash::RandomState>,
}

impl Partition {
    /// Adds rows to the class of `key` and returns the class.
    fn add(&mut self, key: Key, rows: u64, words: &[u64]) -> u32 {
        let next = self.keys.len() as u32;
        let class = *self.known.entry(key).or_insert(next);
        if class == next {
            self.keys.push(key);
            self.rows.push(rows);
            self.words.extend(words);
        } else {
            self.rows[class as usize] += rows;
            let all = &mut self.words[class as usize * words.len()..];
            all.iter_mut().zip(words).for_each(|(all, new)| *all |= new);
        }
        class
    }

    /// Adds the classes of later combinations. Each class has `width` words.
    fn join(mut self, later: &Self, width: usize) -> Self {
        let mut classes = Vec::with_capacity(later.keys.len());
        for (at, (&key, &rows)) in later.keys.iter().zip(&later.rows).enumerate() {
            classes.push(self.add(key, rows, &later.words[at * width..][..width]));
        }
        self.class_of.extend(later.class_of.iter().map(|&class| classes[class as usize]));
        self
    }
}

impl Occurrences {
    fn new(sensitive: &[Vec<Option<u32>>], combination_of: &[usize], combinations: usize) -> Self {
        let widths: Vec<usize> = sensitive.iter().map(|values| words_for(values)).collect();
        let width: usize = widths.iter().sum();
        let mut words = vec![0; width * combinations];
        let mut first = 0;
        for (values, of_column) in sensitive.iter().zip(&widths) {
            for (value, combination) in values.iter().zip(combination_of) {
                if let Some(value) = value.map(|value| value as usize) {
                    words[combination * width + first + value / WORD] |= 1 << (value % WORD);
                }
            }
            first += of_column;
        }
        Self { words, widths }
    }

    /// Returns the number of words of a combination.
    fn width(&self) -> usize {
        self.widths.iter().sum()
    }

    /// Returns the words of a combination.
    fn of(&self, combination: usize) -> &[u64] {
        let width = self.width();
        &self.words[combination * width..][..width]
    }

    /// Returns the smallest number of different values of a sensitive column, from the words of all columns.
    fn diversity(&self, words: &[u64]) -> Option<u32> {
        let mut first = 0;
        let mut least = None;
        for width in &self.widths {
            let different = words[first..][..*width].iter().map(|word| word.count_ones()).sum();
            least = Some(least.map_or(different, |least: u32| least.min(different)));
            first += width;
        }
        least
    }
}

/// Returns the number of words that hold a bit for each value.
fn words_for(values: &[Option<u32>]) -> usize {
    values.iter().flatten().max().map_or(0, |largest| *largest as usize) / WORD + 1
}

impl Classes {
    /// Joins rows with these quasi-identifiers and, in each sensitive column, these values.
    pub(super) fn new(quasi: &[QuasiIdentifier], sensitive: &[Vec<Option<u32>>], rows: usize) -> Self {
        let columns: Vec<Vec<Level>> = quasi.iter().map(levels).collect();
        let mut known: HashMap<Key, usize, ahash::RandomState> = HashMap::default();
        let mut counts = Vec::new();
        let mut combinations = Vec::new();
        let mut combination_of = Vec::with_capacity(rows);
        for row in 0..rows {
            let mut key: Key = 0;
            let mut leaves = Vec::with_capacity(quasi.len());
            for (quasi, levels) in quasi.iter().zip(&columns) {
                let leaf = leaf(quasi, levels, row);
                key = key * levels[0].positions.len() as Key + Key::from(leaf);
                leaves.push(leaf);
            }
            let next = known.len();
            let at = *known.entry(key).or_insert(next);
            if at == next {
                counts.push(0);
                combinations.extend(leaves);
            }
            counts[at] += 1;
            combination_of.push(at);
        }
        let histograms = sensitive.iter().map(|values| histogram(values, &combination_of)).collect();
        let occurrences = Occurrences::new(sensitive, &combination_of, counts.len());
        Self { columns, combinations, counts, occurrences, histograms, rows: rows as u64 }
    }

    /// Returns the number of levels of each quasi-identifier.
    pub(super) fn levels(&self) -> Vec<usize> {
        self.columns.iter().map(Vec::len).collect()
    }

    fn key(&self, node: &[usize], leaf: impl Fn(usize) -> u32) -> Key {
        let mut key: Key = 0;
        for (column, &level) in node.iter().enumerate() {
            let level = &self.columns[column][level];
            key = key * Key::from(level.values) + Key::from(level.positions[leaf(column) as usize]);
        }
        key
    }

    /// Returns the classes of the combinations at a node.
    fn partition(&self, node: &[usize]) -> Partition {
        let length = self.counts.len().div_ceil(rayon::current_num_threads()).max(1);
        let starts: Vec<usize> = (0..self.counts.len()).step_by(length).collect();
        let parts: Vec<Partition> =
            starts.into_par_iter().map(|start| self.partition_part(node, start, length)).collect();
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return Partition::default() };
        let width = self.occurrences.width();
        parts.fold(first, |all, later| all.join(&later, width))
    }

    /// Returns the classes of `length` combinations from `start` on.
    fn partition_part(&self, node: &[usize], start: usize, length: usize) -> Partition {
        let columns = self.columns.len();
        let mut partition = Partition::default();
        for (at, rows) in self.counts.iter().enumerate().skip(start).take(length) {
            let leaves = &self.combinations[at * columns..][..columns];
            let key = self.key(node, |column| leaves[column]);
            let class = partition.add(key, *rows, self.occurrences.of(at));
            partition.class_of.push(class);
        }
        partition
    }

    /// Returns true if every class of a node has `k` rows and `l` different values of each sensitive column.
    pub(super) fn meets(&self, node: &[usize], k: u64, l: u32) -> bool {
        let partition = self.partition(node);
        let width = self.occurrences.width();
        partition.rows.iter().enumerate().all(|(class, &rows)| {
            let words = &partition.words[class * width..][..width];
            rows >= k && self.occurrences.diversity(words).is_none_or(|diversity| diversity >= l)
        })
    }

    /// Returns the largest distance between a class and all rows, over all sensitive columns.
    ///
    /// The distance is `½ Σ |p - q|` over the values' shares, from 0 to 1 (t-closeness with equal distances, Li et al.
    /// 2007).
    pub(super) fn distance(&self, node: &[usize]) -> f64 {
        let partition = self.partition(node);
        self.histograms.iter().map(|histogram| farthest(histogram, &partition)).fold(0.0, f64::max)
    }

    /// Returns the loss of information of a node, from 0 to 1.
    ///
    /// The sum follows the order of the rows, so that it is always the same number.
    pub(super) fn loss(&self, node: &[usize]) -> f64 {
        let width = self.columns.len();
        let mut lost = 0.0;
        for (at, count) in self.counts.iter().enumerate() {
            let leaves = self.combinations[at * width..][..width].iter().enumerate();
            let of_row: f64 =
                leaves.map(|(column, &leaf)| self.columns[column][node[column]].loss[leaf as usize]).sum();
            lost += of_row * *count as f64;
        }
        lost / (width.max(1) as f64 * self.rows.max(1) as f64)
    }
}

/// Returns the leaf of a row. An empty cell has the last one.
fn leaf(quasi: &QuasiIdentifier, levels: &[Level], row: usize) -> u32 {
    match quasi.positions[row] {
        Some(position) => position,
        None => levels[0].positions.len() as u32 - 1,
    }
}

/// Returns the levels of a quasi-identifier. Rows without a value have a leaf of their own, if there are any.
fn levels(quasi: &QuasiIdentifier) -> Vec<Level> {
    let has_empty = quasi.positions.contains(&None);
    (0..quasi.hierarchy.levels()).map(|at| level(&quasi.hierarchy, at, has_empty)).collect()
}

fn level(hierarchy: &Hierarchy, at: usize, has_empty: bool) -> Level {
    let (values, positions) = hierarchy.at(at);
    let mut positions = positions.to_vec();
    let mut leaves: Vec<u32> = hierarchy.leaves(at);
    if has_empty {
        let is_last = at + 1 == hierarchy.levels();
        let own = if is_last { 0 } else { values.len() };
        positions.push(own as u32);
        leaves.resize(leaves.len().max(own + 1), 0);
        leaves[own] += 1;
    }
    let others = positions.len().saturating_sub(1);
    let loss = positions.iter().map(|&at| match others {
        0 => 0.0,
        others => f64::from(leaves[at as usize] - 1) / others as f64,
    });
    Level { loss: loss.collect(), values: leaves.len() as u64, positions }
}

/// Counts the rows of each combination by their value of a sensitive column.
fn histogram(values: &[Option<u32>], combination_of: &[usize]) -> Histogram {
    let mut histogram = Histogram::new();
    for (value, at) in values.iter().zip(combination_of) {
        *histogram.entry((*at, value.map_or(0, |value| value + 1))).or_default() += 1;
    }
    histogram
}

/// Returns the largest distance between a class and all rows.
fn farthest(histogram: &Histogram, partition: &Partition) -> f64 {
    let mut whole: BTreeMap<u32, u64> = BTreeMap::new();
    let mut by_class: BTreeMap<u32, BTreeMap<u32, u64>> = BTreeMap::new();
    for (&(combination, value), rows) in histogram {
        *whole.entry(value).or_default() += rows;
        *by_class.entry(partition.class_of[combination]).or_default().entry(value).or_default() += rows;
    }
    by_class.values().map(|class| distance(class, &whole)).fold(0.0, f64::max)
}

/// Returns half the sum of the differences of two distributions' shares.
fn distance(class: &BTreeMap<u32, u64>, whole: &BTreeMap<u32, u64>) -> f64 {
    whole.keys().map(|value| (share(class, *value) - share(whole, *value)).abs()).sum::<f64>() / 2.0
}

fn share(distribution: &BTreeMap<u32, u64>, value: u32) -> f64 {
    let all: u64 = distribution.values().sum();
    distribution.get(&value).map_or(0, |rows| *rows) as f64 / all.max(1) as f64
}
