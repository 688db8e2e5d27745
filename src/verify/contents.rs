//! Contents of a delivery's tables, counted again and compared with its account.

use arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use arrow::compute::concat_batches;
use arrow::datatypes::Schema;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::config::{Contract, Table};
use crate::crypto::{Digest, Hasher};
use crate::exchange::{Delivery, DeliveryError, MAX_PERSON_ROWS, RowFault, RowRules, TableEntry};
use crate::table::{Field, ParquetTable, SourceError, content_digest, decode_column, is_sorted, keys};
use salanimi_core::Id;

/// A table differs from the account.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub(super) enum ContentsError {
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("table '{table}': {fact} differs from the account; ask the holder for the delivery again")]
    Difference { table: Id, fact: &'static str },
    #[error("table '{table}': rows {fault}; ask the holder for it again")]
    Rows { table: Id, fault: RowFault },
    #[error("table '{table}': more than {MAX_PERSON_ROWS} rows of one person; ask the holder for it again")]
    TooManyRows { table: Id },
    #[error("table '{table}': rows are not sorted, or a code is not in the contract; ask the holder for it again")]
    Form { table: Id },
}

/// Rows that are decoded at once: those of a row group that `extract` wrote.
const ROWS: usize = 256 << 10;

/// Counts of one row group.
struct Group {
    digest: Digest,
    rows: u64,
    nulls: Vec<u64>,
    persons: u64,
    /// First and last key, if there are rows.
    edges: Option<(u128, u128)>,
}

/// Compares every table with the account. Returns the number of rows.
pub(super) fn check(delivery: &Delivery, contract: &Contract) -> Result<u64, ContentsError> {
    let mut rows = 0;
    for (entry, (position, table)) in delivery.account.tables.iter().zip(delivery.tables(contract)?) {
        let rules = RowRules::new(contract, delivery, position);
        rows += Recount { entry, contract: &contract.tables[position], rules, table: &table }.check()?;
    }
    Ok(rows)
}

/// Returns the digest of the content of a table of `fields`; `None` if it cannot be read, or has another form.
pub(super) fn digest_of(table: &ParquetTable, fields: &[Field]) -> Option<Digest> {
    let of_group = |number: usize| {
        let batches = table.batches(number..number + 1, ROWS).collect::<Result<Vec<RecordBatch>, _>>().ok()?;
        Some(content_digest(fields, &columns(fields, &batches)?))
    };
    let groups: Vec<Digest> = (0..table.row_groups()).into_par_iter().map(of_group).collect::<Option<_>>()?;
    let mut contents = Hasher::default();
    groups.iter().for_each(|group| contents.update(group.as_bytes()));
    Some(contents.finish())
}

/// A table that is counted again.
struct Recount<'a> {
    entry: &'a TableEntry,
    contract: &'a Table,
    rules: RowRules<'a>,
    table: &'a ParquetTable,
}

impl Recount<'_> {
    fn check(&self) -> Result<u64, ContentsError> {
        let name = || self.entry.name.clone();
        let groups = (0..self.table.row_groups()).into_par_iter().map(|number| self.count(number));
        let groups: Option<Vec<Group>> = groups.collect::<Result<_, ContentsError>>()?;
        let Some(groups) = groups.filter(|groups| are_disjoint(groups)) else {
            return Err(ContentsError::Form { table: name() });
        };
        match self.differs(&groups) {
            Some(fact) => Err(ContentsError::Difference { table: name(), fact }),
            None => Ok(groups.iter().map(|group| group.rows).sum()),
        }
    }

    /// Returns the first fact in which the account differs from the row groups.
    fn differs(&self, groups: &[Group]) -> Option<&'static str> {
        let Self { entry, contract, .. } = self;
        let mut contents = Hasher::default();
        groups.iter().for_each(|group| contents.update(group.digest.as_bytes()));
        let rows: u64 = groups.iter().map(|group| group.rows).sum();
        let persons: u64 = groups.iter().map(|group| group.persons).sum();
        let nulls = (0..contract.fields.len()).map(|at| groups.iter().map(|group| group.nulls[at]).sum::<u64>());
        let facts = [
            ("the digest of the content", contents.finish() == entry.content_digest),
            ("the number of rows", rows == entry.rows),
            ("the number of persons", persons == entry.persons),
            ("the list of columns", entry.columns.iter().map(|c| &c.name).eq(contract.fields.iter().map(|f| &f.name))),
            ("the number of nulls", entry.columns.iter().map(|column| column.nulls).eq(nulls)),
        ];
        facts.into_iter().find(|(_, holds)| !holds).map(|(fact, _)| fact)
    }

    /// Counts a row group; `None` if its rows are not sorted or a column has another form than its field.
    fn count(&self, number: usize) -> Result<Option<Group>, ContentsError> {
        let fields = &self.contract.fields;
        let batches = self.table.batches(number..number + 1, ROWS).collect::<Result<Vec<RecordBatch>, _>>()?;
        let Some(columns) = columns(fields, &batches) else { return Ok(None) };
        if columns[0].null_count() > 0 {
            return Ok(None);
        }
        let keys = keys(&columns[0]);
        let longest = keys.chunk_by(|a, b| a == b).map(<[u128]>::len).max();
        if longest.is_some_and(|rows| rows > MAX_PERSON_ROWS) {
            return Err(ContentsError::TooManyRows { table: self.entry.name.clone() });
        }
        if !is_sorted(&columns) {
            return Ok(None);
        }
        let fault = |fault| ContentsError::Rows { table: self.entry.name.clone(), fault };
        self.rules.check(&columns).map_err(fault)?;
        Ok(Some(Group {
            digest: content_digest(fields, &columns),
            rows: keys.len() as u64,
            nulls: columns.iter().map(|column| column.null_count() as u64).collect(),
            persons: keys.chunk_by(|a, b| a == b).count() as u64,
            edges: keys.first().copied().zip(keys.last().copied()),
        }))
    }
}

/// Returns true if the keys of each row group are below those of the next: no person is in two row groups.
fn are_disjoint(groups: &[Group]) -> bool {
    let edges: Vec<(u128, u128)> = groups.iter().filter_map(|group| group.edges).collect();
    edges.windows(2).all(|pair| pair[0].1 < pair[1].0)
}

/// Joins the columns of `batches`, in memory form.
fn columns(fields: &[Field], batches: &[RecordBatch]) -> Option<Vec<ArrayRef>> {
    let Some(first) = batches.first() else {
        return Some(fields.iter().map(|field| new_empty_array(&field.value.memory_type())).collect());
    };
    let schema: &Schema = first.schema_ref();
    let joined = concat_batches(&schema.clone().into(), batches).ok()?;
    joined.columns().iter().zip(fields).map(|(column, field)| decode_column(column, &field.value)).collect()
}
