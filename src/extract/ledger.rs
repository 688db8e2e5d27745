//! The rejects ledger: which rows were rejected and why, for the holder alone. Never the value.

use std::io::{self, Write};
use std::path::Path;

use crate::domain::Reason;

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

/// Writes the ledger to `path` in one step, readable by its owner alone; an earlier one there is replaced.
pub(super) fn write(path: &Path, sections: &[Section<'_>]) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder)?;
    let mut text = io::BufWriter::new(&file);
    text.write_all(b"table;file;row;column;reason\n")?;
    for section in sections {
        for rejected in section.rejected {
            let file = &section.files[rejected.file as usize];
            let column = rejected.column.map_or("", |c| section.columns[c as usize]);
            writeln!(text, "{};{file};{};{column};{}", section.table, rejected.row, rejected.reason)?;
        }
    }
    text.flush()?;
    drop(text);
    file.persist(path)?;
    Ok(())
}
