//! A table as numbers: for each row its person and, for each column, which of the different values it has.

use std::collections::HashMap;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::keys::Scale;

/// The code of a null.
pub(super) const NULL: u32 = 0;

/// A column as codes.
#[derive(Debug, Clone)]
pub(super) struct Coded {
    /// For each row, the position of its value among the keys; [`NULL`] for a null.
    pub codes: Vec<u32>,
    /// The key of each code; that of [`NULL`] means nothing.
    pub keys: Vec<u64>,
    /// How the keys are ordered.
    pub scale: Scale,
}

impl Coded {
    /// All codes are below this.
    pub(super) fn codes_below(&self) -> usize {
        self.keys.len()
    }
}

/// A table as codes, the rows of each person together.
#[derive(Debug, Clone, Default)]
pub(super) struct CodedTable {
    /// For each row, its person; never descending, from 0, without gaps.
    pub persons: Vec<u32>,
    /// What tells each person apart, also in other tables.
    pub person_keys: Vec<u64>,
    /// In the order in which they were asked for.
    pub columns: Vec<Coded>,
}

impl CodedTable {
    /// The table of rows with these keys of persons.
    pub(super) fn new(person_of_row: Parts<u64>, columns: Vec<Coded>) -> Self {
        let mut numbering = Numbering::default();
        let persons = person_of_row.into_iter().flatten().map(|key| numbering.code(key)).collect();
        Self { persons, person_keys: numbering.keys, columns }.grouped()
    }

    /// Puts the rows of each person together, in the order in which persons first occur.
    fn grouped(mut self) -> Self {
        if self.persons.is_sorted() {
            return self;
        }
        let groups = Groups::by(&self.persons, self.person_keys.len());
        let gather = |codes: &[u32]| groups.rows.par_iter().map(|&row| codes[row as usize]).collect::<Vec<u32>>();
        self.persons = gather(&self.persons);
        for column in &mut self.columns {
            column.codes = gather(&column.codes);
        }
        self
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.persons.len()
    }

    /// Number of persons.
    pub(super) fn count(&self) -> usize {
        self.person_keys.len()
    }

    /// These columns alone, and of the rows of one person that are alike in `classes` only one.
    pub(super) fn facts(&self, columns: &[usize], classes: &[u32], count: usize) -> Self {
        let mut last = vec![u32::MAX; count];
        let is_first = |&row: &usize| {
            let (class, person) = (classes[row] as usize, self.persons[row]);
            std::mem::replace(&mut last[class], person) != person
        };
        let rows: Vec<usize> = (0..self.rows()).filter(is_first).collect();
        let columns = columns.par_iter().map(|&column| {
            let Coded { codes, keys, scale } = &self.columns[column];
            Coded { codes: rows.iter().map(|&row| codes[row]).collect(), keys: keys.clone(), scale: *scale }
        });
        Self {
            columns: columns.collect(),
            persons: rows.iter().map(|&row| self.persons[row]).collect(),
            person_keys: self.person_keys.clone(),
        }
    }
}

/// What each run of rows gave, in the order of the rows.
pub(super) type Parts<T> = Vec<Vec<T>>;

/// Numbers keys as they first occur.
#[derive(Default)]
pub(super) struct Numbering {
    codes: HashMap<u64, u32, ahash::RandomState>,
    /// The keys in the order of their numbers.
    pub keys: Vec<u64>,
    last: Option<(u64, u32)>,
}

impl Numbering {
    /// The number of `key`.
    pub(super) fn code(&mut self, key: u64) -> u32 {
        if let Some((_, code)) = self.last.filter(|(last, _)| *last == key) {
            return code;
        }
        let next = self.keys.len() as u32;
        let code = *self.codes.entry(key).or_insert(next);
        if code == next {
            self.keys.push(key);
        }
        self.last = Some((key, code));
        code
    }

    /// The number of `key`, if it has one.
    pub(super) fn find(&self, key: u64) -> Option<u32> {
        self.codes.get(&key).copied()
    }
}

/// The codes of some rows, and what they stand for there.
pub(super) struct Run {
    /// For each row, [`NULL`] or one more than the position of its key.
    pub codes: Vec<u32>,
    /// The different keys.
    pub keys: Vec<u64>,
}

impl Run {
    pub(super) fn new(values: impl Iterator<Item = Option<u64>>) -> Self {
        let mut numbering = Numbering::default();
        let codes = values.map(|key| key.map_or(NULL, |key| numbering.code(key) + 1)).collect();
        Self { codes, keys: numbering.keys }
    }

    /// The runs of a column as one.
    pub(super) fn join(runs: Vec<Self>, scale: Scale) -> Coded {
        let mut numbering = Numbering::default();
        let mut codes = Vec::with_capacity(runs.iter().map(|run| run.codes.len()).sum());
        for run in runs {
            let global: Vec<u32> = run.keys.iter().map(|&key| numbering.code(key) + 1).collect();
            codes.extend(run.codes.iter().map(|&code| if code == NULL { NULL } else { global[code as usize - 1] }));
        }
        let keys = std::iter::once(0).chain(numbering.keys).collect();
        Coded { codes, keys, scale }
    }
}

/// Rows by code.
pub(super) struct Groups {
    /// Rows, those of the lowest code first; of one code, in their order.
    pub rows: Vec<u32>,
    /// Where each code begins among the rows; and, last, their number.
    pub starts: Vec<u32>,
}

impl Groups {
    /// The rows with these codes, which are below `count`.
    pub(super) fn by(codes: &[u32], count: usize) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for &code in codes {
            starts[code as usize + 1] += 1;
        }
        for code in 0..count {
            starts[code + 1] += starts[code];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0; codes.len()]);
        for (row, &code) in codes.iter().enumerate() {
            let place = &mut next[code as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        Self { rows, starts }
    }

    /// The rows of each code.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.rows[ends[0] as usize..ends[1] as usize])
    }
}

/// Joins the runs of every column, in parallel.
pub(super) fn join(parts: Vec<Vec<(Run, Scale)>>, columns: usize) -> Vec<Coded> {
    let mut by_column: Vec<(Vec<Run>, Scale)> = (0..columns).map(|_| (Vec::new(), Scale::Unordered)).collect();
    for part in parts {
        for (column, (run, scale)) in by_column.iter_mut().zip(part) {
            column.0.push(run);
            column.1 = scale;
        }
    }
    by_column.into_par_iter().map(|(runs, scale)| Run::join(runs, scale)).collect()
}
