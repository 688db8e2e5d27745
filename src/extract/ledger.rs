//! The rejects ledger: which rows were rejected and why, for the holder alone. Never the value.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::files::folder_of;
use salanimi_core::Reason;

/// Ending of the rejects ledger's name, after the name of its delivery's folder.
pub const LEDGER_ENDING: &str = ".rejects.csv";

/// A rejected record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rejected {
    /// Position of the file among the table's source files.
    pub(super) file: u32,
    /// Line of a CSV file, row of a Parquet file.
    pub(super) row: u64,
    /// Position of the contract's column; none if the row could not be read at all.
    pub(super) column: Option<u32>,
    pub(super) reason: Reason,
}

/// Words for a table's rejected records.
pub(super) struct Section<'a> {
    pub(super) table: &'a str,
    pub(super) files: Vec<String>,
    pub(super) columns: Vec<&'a str>,
    pub(super) rejected: &'a [Rejected],
}

/// First line of every ledger.
const HEADER: &[u8] = b"table;file;row;column;reason\n";

/// The ledger cannot be written.
pub(super) enum LedgerProblem {
    /// Another file is there.
    Other,
    /// The disk, or the folder.
    Io(io::Error),
}

impl From<io::Error> for LedgerProblem {
    /// Without the name of the file in the making, which says nothing to a user.
    fn from(error: io::Error) -> Self {
        Self::Io(if error.raw_os_error().is_some() { error } else { error.kind().into() })
    }
}

/// Refuses a place where the ledger could not be written, before anything is read.
pub(super) fn check_place(path: &Path) -> Result<(), LedgerProblem> {
    refuse_other(path)?;
    Ok(tempfile::tempfile_in(folder_of(path)).map(drop)?)
}

/// Writes the ledger to `path` in one step, readable by its owner alone; an earlier one there is replaced, and nothing
/// else ever is.
pub(super) fn write(path: &Path, sections: &[Section<'_>]) -> Result<(), LedgerProblem> {
    refuse_other(path)?;
    let file = tempfile::NamedTempFile::new_in(folder_of(path))?;
    let mut text = io::BufWriter::new(&file);
    text.write_all(HEADER)?;
    for section in sections {
        for rejected in section.rejected {
            let file = &section.files[rejected.file as usize];
            let column = rejected.column.map_or("", |c| section.columns[c as usize]);
            writeln!(text, "{};{file};{};{column};{}", section.table, rejected.row, rejected.reason)?;
        }
    }
    text.flush()?;
    drop(text);
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// What is at `path` may be an earlier ledger, but not, say, a source.
fn refuse_other(path: &Path) -> Result<(), LedgerProblem> {
    let mut start = Vec::new();
    match File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut start)) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
        Ok(_) if start == HEADER => Ok(()),
        Ok(_) => Err(LedgerProblem::Other),
    }
}
