//! The rejects ledger: rejected rows and their reasons, and rows that were kept without an identifier, for the holder
//! alone. Never a value.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::{folder_of, replace};
use salanimi_core::Reason;

/// Ending of the rejects ledger's name, after the name of its delivery's folder.
pub const LEDGER_ENDING: &str = ".rejects.csv";

/// A rejected record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rejected {
    /// Position of the file among the table's source files.
    pub(super) file: u32,
    /// Line of a CSV file, row of a Parquet file.
    pub(super) row: u64,
    /// Position of the contract's column; `None` for an unreadable row.
    pub(super) column: Option<u32>,
    pub(super) reason: Reason,
}

/// Rejected records of one table, with the names of its files and columns.
pub(super) struct Section<'a> {
    pub(super) table: &'a str,
    pub(super) files: &'a [String],
    pub(super) columns: Vec<&'a str>,
    pub(super) rejected: &'a [Rejected],
    /// Records that were kept although they have no identifier.
    pub(super) without_code: &'a [Rejected],
}

/// Follows the reason of a record that was kept.
const KEPT: &str = ", kept without a code";
/// First line of every ledger.
const HEADER: &[u8] = b"table;file;row;column;reason\n";

/// Error in writing the ledger.
pub(super) enum LedgerProblem {
    /// Another file is at its place.
    Taken,
    /// Error of the disk or the folder.
    Io(io::Error),
}

impl From<io::Error> for LedgerProblem {
    /// Drops the name of the temporary file, which means nothing to a user.
    fn from(error: io::Error) -> Self {
        Self::Io(if error.raw_os_error().is_some() { error } else { error.kind().into() })
    }
}

/// Checks that the ledger can be written at `path`, before any source is read.
pub(super) fn check_place(path: &Path) -> Result<(), LedgerProblem> {
    refuse_other(path)?;
    Ok(tempfile::tempfile_in(folder_of(path)).map(drop)?)
}

/// Writes the ledger to `path` in one step, readable by its owner alone. Replaces an earlier ledger, and no other file.
pub(super) fn write(path: &Path, sections: &[Section<'_>]) -> Result<(), LedgerProblem> {
    refuse_other(path)?;
    replace(path, |text| {
        text.write_all(HEADER)?;
        for section in sections {
            let lists = [(section.rejected, ""), (section.without_code, KEPT)];
            for (record, note) in lists.iter().flat_map(|(records, note)| records.iter().map(move |r| (r, note))) {
                let file = &section.files[record.file as usize];
                let column = record.column.map_or("", |c| section.columns[c as usize]);
                writeln!(text, "{};{file};{};{column};{}{note}", section.table, record.row, record.reason)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Refuses to replace any file but an earlier ledger: it could be a source.
fn refuse_other(path: &Path) -> Result<(), LedgerProblem> {
    let mut start = Vec::new();
    match File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut start)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
        Ok(_) if start == HEADER => Ok(()),
        Ok(_) => Err(LedgerProblem::Taken),
    }
}
