//! A process that writes one part of every table.

use std::path::Path;

use super::super::error::LinkError;
use super::super::filled::{FilledTable, FilledTables};
use super::super::tables::LinkedTables;
use super::job_file::{JobFile, Opened};
use super::statements::{PARTS, PartStatement, RANGES_READ};
use crate::exchange::{Host, JobFileError, RowsFile};
use crate::files::read_regular;
use crate::table::{Group, NewFile, Parts, SortedTable, Sorter, write_parts};
use salanimi_core::LinkKeys;

/// The most bytes of the file that tells where the rows of a part are.
const MOST_BYTES: u64 = 1 << 30;

/// Writes part number `part` of every table for the job in `folder`, with about `memory` bytes for rows that wait. The
/// names of the files have `attempt`, which no other attempt at this part may have. States what was written, for
/// [`LinkJob::add_parts`](super::LinkJob::add_parts).
///
/// # Errors
/// The folder has no job file or not all ranges are merged, an input on this host is missing or another one than that
/// of the job, there is no such part, two persons or references have one id, or the folder cannot be written.
pub fn link_part(folder: &Path, part: usize, attempt: u64, memory: usize, host: Host) -> Result<Vec<u8>, LinkError> {
    let opened = JobFile::read(folder)?.open(folder, host)?;
    let contract = &opened.contract;
    let parts = opened.parts;
    if part >= parts.number() {
        return Err(LinkError::NoSuchPart { part, parts: parts.number() });
    }
    let inputs = opened.tables()?;
    let keys = LinkKeys::new(&opened.key, &contract.study.id);
    let FilledTables { tables, references, .. } =
        LinkedTables::new(&opened.setup(&inputs, &keys, (folder, memory)))?.finish();
    let sorters: Vec<&Sorter> = tables.iter().map(|table| &table.sorter).chain(references.sorters()).collect();
    let counts = read_rows(folder, part, &opened, &sorters)?;
    let mut files = Vec::with_capacity(tables.len());
    for FilledTable { table, sorter } in tables {
        let sorted = sorter.finish()?;
        let groups = groups_of(&sorted, parts, part).ok_or_else(|| LinkError::OtherPart { path: folder.to_owned() })?;
        if groups.is_empty() {
            files.push(None);
            continue;
        }
        let path = folder.join(part_name(&table.file(), part, attempt));
        let written = write_parts(&[NewFile { path, groups, seal: None }], &table.fields, |ranges| {
            table.columns(&sorted, ranges, None)
        })?;
        files.extend(written.into_iter().map(Some));
    }
    let references = references.count(&contract.population)?;
    let statement = PartStatement { part, attempt, files, counts, references };
    Ok(opened.keys().statements().seal(PARTS, &statement))
}

/// Hands the rows of a part, from the files of all ranges, to the sorters of their tables. Returns the number of rows
/// of each table, and of each label of references.
fn read_rows(folder: &Path, part: usize, opened: &Opened, sorters: &[&Sorter]) -> Result<Vec<u64>, LinkError> {
    let list = folder.join(list_name(part));
    if !list.exists() {
        return Err(LinkError::NoRanges);
    }
    let stated = read_regular(&list, MOST_BYTES)?;
    let files: Option<Vec<Vec<RowsFile>>> = opened.keys().statements().open(RANGES_READ, &[stated]);
    let files = files.ok_or_else(|| JobFileError::not_job(folder))?;
    let cipher = opened.keys().rows();
    let mut counts = vec![0; sorters.len()];
    for file in files.into_iter().flatten() {
        file.read(folder, part, &cipher, |table, rows| {
            counts[table] += sorters.get(table).ok_or_else(|| JobFileError::not_job(folder))?.push_rows(&rows)?;
            Ok::<_, LinkError>(())
        })?;
    }
    Ok(counts)
}

/// Returns the groups of a part; `None` if there are rows of another one.
fn groups_of(sorted: &SortedTable, parts: Parts, part: usize) -> Option<Vec<Group>> {
    let mut of_parts = sorted.groups_of_parts(parts);
    let groups = std::mem::take(&mut of_parts[part]);
    of_parts.iter().all(Vec::is_empty).then_some(groups)
}

/// Names the file that tells where the rows of a part are.
pub(super) fn list_name(part: usize) -> String {
    format!("rows-of-part-{part:05}")
}

/// Names the file of an attempt at a part of the table in the file `table`.
pub(super) fn part_name(table: &str, part: usize, attempt: u64) -> String {
    format!("part-{part:05}-{attempt}-{table}")
}
