//! A table as integer codes: the person of each row, and the distinct value of each cell.

use std::collections::HashMap;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::keys::{Scale, mix};

/// Code of a null.
pub(super) const NULL: u32 = 0;

/// Returns true if `code` stands for a value, not for a null.
pub(super) fn is_value(code: u32) -> bool {
    code != NULL
}

/// A column as codes.
#[derive(Debug, Clone)]
pub(super) struct CodedColumn {
    /// Position of each row's value among the keys; [`NULL`] for a null.
    pub codes: Vec<u32>,
    /// Key of each code. The key of [`NULL`] is not used.
    pub keys: Vec<u64>,
    /// Order of the keys.
    pub scale: Scale,
}

impl CodedColumn {
    /// Returns the exclusive upper bound of the codes.
    pub(super) fn codes_below(&self) -> usize {
        self.keys.len()
    }
}

/// A table as codes. The rows of each person are adjacent.
#[derive(Debug, Clone, Default)]
pub(super) struct CodedTable {
    /// Person of each row: ascending, from 0, without gaps.
    pub persons: Vec<u32>,
    /// Key of each person. Keys are comparable across tables.
    pub person_keys: Vec<u64>,
    /// Columns, in the order of the request.
    pub columns: Vec<CodedColumn>,
}

impl CodedTable {
    /// Creates a table from the person key of each row and the columns.
    pub(super) fn new(person_of_row: Parts<u64>, columns: Vec<CodedColumn>) -> Self {
        let mut numbering = Numbering::default();
        let persons = person_of_row.into_iter().flatten().map(|key| numbering.code(key)).collect();
        Self { persons, person_keys: numbering.keys, columns }.grouped()
    }

    /// Makes the rows of each person adjacent. Persons keep the order of their first rows.
    fn grouped(mut self) -> Self {
        if self.persons.is_sorted() {
            return self;
        }
        let order = RowsByCode::new(&self.persons, self.person_keys.len()).rows;
        self.persons = gather(&self.persons, &order);
        for column in &mut self.columns {
            column.codes = gather(&column.codes, &order);
        }
        self
    }

    /// Returns the number of rows.
    pub(super) fn rows(&self) -> usize {
        self.persons.len()
    }

    /// Returns the number of persons.
    pub(super) fn person_count(&self) -> usize {
        self.person_keys.len()
    }

    /// Returns some rows, in ascending order, with their persons.
    pub(super) fn with_rows(&self, rows: &[u32]) -> Self {
        let persons = rows.iter().map(|&row| self.person_keys[self.persons[row as usize] as usize]).collect();
        let columns = self.columns.iter().map(|column| {
            let CodedColumn { codes, keys, scale } = column;
            CodedColumn { codes: gather(codes, rows), keys: keys.clone(), scale: *scale }
        });
        Self::new(vec![persons], columns.collect())
    }

    /// Returns `columns` only, with one row for each person and equivalence class.
    pub(super) fn distinct_rows(&self, columns: &[usize], class_of_row: &[u32], classes: usize) -> Self {
        let mut last_person = vec![u32::MAX; classes];
        let rows: Vec<u32> = (0..self.rows() as u32)
            .filter(|&row| {
                let class = class_of_row[row as usize] as usize;
                let person = self.persons[row as usize];
                std::mem::replace(&mut last_person[class], person) != person
            })
            .collect();
        let columns = columns.par_iter().map(|&column| {
            let CodedColumn { codes, keys, scale } = &self.columns[column];
            CodedColumn { codes: gather(codes, &rows), keys: keys.clone(), scale: *scale }
        });
        Self {
            columns: columns.collect(),
            persons: gather(&self.persons, &rows),
            person_keys: self.person_keys.clone(),
        }
    }
}

/// Returns the codes of `rows`.
fn gather(codes: &[u32], rows: &[u32]) -> Vec<u32> {
    rows.par_iter().map(|&row| codes[row as usize]).collect()
}

/// Values of each run of rows, in the order of the rows.
pub(super) type Parts<T> = Vec<Vec<T>>;

/// Recent keys whose numbers are remembered.
const RECENT: usize = 256;

/// Numbers keys in the order of their first occurrence.
pub(super) struct Numbering {
    codes: HashMap<u64, u32, ahash::RandomState>,
    /// Keys in the order of their numbers.
    pub keys: Vec<u64>,
    /// Recent keys with their numbers, by the mixed bits of the keys.
    recent: Box<[Option<(u64, u32)>; RECENT]>,
}

impl Default for Numbering {
    fn default() -> Self {
        Self { codes: HashMap::default(), keys: Vec::new(), recent: Box::new([None; RECENT]) }
    }
}

impl Numbering {
    /// Returns the number of `key`. A new key gets the next number.
    pub(super) fn code(&mut self, key: u64) -> u32 {
        let recent = &mut self.recent[mix(key) as usize % RECENT];
        if let Some((_, code)) = recent.filter(|(known, _)| *known == key) {
            return code;
        }
        let next = self.keys.len() as u32;
        let code = *self.codes.entry(key).or_insert(next);
        if code == next {
            self.keys.push(key);
        }
        *recent = Some((key, code));
        code
    }

    /// Returns the number of `key`, if it has one.
    pub(super) fn find(&self, key: u64) -> Option<u32> {
        self.codes.get(&key).copied()
    }
}

/// Codes of a run of rows, with the keys that they stand for in this run.
pub(super) struct CodedRun {
    /// [`NULL`], or one more than the position of the row's key.
    pub codes: Vec<u32>,
    /// Distinct keys of the run.
    pub keys: Vec<u64>,
}

impl CodedRun {
    /// Codes the values of a run; none stands for a null.
    pub(super) fn new(values: impl Iterator<Item = Option<u64>>) -> Self {
        let mut numbering = Numbering::default();
        let mut last = (None, NULL);
        let codes = values.map(|key| {
            // Rows of a person are often alike.
            if last.0 != key {
                last = (key, key.map_or(NULL, |key| numbering.code(key) + 1));
            }
            last.1
        });
        Self { codes: codes.collect(), keys: numbering.keys }
    }

    /// Joins the runs of a column.
    pub(super) fn join(runs: Vec<Self>, scale: Scale) -> CodedColumn {
        let mut numbering = Numbering::default();
        let mut codes = Vec::with_capacity(runs.iter().map(|run| run.codes.len()).sum());
        for run in runs {
            let global: Vec<u32> = run.keys.iter().map(|&key| numbering.code(key) + 1).collect();
            codes.extend(run.codes.iter().map(|&code| if code == NULL { NULL } else { global[code as usize - 1] }));
        }
        let keys = std::iter::once(0).chain(numbering.keys).collect();
        CodedColumn { codes, keys, scale }
    }
}

/// Rows grouped by code (a counting sort).
pub(super) struct RowsByCode {
    /// Rows by ascending code. Rows of one code keep their order.
    pub rows: Vec<u32>,
    /// Start of each code in `rows`, then the number of rows.
    pub starts: Vec<u32>,
}

impl RowsByCode {
    /// Groups rows by `codes`, all of them below `count`.
    pub(super) fn new(codes: &[u32], count: usize) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for &code in codes {
            starts[code as usize + 1] += 1;
        }
        for code in 0..count {
            starts[code + 1] += starts[code];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; codes.len()];
        for (row, &code) in codes.iter().enumerate() {
            let place = &mut next[code as usize];
            rows[*place as usize] = row as u32;
            *place += 1;
        }
        Self { rows, starts }
    }

    /// Returns the rows of each code.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.rows[ends[0] as usize..ends[1] as usize])
    }
}

/// Joins the runs of every column, in parallel.
pub(super) fn join(parts: Vec<Vec<(CodedRun, Scale)>>, columns: usize) -> Vec<CodedColumn> {
    let mut by_column: Vec<(Vec<CodedRun>, Scale)> = (0..columns).map(|_| (Vec::new(), Scale::Unordered)).collect();
    for part in parts {
        for (column, (run, scale)) in by_column.iter_mut().zip(part) {
            column.0.push(run);
            column.1 = scale;
        }
    }
    by_column.into_par_iter().map(|(runs, scale)| CodedRun::join(runs, scale)).collect()
}
