//! A process that writes one part of one table.

use std::path::Path;

use super::super::division::file_name;
use super::super::error::ExtractError;
use super::super::written::{RowCounts, table_name};
use super::job_file::{JobFile, Opened};
use super::statements::{PartStatement, about_files, about_parts};
use crate::exchange::{Host, JobFileError, RowsFile};
use crate::files::read_regular;
use crate::table::{NewFile, Sorter, WrittenFile};
use salanimi_core::Id;

/// The most bytes of the file that tells where the rows of a part are.
const MOST_BYTES: u64 = 1 << 30;

/// Sorts and writes part number `part` of the table `name` for the job in `folder`, with about `memory` bytes for rows
/// that wait. The name of the file has `attempt`, which no other attempt at this part may have. States what was
/// written, for [`ExtractJob::add_parts`](super::ExtractJob::add_parts).
///
/// # Errors
/// The folder has no job file or the rows of the table were not added, an input on this host is missing or another one
/// than that of the job, there is no such part, a person has too many rows, or the folder cannot be written.
pub fn extract_part(
    folder: &Path,
    name: &Id,
    part: usize,
    attempt: u64,
    memory: usize,
    host: Host,
) -> Result<Vec<u8>, ExtractError> {
    let opened = JobFile::read(folder)?.open(folder, host)?;
    let table = opened.prepared.table_named(name)?;
    let fields = &opened.prepared.contract.tables[table].fields;
    if part >= opened.parts.number() {
        return Err(ExtractError::NoSuchPart { table: name.clone(), part });
    }
    let sorter = Sorter::encrypted(fields, memory, folder)?;
    let rows = read_rows(folder, name, part, &opened, &sorter)?;
    let sorted = sorter.finish()?;
    let mut of_parts = sorted.groups_of_parts(opened.parts);
    let groups = std::mem::take(&mut of_parts[part]);
    if of_parts.iter().any(|groups| !groups.is_empty()) {
        return Err(ExtractError::OtherPart { table: name.clone(), part });
    }
    let counts = RowCounts::default();
    let mut written: Option<WrittenFile> = None;
    if !groups.is_empty() {
        let data_key = opened.data_key();
        let file = file_name(name, opened.parts, part);
        let seal = data_key.as_ref().map(|key| key.seal(&table_name(&opened.prepared, name, &file)));
        let new_file = NewFile { path: folder.join(attempt_name(name, part, attempt)), groups, seal };
        written = counts.write(&opened.prepared.contract.tables[table], &sorted, &[new_file], folder)?.pop();
    }
    let statement = PartStatement {
        part,
        attempt,
        written,
        persons: counts.persons.into_inner(),
        repeats: counts.repeats.into_inner(),
        rows,
    };
    Ok(opened.statements().seal(&about_parts(name), &statement))
}

/// Hands the rows of a part, from all files, to the sorter. Returns their number.
fn read_rows(folder: &Path, name: &Id, part: usize, opened: &Opened, sorter: &Sorter) -> Result<u64, ExtractError> {
    let list = folder.join(list_name(name, part));
    if !list.exists() {
        return Err(ExtractError::NoRows { table: name.clone() });
    }
    let stated = read_regular(&list, MOST_BYTES)?;
    let files: Option<Vec<Vec<RowsFile>>> = opened.statements().open(&about_files(name), &[stated]);
    let files = files.ok_or_else(|| JobFileError::not_job(folder))?;
    let cipher = opened.rows_cipher();
    let mut number = 0;
    for file in files.into_iter().flatten() {
        file.read(folder, part, &cipher, |_, rows| {
            number += sorter.push_rows(&rows)?;
            Ok::<_, ExtractError>(())
        })?;
    }
    Ok(number)
}

/// Names the file that tells where the rows of a part are.
pub(super) fn list_name(table: &Id, part: usize) -> String {
    format!("{table}-rows-of-part-{part:05}")
}

/// Returns the name of the file of an attempt in the job's folder.
pub(super) fn attempt_name(table: &Id, part: usize, attempt: u64) -> String {
    format!("{table}-{part:05}-{attempt}.parquet")
}
