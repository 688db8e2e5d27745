//! Who is alike: rows joined by what they have in all quasi-identifiers, at any level of generalisation.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::super::hierarchy::Hierarchy;

/// A quasi-identifier: its hierarchy, and the position of each row's value; rows without one share a value of their own that
/// stays itself until the last level.
pub(super) struct Quasi {
    pub(super) hierarchy: Hierarchy,
    pub(super) of: Vec<Option<u32>>,
}

/// A quasi-identifier's values at a level.
struct Level {
    /// For each leaf, what it becomes; the last leaf is that of rows without a value.
    of: Vec<u32>,
    /// For each leaf, the share of the other leaves that it could be as well.
    loss: Vec<f64>,
    values: u64,
}

/// The rows of a table, joined where they are equal in all quasi-identifiers.
pub(super) struct Classes<'q> {
    /// For each quasi-identifier, its levels.
    columns: Vec<Vec<Level>>,
    /// For each combination that occurs, the leaves.
    combinations: Vec<u32>,
    counts: Vec<u64>,
    /// For each combination, words of bits for each sensitive column, so many as `widths` says: which values occur in it.
    words: Vec<u64>,
    widths: Vec<usize>,
    /// For each sensitive column, how many rows of a combination have a value.
    histograms: Vec<BTreeMap<(usize, u32), u64>>,
    rows: u64,
    quasi: &'q [Quasi],
}

/// What a node comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// Rows that are left out.
    pub(super) suppressed: u64,
    /// Of the others: how many classes, and the smallest.
    pub(super) classes: u64,
    pub(super) smallest: u64,
    /// The information that is lost, 0 to 1.
    pub(super) loss: f64,
}

/// A generalised combination in one number.
pub(super) type Key = u128;

/// The classes that combinations make at a node, in the order in which they come first.
#[derive(Default)]
struct Joined {
    /// The class of each combination.
    of: Vec<u32>,
    keys: Vec<Key>,
    rows: Vec<u64>,
    /// For each class, words of bits: which sensitive values occur in it.
    words: Vec<u64>,
    known: HashMap<Key, u32, ahash::RandomState>,
}

impl Joined {
    /// Adds rows to the class of `key`, and tells which it is.
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

    /// Adds the classes of later combinations.
    fn join(&mut self, later: &Self, width: usize) {
        let class =
            |(at, (key, rows)): (usize, (&Key, &u64))| self.add(*key, *rows, &later.words[at * width..][..width]);
        let classes: Vec<u32> = later.keys.iter().zip(&later.rows).enumerate().map(class).collect();
        self.of.extend(later.of.iter().map(|&class| classes[class as usize]));
    }
}

impl<'q> Classes<'q> {
    /// Of rows with these quasi-identifiers and, in each sensitive column, these values.
    pub(super) fn new(quasi: &'q [Quasi], sensitive: &[Vec<Option<u32>>], rows: usize) -> Self {
        let columns: Vec<Vec<Level>> = quasi.iter().map(levels).collect();
        let leaf = |column: usize, row: usize| quasi[column].of[row].unwrap_or(columns[column][0].of.len() as u32 - 1);
        let mut known: HashMap<Key, usize, ahash::RandomState> = HashMap::default();
        let (mut counts, mut combinations): (Vec<u64>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut of_row = Vec::with_capacity(rows);
        for row in 0..rows {
            let one = |key: Key, column: usize| key * columns[column][0].of.len() as Key + Key::from(leaf(column, row));
            let next = known.len();
            let at = *known.entry((0..quasi.len()).fold(0, one)).or_insert(next);
            if at == next {
                counts.push(0);
                combinations.extend((0..quasi.len()).map(|column| leaf(column, row)));
            }
            counts[at] += 1;
            of_row.push(at);
        }
        let histograms = sensitive.iter().map(|values| histogram(values, &of_row)).collect();
        let (words, widths) = occurring(sensitive, &of_row, counts.len());
        Self { columns, combinations, counts, words, widths, histograms, rows: rows as u64, quasi }
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The number of levels of each quasi-identifier.
    pub(super) fn levels(&self) -> Vec<usize> {
        self.columns.iter().map(Vec::len).collect()
    }

    /// The generalised combination of a row, for telling which rows are alike.
    pub(super) fn key_of_row(&self, node: &[usize], row: usize) -> Key {
        let leaf =
            |column: usize| self.quasi[column].of[row].map_or(self.columns[column][0].of.len() - 1, |at| at as usize);
        self.key(node, leaf)
    }

    fn key(&self, node: &[usize], leaf: impl Fn(usize) -> usize) -> Key {
        let at = |column: usize| &self.columns[column][node[column]];
        (0..node.len())
            .fold(0, |key, column| key * Key::from(at(column).values) + Key::from(at(column).of[leaf(column)]))
    }

    /// The classes that the combinations make at a node.
    fn classes(&self, node: &[usize]) -> Joined {
        let part = self.counts.len().div_ceil(rayon::current_num_threads()).max(1);
        let starts: Vec<usize> = (0..self.counts.len()).step_by(part).collect();
        let parts: Vec<Joined> = starts.into_par_iter().map(|start| self.classes_of(node, start, part)).collect();
        let joined = |mut all: Joined, later: Joined| {
            all.join(&later, self.width());
            all
        };
        parts.into_iter().reduce(joined).unwrap_or_default()
    }

    /// The same of `length` combinations from `start` on.
    fn classes_of(&self, node: &[usize], start: usize, length: usize) -> Joined {
        let (columns, width) = (self.columns.len(), self.width());
        let mut classes = Joined::default();
        for (at, rows) in self.counts.iter().enumerate().skip(start).take(length) {
            let leaves = &self.combinations[at * columns..][..columns];
            let key = self.key(node, |column| leaves[column] as usize);
            let class = classes.add(key, *rows, &self.words[at * width..][..width]);
            classes.of.push(class);
        }
        classes
    }

    /// Words of bits of each combination, all sensitive columns together.
    fn width(&self) -> usize {
        self.widths.iter().sum()
    }

    /// Whether each class stays under a rule.
    fn meeting(&self, classes: &Joined, k: u64, l: u32) -> Vec<bool> {
        let width = self.width();
        let is_diverse = |class: usize| {
            let mut words = &classes.words[class * width..][..width];
            self.widths.iter().all(|&width| {
                let (of_column, rest) = words.split_at(width);
                words = rest;
                of_column.iter().map(|word| word.count_ones()).sum::<u32>() >= l
            })
        };
        (0..classes.keys.len()).map(|class| classes.rows[class] >= k && is_diverse(class)).collect()
    }

    /// What a node comes to under a rule.
    pub(super) fn outcome(&self, node: &[usize], k: u64, l: u32) -> Outcome {
        let classes = self.classes(node);
        let kept = self.meeting(&classes, k, l);
        let of_kept = || classes.rows.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(rows, _)| *rows);
        Outcome {
            suppressed: self.rows - of_kept().sum::<u64>(),
            classes: of_kept().count() as u64,
            smallest: of_kept().min().unwrap_or(0),
            loss: self.loss(node, |at| kept[classes.of[at] as usize]),
        }
    }

    /// The keys of the classes that stay under a rule.
    pub(super) fn kept(&self, node: &[usize], k: u64, l: u32) -> HashSet<Key, ahash::RandomState> {
        let classes = self.classes(node);
        let kept = self.meeting(&classes, k, l);
        classes.keys.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(key, _)| key).collect()
    }

    /// How far the values of any sensitive column in any kept class are from those of all kept rows together: half the sum
    /// of the differences of their shares, 0 to 1 (t-closeness with equal distances, Li et al. 2007).
    pub(super) fn distance(&self, node: &[usize], k: u64, l: u32) -> f64 {
        let classes = self.classes(node);
        let kept = self.meeting(&classes, k, l);
        let of = |histogram: &BTreeMap<(usize, u32), u64>| {
            let mut whole: BTreeMap<u32, u64> = BTreeMap::new();
            let mut by_class: BTreeMap<u32, BTreeMap<u32, u64>> = BTreeMap::new();
            for (&(at, value), rows) in histogram {
                if kept[classes.of[at] as usize] {
                    *whole.entry(value).or_default() += rows;
                    *by_class.entry(classes.of[at]).or_default().entry(value).or_default() += rows;
                }
            }
            by_class.values().map(|class| apart(class, &whole)).fold(0.0, f64::max)
        };
        self.histograms.iter().map(of).fold(0.0, f64::max)
    }

    /// The fewest different values of a sensitive column among all rows.
    pub(super) fn most_diverse(&self) -> Option<u32> {
        let occurs = |at: usize| self.words.iter().skip(at).step_by(self.width()).fold(0, |all, word| all | word);
        let mut words = 0..self.width();
        let all = |&width: &usize| words.by_ref().take(width).map(|at| occurs(at).count_ones()).sum();
        self.widths.iter().map(all).min()
    }

    /// What generalisation alone loses, 0 to 1.
    pub(super) fn generalisation_loss(&self, node: &[usize]) -> f64 {
        self.loss(node, |_| true)
    }

    /// The loss where some combinations are kept and all of every other is lost. Summed in the order of the rows, so that
    /// it is always the same number.
    fn loss(&self, node: &[usize], kept: impl Fn(usize) -> bool) -> f64 {
        let width = self.columns.len();
        let mut lost = 0.0;
        for (at, count) in self.counts.iter().enumerate() {
            let leaves = &self.combinations[at * width..][..width];
            let of_level = |column: usize| self.columns[column][node[column]].loss[leaves[column] as usize];
            let of_row = if kept(at) { (0..width).map(of_level).sum() } else { width as f64 };
            lost += of_row * *count as f64;
        }
        lost / (width.max(1) as f64 * self.rows.max(1) as f64)
    }
}

/// The levels of a quasi-identifier. Rows without a value have a leaf of their own, if there are any.
fn levels(quasi: &Quasi) -> Vec<Level> {
    let none = usize::from(quasi.of.contains(&None));
    let last = quasi.hierarchy.levels() - 1;
    let of_level = |level: usize| {
        let (values, of) = quasi.hierarchy.at(level);
        let all = of.len() + none;
        let mut leaves: Vec<usize> = quasi.hierarchy.leaves(level).into_iter().map(|leaves| leaves as usize).collect();
        let own = if level == last { 0 } else { values.len() as u32 };
        let of: Vec<u32> = of.iter().copied().chain((none > 0).then_some(own)).collect();
        if none > 0 {
            leaves.resize(leaves.len().max(own as usize + 1), 0);
            leaves[own as usize] += 1;
        }
        let share = |leaves: usize| if all > 1 { (leaves - 1) as f64 / (all - 1) as f64 } else { 0.0 };
        Level { loss: of.iter().map(|&at| share(leaves[at as usize])).collect(), values: leaves.len() as u64, of }
    };
    (0..=last).map(of_level).collect()
}

/// How many rows of a combination have a value of a sensitive column.
fn histogram(values: &[Option<u32>], of_row: &[usize]) -> BTreeMap<(usize, u32), u64> {
    let mut histogram = BTreeMap::new();
    for (value, at) in values.iter().zip(of_row) {
        *histogram.entry((*at, value.map_or(0, |value| value + 1))).or_default() += 1;
    }
    histogram
}

/// Half the sum of the differences of two histograms' shares.
fn apart(class: &BTreeMap<u32, u64>, whole: &BTreeMap<u32, u64>) -> f64 {
    let share = |histogram: &BTreeMap<u32, u64>, value: u32| {
        let all: u64 = histogram.values().sum();
        histogram.get(&value).copied().unwrap_or(0) as f64 / all.max(1) as f64
    };
    whole.keys().map(|&value| (share(class, value) - share(whole, value)).abs()).sum::<f64>() / 2.0
}

/// Which values of the sensitive columns occur in each combination: words of bits, and how many each column has. That there
/// is no value is none.
fn occurring(columns: &[Vec<Option<u32>>], of_row: &[usize], combinations: usize) -> (Vec<u64>, Vec<usize>) {
    let most = |values: &Vec<Option<u32>>| values.iter().flatten().max().map_or(0, |most| *most as usize);
    let widths: Vec<usize> = columns.iter().map(|values| most(values) / 64 + 1).collect();
    let width: usize = widths.iter().sum();
    let mut words = vec![0; width * combinations];
    let mut first = 0;
    for (values, of_column) in columns.iter().zip(&widths) {
        for (value, at) in values.iter().zip(of_row).filter_map(|(value, at)| Some(((*value)?, at))) {
            let value = value as usize;
            words[at * width + first + value / 64] |= 1 << (value % 64);
        }
        first += of_column;
    }
    (words, widths)
}
