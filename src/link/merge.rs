//! Merge of the sorted tables of all deliveries, person by person, over ranges of the pseudonym.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, RecordBatch, new_empty_array};
use arrow::compute::{concat_batches, filter_record_batch};

use super::error::LinkError;
use crate::config::Contract;
use crate::exchange::{Delivery, MAX_PERSON_ROWS, RowRules};
use crate::table::{Field, ParquetTable, SourceError, decode_column, keys};
use salanimi_core::{PSEUDONYM_BYTES, Pseudonym};

/// Rows of all inputs that a thread reads at once, and the fewest and the most of one input.
const ROWS_AT_ONCE: usize = 256 << 10;
const LEAST_BATCH: usize = 4 << 10;
const MOST_BATCH: usize = 64 << 10;

/// A table of a delivery, open to be merged.
pub(super) struct Input<'a> {
    /// Position of the contract's table.
    pub(super) table: usize,
    /// Position of the delivery.
    pub(super) delivery: usize,
    /// Position of the first delivery of the same holder.
    pub(super) holder: usize,
    /// Name of the delivery in messages.
    pub(super) title: String,
    /// Name of the table in messages.
    pub(super) name: String,
    pub(super) file: ParquetTable,
    /// Number of rows that are merged.
    pub(super) rows: u64,
    /// `true` if the rows are those of persons who were linked without an identifier.
    pub(super) by_evidence: bool,
    /// Pseudonyms whose rows are not merged, because another input has them.
    left_out: Option<Arc<HashSet<u128>>>,
    rules: RowRules<'a>,
    first_keys: Vec<Vec<u8>>,
}

impl<'a> Input<'a> {
    /// Opens the table at position `table` of the contract, from `deliveries[delivery]`.
    pub(super) fn new(
        contract: &'a Contract,
        deliveries: &[Delivery],
        delivery: usize,
        (table, file): (usize, ParquetTable),
    ) -> Result<Self, SourceError> {
        let holder = &deliveries[delivery].manifest.holder;
        Ok(Self {
            table,
            delivery,
            holder: deliveries[..delivery].iter().position(|d| d.manifest.holder == *holder).unwrap_or(delivery),
            title: deliveries[delivery].title(),
            name: contract.tables[table].name.to_string(),
            rules: RowRules::new(contract, &deliveries[delivery], table),
            first_keys: file.first_keys()?,
            rows: file.rows(),
            by_evidence: false,
            left_out: None,
            file,
        })
    }

    /// Returns the input without the `rows` of these pseudonyms.
    pub(super) fn without(self, pseudonyms: Arc<HashSet<u128>>, rows: u64) -> Self {
        Self { rows: self.rows - rows, left_out: Some(pseudonyms), ..self }
    }

    /// Returns the input as one of persons who were linked without an identifier.
    pub(super) fn moved(self) -> Self {
        Self { by_evidence: true, ..self }
    }

    /// Returns the row groups that can hold keys of `range`.
    fn groups(&self, range: &KeyRange) -> std::ops::Range<usize> {
        // The last group that begins before the range may end inside it.
        let start = self.first_keys.partition_point(|key| key.as_slice() < range.first.as_slice()).saturating_sub(1);
        let end = range.end.map_or(self.first_keys.len(), |end| {
            self.first_keys.partition_point(|key| key.as_slice() < end.as_slice())
        });
        start..end.max(start)
    }

    /// Checks rows against the rules of the contract.
    pub(super) fn check(&self, columns: &[ArrayRef]) -> Result<(), LinkError> {
        self.rules.check(columns).map_err(|fault| LinkError::Rows {
            title: self.title.clone(),
            table: self.name.clone(),
            fault,
        })
    }

    pub(super) fn content_error(&self) -> LinkError {
        LinkError::Content { title: self.title.clone(), table: self.name.clone() }
    }

    fn too_many_rows(&self) -> LinkError {
        LinkError::TooManyRows { title: self.title.clone(), table: self.name.clone() }
    }
}

/// Pseudonyms from `first` up to, not including, `end`.
#[derive(Debug, Clone)]
pub(super) struct KeyRange {
    first: [u8; PSEUDONYM_BYTES],
    end: Option<[u8; PSEUDONYM_BYTES]>,
}

impl KeyRange {
    /// Divides the whole space into `parts` ranges of equal size; at most 65,536.
    pub(super) fn parts(parts: usize) -> Vec<Self> {
        let parts = parts.clamp(1, 1 << 16);
        (0..parts)
            .map(|part| Self {
                first: Self::edge(part, parts),
                end: (part + 1 < parts).then(|| Self::edge(part + 1, parts)),
            })
            .collect()
    }

    /// The first key of part `part` of `parts`.
    fn edge(part: usize, parts: usize) -> [u8; PSEUDONYM_BYTES] {
        let mut key = [0; PSEUDONYM_BYTES];
        key[..2].copy_from_slice(&(((part << 16) / parts) as u16).to_be_bytes());
        key
    }
}

/// All rows of some persons. No other batch holds a row of the same persons.
pub(super) struct PersonBatch {
    /// For each input, its columns in memory form; the first are the pseudonyms.
    pub(super) columns: Vec<Vec<ArrayRef>>,
}

/// Reads the rows of one range from every input, whole persons at a time.
pub(super) struct Merge<'a> {
    cursors: Vec<Cursor<'a>>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        inputs: &'a [Input<'a>],
        fields: impl Fn(usize) -> &'a [Field],
        range: &'a KeyRange,
    ) -> Result<Self, LinkError> {
        let batch_rows = (ROWS_AT_ONCE / inputs.len().max(1)).clamp(LEAST_BATCH, MOST_BATCH);
        let mut cursors = Vec::with_capacity(inputs.len());
        for input in inputs {
            cursors.push(Cursor::new(input, fields(input.table), range, batch_rows)?);
        }
        Ok(Self { cursors })
    }

    /// The next persons, with all of their rows.
    pub(super) fn next(&mut self) -> Result<Option<PersonBatch>, LinkError> {
        loop {
            if self.cursors.iter().all(|cursor| cursor.batch.is_none()) {
                return Ok(None);
            }
            // Rows of the last person may continue in the next batch, unless there is none.
            let bound =
                self.cursors.iter().filter(|c| !c.exhausted).filter_map(Cursor::last_key).min().map(<[u8]>::to_vec);
            let rows: Vec<usize> = self.cursors.iter().map(|c| c.rows_before(bound.as_deref())).collect();
            if rows.iter().any(|&rows| rows > 0) {
                let columns = self.cursors.iter_mut().zip(rows).map(|(cursor, rows)| cursor.take(rows));
                return Ok(Some(PersonBatch { columns: columns.collect::<Result<_, _>>()? }));
            }
            for cursor in self.cursors.iter_mut().filter(|c| !c.exhausted && c.last_key() == bound.as_deref()) {
                cursor.extend()?;
            }
        }
    }
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, SourceError>> + Send>;

/// The rows of one input that are loaded.
struct Cursor<'a> {
    input: &'a Input<'a>,
    fields: &'a [Field],
    range: &'a KeyRange,
    batches: Batches,
    /// Rows not taken yet. Never empty.
    batch: Option<RecordBatch>,
    /// `true` if no batch follows.
    exhausted: bool,
    /// The last key that was read.
    last: Vec<u8>,
}

impl<'a> Cursor<'a> {
    fn new(
        input: &'a Input<'a>,
        fields: &'a [Field],
        range: &'a KeyRange,
        batch_rows: usize,
    ) -> Result<Self, LinkError> {
        let batches = Box::new(input.file.batches(input.groups(range), batch_rows));
        let mut cursor = Self { input, fields, range, batches, batch: None, exhausted: false, last: Vec::new() };
        cursor.batch = cursor.read()?;
        Ok(cursor)
    }

    fn keys(&self) -> Option<&FixedSizeBinaryArray> {
        self.batch.as_ref().map(|b| b.column(0).as_fixed_size_binary())
    }

    fn last_key(&self) -> Option<&[u8]> {
        self.keys().map(|keys| keys.value(keys.len() - 1))
    }

    /// Returns the number of loaded rows before `bound`; of all of them if there is no bound.
    fn rows_before(&self, bound: Option<&[u8]>) -> usize {
        self.keys().map_or(0, |keys| bound.map_or(keys.len(), |bound| partition(keys, |key| key < bound)))
    }

    /// Reads the next batch that has rows of the range.
    fn read(&mut self) -> Result<Option<RecordBatch>, LinkError> {
        while !self.exhausted {
            let Some(batch) = self.batches.next() else {
                self.exhausted = true;
                break;
            };
            let inside = self.inside(&batch?)?;
            if inside.is_some() {
                return Ok(inside);
            }
        }
        Ok(None)
    }

    /// Returns the rows of `batch` inside the range, after a check that keys ascend.
    fn inside(&mut self, batch: &RecordBatch) -> Result<Option<RecordBatch>, LinkError> {
        let keys = batch.column(0).as_fixed_size_binary_opt().filter(|k| k.null_count() == 0);
        let keys = keys.ok_or_else(|| self.input.content_error())?;
        let Some(last) = keys.len().checked_sub(1) else { return Ok(None) };
        let ascending = (1..keys.len()).all(|row| keys.value(row - 1) <= keys.value(row));
        if !ascending || self.last.as_slice() > keys.value(0) {
            return Err(self.input.content_error());
        }
        self.last = keys.value(last).to_vec();
        let first = partition(keys, |key| key < self.range.first.as_slice());
        let end = self.range.end.map_or(keys.len(), |end| partition(keys, |key| key < end.as_slice()));
        self.exhausted = end < keys.len();
        let inside = batch.slice(first, end.saturating_sub(first));
        let kept = self.kept(inside)?;
        Ok((kept.num_rows() > 0).then_some(kept))
    }

    /// Returns the rows that no other input has.
    fn kept(&self, batch: RecordBatch) -> Result<RecordBatch, LinkError> {
        let Some(left_out) = &self.input.left_out else { return Ok(batch) };
        let keys = batch.column(0).as_fixed_size_binary();
        let pseudonyms = keys.iter().map(|key| key.and_then(|key| key.try_into().ok()).map(u128::from_be_bytes));
        let kept: BooleanArray =
            pseudonyms.map(|pseudonym| Some(pseudonym.is_none_or(|known| !left_out.contains(&known)))).collect();
        match kept.true_count() == kept.len() {
            true => Ok(batch),
            false => filter_record_batch(&batch, &kept).map_err(|_| self.input.content_error()),
        }
    }

    /// Joins the next batch to the loaded one, for a person whose rows continue there.
    fn extend(&mut self) -> Result<(), LinkError> {
        let Some(person) = self.last_key().map(<[u8]>::to_vec) else { return Ok(()) };
        if let (Some(tail), Some(head)) = (self.read()?, &self.batch) {
            let joined = concat_batches(&head.schema(), [head, &tail]);
            self.batch = Some(joined.map_err(|_| self.input.content_error())?);
        }
        let rows = self.keys().map_or(0, |keys| {
            partition(keys, |key| key <= person.as_slice()) - partition(keys, |key| key < person.as_slice())
        });
        if rows > MAX_PERSON_ROWS { Err(self.input.too_many_rows()) } else { Ok(()) }
    }

    /// Takes the first `rows` loaded rows, in memory form.
    fn take(&mut self, rows: usize) -> Result<Vec<ArrayRef>, LinkError> {
        let Some(batch) = self.batch.take() else {
            return Ok(self.fields.iter().map(|f| new_empty_array(&f.value.memory_type())).collect());
        };
        let left = batch.num_rows() - rows;
        self.batch = if left > 0 { Some(batch.slice(rows, left)) } else { self.read()? };
        let taken = batch.slice(0, rows);
        let columns =
            taken.columns().iter().zip(self.fields).map(|(column, field)| decode_column(column, &field.value));
        columns.collect::<Option<_>>().ok_or_else(|| self.input.content_error())
    }
}

/// Returns the number of leading rows for which `before` holds, in ascending keys.
fn partition(keys: &FixedSizeBinaryArray, before: impl Fn(&[u8]) -> bool) -> usize {
    let mut low = 0;
    let mut high = keys.len();
    while low < high {
        let middle = low + (high - low) / 2;
        if before(keys.value(middle)) { low = middle + 1 } else { high = middle }
    }
    low
}

/// The persons of a batch in order, and for each input the position of each row's person.
pub(super) struct PersonPositions {
    pub(super) persons: Vec<Pseudonym>,
    pub(super) rows: Vec<Vec<u32>>,
}

impl PersonPositions {
    pub(super) fn of(batch: &PersonBatch) -> Self {
        let keys: Vec<Vec<u128>> = batch.columns.iter().map(|columns| keys(&columns[0])).collect();
        let mut next = vec![0; keys.len()];
        let mut rows: Vec<Vec<u32>> = keys.iter().map(|k| Vec::with_capacity(k.len())).collect();
        let mut persons = Vec::new();
        while let Some(least) = keys.iter().zip(&next).filter_map(|(keys, &at)| keys.get(at)).min() {
            let person = persons.len() as u32;
            for (input, keys) in keys.iter().enumerate() {
                while keys.get(next[input]) == Some(least) {
                    rows[input].push(person);
                    next[input] += 1;
                }
            }
            persons.push(Pseudonym(least.to_be_bytes()));
        }
        Self { persons, rows }
    }
}
