//! A process that merges one range of the pseudonym.

use std::path::Path;

use super::super::account::Account;
use super::super::error::LinkError;
use super::super::filled::{FilledTable, FilledTables};
use super::super::merge::KeyRange;
use super::super::tables::LinkedTables;
use super::job_file::JobFile;
use super::statements::{RANGES, RangeStatement};
use crate::exchange::{Host, RowsFileWriter};
use crate::progress::NoProgress;
use salanimi_core::LinkKeys;

/// Merges range number `range` for the job in `folder`, with about `memory` bytes for rows that wait. The name of the
/// file with the rows has `attempt`, which no other attempt at this range may have. States what was merged, for
/// [`LinkJob::add_ranges`](super::LinkJob::add_ranges).
///
/// # Errors
/// The folder has no job file, an input on this host is missing or another one than that of the job, there is no such
/// range, a delivery is damaged, or the folder cannot be written.
pub fn link_range(folder: &Path, range: usize, attempt: u64, memory: usize, host: Host) -> Result<Vec<u8>, LinkError> {
    let opened = JobFile::read(folder)?.open(folder, host)?;
    let contract = &opened.contract;
    let ranges = KeyRange::parts(opened.parts.number());
    let key_range = ranges.get(range).ok_or(LinkError::NoSuchPart { part: range, parts: ranges.len() })?;
    let inputs = opened.tables()?;
    let keys = LinkKeys::new(&opened.key, &contract.study.id);
    let tables = LinkedTables::new(&opened.setup(&inputs, &keys, (folder, memory)))?;
    let mut account = Account::of(contract, &inputs);
    account.add(tables.merge_range(key_range, &NoProgress)?);
    let FilledTables { tables, references, sums, .. } = tables.finish();
    let name = format!("range-{range:05}-{attempt}.rows");
    let mut file = RowsFileWriter::create(folder, name, opened.keys().rows())?;
    let mut counts = Vec::new();
    let sorters = tables.into_iter().map(|FilledTable { sorter, .. }| sorter).chain(references.into_sorters());
    for (table, sorter) in sorters.enumerate() {
        let sorted = sorter.finish()?;
        counts.push(sorted.rows());
        for part in 0..opened.parts.number() {
            for rows in sorted.rows_of_part(opened.parts, part) {
                file.add(table, part, &rows?)?;
            }
        }
    }
    let statement = RangeStatement { range, rows: file.finish()?, counts, account, sums };
    Ok(opened.keys().statements().seal(RANGES, &statement))
}
