//! What a delivery's tables hold, counted again and held against its account.

use arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use arrow::compute::concat_batches;
use arrow::datatypes::Schema;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::config::Contract;
use crate::crypto::{Digest, Hasher};
use crate::exchange::{Delivery, DeliveryError, TableEntry};
use crate::table::{Field, ParquetTable, SourceError, carried, content_digest, is_sorted, keys};
use salanimi_core::Id;

/// A table is not what the account says.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub(super) enum ContentsError {
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("table '{table}': {what} not what the account says; ask the holder for the delivery again")]
    Other { table: Id, what: &'static str },
    #[error(
        "table '{table}': rows are not in order, or a code is not one of the contract's; ask the holder for it again"
    )]
    Form { table: Id },
}

/// One row group, counted.
struct Group {
    digest: Digest,
    rows: u64,
    nulls: Vec<u64>,
    persons: u64,
    /// The first and last key, if there are rows.
    edges: Option<(u128, u128)>,
}

/// Counts every table again; the rows in all.
pub(super) fn check(delivery: &Delivery, contract: &Contract) -> Result<u64, ContentsError> {
    let mut rows = 0;
    for (entry, (position, table)) in delivery.account.tables.iter().zip(delivery.tables(contract)?) {
        rows += check_table(entry, &contract.tables[position].fields, &table)?;
    }
    Ok(rows)
}

fn check_table(entry: &TableEntry, fields: &[Field], table: &ParquetTable) -> Result<u64, ContentsError> {
    let form = || ContentsError::Form { table: entry.name.clone() };
    let groups = (0..table.row_groups()).into_par_iter();
    let groups: Vec<Group> =
        groups.map(|number| count(fields, table, number)?.ok_or_else(form)).collect::<Result<_, ContentsError>>()?;
    let edges: Vec<(u128, u128)> = groups.iter().filter_map(|group| group.edges).collect();
    // No person is in two row groups.
    if edges.windows(2).any(|pair| pair[0].1 >= pair[1].0) {
        return Err(form());
    }
    let mut contents = Hasher::default();
    groups.iter().for_each(|group| contents.update(group.digest.as_bytes()));
    let sum = |count: fn(&Group) -> u64| groups.iter().map(count).sum::<u64>();
    let nulls = (0..fields.len()).map(|column| groups.iter().map(|group| group.nulls[column]).sum::<u64>());
    let facts = [
        ("the content's digest is", contents.finish() == entry.content_digest),
        ("the number of rows is", sum(|group| group.rows) == entry.rows),
        ("the number of persons is", sum(|group| group.persons) == entry.persons),
        ("the columns are", entry.columns.iter().map(|c| &c.name).eq(fields.iter().map(|f| &f.name))),
        ("the numbers of nulls are", entry.columns.iter().map(|column| column.nulls).eq(nulls)),
    ];
    match facts.into_iter().find(|(_, holds)| !holds) {
        Some((what, _)) => Err(ContentsError::Other { table: entry.name.clone(), what }),
        None => Ok(sum(|group| group.rows)),
    }
}

/// A row group, counted; none if its rows are not in order or a column is not of its field's form.
fn count(fields: &[Field], table: &ParquetTable, number: usize) -> Result<Option<Group>, ContentsError> {
    let batches = table.batches(number..number + 1)?.collect::<Result<Vec<RecordBatch>, _>>()?;
    let Some(columns) = columns(fields, &batches) else { return Ok(None) };
    if columns[0].null_count() > 0 || !is_sorted(&columns) {
        return Ok(None);
    }
    let keys = keys(&columns[0]);
    Ok(Some(Group {
        digest: content_digest(fields, &columns),
        rows: keys.len() as u64,
        nulls: columns.iter().map(|column| column.null_count() as u64).collect(),
        persons: keys.chunk_by(|a, b| a == b).count() as u64,
        edges: keys.first().copied().zip(keys.last().copied()),
    }))
}

/// The columns of `batches`, joined, in carried form.
fn columns(fields: &[Field], batches: &[RecordBatch]) -> Option<Vec<ArrayRef>> {
    let Some(first) = batches.first() else {
        return Some(fields.iter().map(|field| new_empty_array(&field.value.carried())).collect());
    };
    let schema: &Schema = first.schema_ref();
    let joined = concat_batches(&schema.clone().into(), batches).ok()?;
    joined.columns().iter().zip(fields).map(|(column, field)| carried(column, &field.value)).collect()
}
