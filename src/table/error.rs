//! Errors of reading sources and of storing tables.

use std::io;
use std::path::PathBuf;

/// A source file cannot be read. Names the file and the place, never a value, nor a header that the file holds.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message states the meaning of its fields")]
#[non_exhaustive]
pub enum SourceError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{path}: holds rows of another part of the table; do not use the delivery, and ask the holder for a new one"
    )]
    OtherPart { path: PathBuf },
    #[error("{path}: the file is empty; it needs a header and rows")]
    Empty { path: PathBuf },
    #[error("{path}: not a text file (it holds zero bytes: UTF-16 or binary); export it as UTF-8 or latin-1 text")]
    NotText { path: PathBuf },
    #[error(
        "{path}: line {line} is not UTF-8; if the file is latin-1, set `encoding = \"latin-1\"` in the holder file"
    )]
    NotUtf8 { path: PathBuf, line: u64 },
    #[error(
        "{path}: line {line} is UTF-8, but the holder file declares latin-1; set `encoding = \"utf-8\"` there, or \
         export the file in one encoding"
    )]
    LooksUtf8 { path: PathBuf, line: u64 },
    #[error("{path}: {found}, not a text with separators; {remedy}")]
    OtherFormat { path: PathBuf, found: &'static str, remedy: &'static str },
    #[error("{path}: cannot be decompressed (damaged or truncated); ask for it again")]
    Decompress { path: PathBuf },
    #[error(
        "{path}: the file ends within line {line}, which has fewer fields than the header: the transfer was probably \
         cut off; ask for the file again"
    )]
    Truncated { path: PathBuf, line: u64 },
    #[error("{path}: the lines end in a carriage return alone; export the file with the line ends of Windows or Unix")]
    BareReturns { path: PathBuf },
    #[error("{path}: the first line states the separator for a spreadsheet (`sep=`); delete that line")]
    SeparatorLine { path: PathBuf },
    #[error("{path}: the header is on line {line}; delete the lines above it")]
    HeaderBelow { path: PathBuf, line: u64 },
    #[error("{path}: column {position} of the header has no name; delete empty columns or name them in the file")]
    UnnamedColumn { path: PathBuf, position: usize },
    #[error(
        "{path}: the header is not separated by {} but probably by {}; set `delimiter` in the holder file",
        separator(*.expected), separator(*.found)
    )]
    Delimiter { path: PathBuf, expected: char, found: char },
    #[error(
        "{path}: the header of {found} columns lacks the column '{name}'{}; \
         correct `columns` in the holder file or the file", hint(*.close)
    )]
    MissingColumn { path: PathBuf, name: String, found: usize, close: Option<usize> },
    #[error(
        "{path}: column {position} of the header is not in the holder file; \
         map it under `columns` or list it under `ignore`"
    )]
    ExtraColumn { path: PathBuf, position: usize },
    #[error("{path}: columns {first} and {second} of the header have the same name; rename one in the file")]
    DuplicateHeader { path: PathBuf, first: usize, second: usize },
    #[error("{path}: line {line} opens a quotation mark that is never closed; close it or remove it")]
    OpenQuote { path: PathBuf, line: u64 },
    #[error(
        "{path}: not a readable Parquet file (damaged, truncated, encrypted or of another format); ask for it again"
    )]
    NotParquet { path: PathBuf },
    #[error("{path}: a row group cannot be decoded (damaged, or compressed by an unknown method); ask for it again")]
    Decode { path: PathBuf },
    #[error("{path}: not a SAS data set (.sas7bdat) that can be read; ask for it again, or for CSV or Parquet")]
    NotSas { path: PathBuf },
    #[error("{path}: the SAS data set is damaged or truncated: it holds other rows than it states; ask for it again")]
    DamagedSas { path: PathBuf },
    #[error("{path}: the SAS data set states an unknown encoding; set `encoding` in the holder file")]
    SasEncoding { path: PathBuf },
    #[error(
        "{path}: row {row} holds text that is not of the encoding that the SAS data set states; set `encoding` in the \
         holder file"
    )]
    SasText { path: PathBuf, row: u64 },
    #[error("{path}: the rows are far larger than the file, as in no table of a register; ask for another file")]
    Inflated { path: PathBuf },
    #[error("{path}: a part of it declares more memory than allowed; raise --memory if you trust the file's origin")]
    TooLarge { path: PathBuf },
    #[error(
        "{path}: column '{name}' holds {found}, the contract needs {expected}; \
         correct `columns` in the holder file or the file"
    )]
    WrongType { path: PathBuf, name: String, found: String, expected: &'static str },
    #[error(
        "{path}: column '{name}' holds times with a time zone, of which Parquet keeps only the time in UTC, so the day \
         is not known; export the column as a date"
    )]
    ZonedTime { path: PathBuf, name: String },
}

/// Returns the hint at a column whose name is close to a missing one.
fn hint(close: Option<usize>) -> String {
    close.map_or_else(String::new, |position| format!(" (column {position} has a name close to it)"))
}

/// A table of this tool cannot be written, or spilled rows cannot be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message states the meaning of its fields")]
#[non_exhaustive]
pub enum StoreError {
    #[error("{path}: {source}; free disk space or choose another output folder, then run again")]
    Io { path: PathBuf, source: io::Error },
    #[error("spilling next to {path}: {source}; free disk space or raise --memory, then run again")]
    Spill { path: PathBuf, source: io::Error },
    #[error(
        "column '{column}': about {rows} rows have more than 2 GiB of text together; deliver the column as codes, or \
         drop it"
    )]
    TooMuchText { column: String, rows: u64 },
    #[error("{path}: encoding failed ({message}); this is a bug in salanimi, please report it")]
    Encode { path: PathBuf, message: String },
}

impl StoreError {
    pub(crate) fn encode(path: &std::path::Path, error: &impl std::fmt::Display) -> Self {
        Self::Encode { path: path.to_owned(), message: error.to_string() }
    }
}

fn separator(character: char) -> String {
    if character == '\t' { "a tab".to_owned() } else { format!("'{character}'") }
}
