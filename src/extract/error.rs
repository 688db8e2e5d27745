//! Errors of the extract stage.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::ConfigError;
use crate::crypto::{KeyFileError, SealingError};
use crate::exchange::{
    CohortListError, DeliveryBuildError, DeliveryError, JobFileError, JobRowsError, MAX_PERSON_ROWS, SigningError,
};
use crate::files::FileError;
use crate::table::{SourceError, StoreError};
use salanimi_core::{Id, RandomnessError, Reason};

/// Error in making or checking an extract.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum ExtractError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(transparent)]
    CohortList(#[from] CohortListError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    DeliveryBuild(#[from] DeliveryBuildError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Sealing(#[from] SealingError),
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error("the delivery was made with another {what}; give the {what} of this delivery")]
    OtherDelivery { what: &'static str },
    #[error(transparent)]
    OldCodes(#[from] OldCodesError),
    #[error(transparent)]
    List(#[from] ListError),
    #[error(
        "table '{table}': {rejected} of {records} records were rejected, more than the {most} % that the contract \
         allows, {main}; see {ledger} for rows and reasons"
    )]
    TooManyRejects { table: Id, rejected: u64, records: u64, most: f64, main: MainReason, ledger: PathBuf },
    #[error(
        "table '{table}': {rejected} of {records} records were rejected, more than the {most} % that the contract \
         allows, {main}; run `extract --dry-run` to see rows and reasons"
    )]
    TooManyRejectsForList { table: Id, rejected: u64, records: u64, most: f64, main: MainReason },
    #[error(
        "'{holder}' has none of the tables under [population] of the contract, so it has no persons for a list; ask a \
         holder that has one"
    )]
    NoPopulation { holder: Id },
    #[error("no person was selected, and an empty list selects no one; check the window, the lists and the sources")]
    EmptyCohort,
    #[error(
        "table '{table}': {repeats} rows repeat a unique key, which the contract refuses; remove them from the source"
    )]
    Duplicates { table: Id, repeats: u64 },
    #[error(
        "table '{table}': more than {MAX_PERSON_ROWS} rows of one person, so many that the identifier stands for no \
         person; remove them from the source"
    )]
    TooManyRows { table: Id },
    #[error(
        "the run stops on warnings: {reasons} | correct the source or the holder file, or explain a warning under \
         [[accept]] of the contract"
    )]
    Stopped { reasons: String },
    #[error("the holder file must describe exactly one source of table '{table}'; correct the table or the file")]
    OneSource { table: Id },
    #[error("linkage without codes reads table '{table}', which needs all rows at once; run `salanimi extract`")]
    LinkageInBatches { table: Id },
    #[error(transparent)]
    JobFile(#[from] JobFileError),
    #[error("not a statement of a process of this job about this table; pass statements on unchanged")]
    NotStatement,
    #[error("table '{table}': a row has no file name or no position from 0; give both columns to every row")]
    NoPlace { table: Id },
    #[error("the path of an input is not UTF-8, so it cannot be passed to other processes; rename it")]
    PathNotText,
    /// Of an input on this host.
    #[error(transparent)]
    Host(Box<Self>),
    #[error("the {what} on this host is another one than that of the job; copy the same file to every host")]
    OtherInput { what: String },
    #[error(
        "table '{table}': many processes read Parquet only; convert the source, and set `format` in the holder file"
    )]
    NotParquet { table: Id },
    #[error("the holder file describes no source of table '{table}'; correct the name of the table")]
    NoTable { table: Id },
    #[error("table '{table}': tables are added once each, in the contract's order; one is missing or out of order")]
    TableOrder { table: Id },
    #[error(transparent)]
    JobRows(#[from] JobRowsError),
    #[error("table '{table}': there is no part number {part}; number parts from 0")]
    NoSuchPart { table: Id, part: usize },
    #[error("table '{table}': rows of another part than number {part}; this is a bug in salanimi, please report it")]
    OtherPart { table: Id, part: usize },
    #[error("table '{table}': the rows were not added; add what the processes stated that read them first")]
    NoRows { table: Id },
    #[error("table '{table}': the rows were added before; go on with the parts")]
    RowsTwice { table: Id },
    #[error("table '{table}': what a process read is stated twice; pass on one statement of each")]
    StatedTwice { table: Id },
    #[error(
        "table '{table}': a part is missing or stated twice, or the rows that were written ({stated}) are not those \
         that were read and kept ({kept}); run each part, and pass on one statement of each"
    )]
    MissingParts { table: Id, stated: u64, kept: u64 },
    #[error("table '{table}': the source files hold no record; check that the export is complete")]
    NothingRead { table: Id },
    #[error(
        "table '{table}' does not balance: {records} records in, {accounted} accounted for; this is a bug in \
         salanimi, please report it"
    )]
    Unbalanced { table: Id, records: u64, accounted: u64 },
    #[error("{path}: the file exists and is not a rejects ledger; choose another place with --rejects FILE")]
    LedgerTaken { path: PathBuf },
    #[error("{path}: {source}; free disk space or choose another place for the rejects ledger with --rejects FILE")]
    Ledger { path: PathBuf, source: io::Error },
    #[error("a person list is given, but the tables have several kinds of identifier; a list has one kind")]
    SeveralKinds,
}

/// The most frequent reason for which records were rejected.
#[derive(Debug)]
pub struct MainReason {
    /// Records rejected for it in one column.
    pub records: u64,
    /// The reason.
    pub reason: Reason,
    /// Column of the contract; `None` for unreadable rows.
    pub column: Option<Id>,
}

impl fmt::Display for MainReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { records, reason, column } = self;
        write!(f, "{records} of them for {reason}")?;
        if let Some(column) = column {
            write!(f, " in column '{column}'")?;
        }
        let hint = match reason {
            Reason::NotInForce | Reason::ZerosLost => "a spreadsheet turns 091 into 91: export codes as text",
            Reason::Date => "check `dates` in the holder file",
            Reason::Number => "check `decimal` and `thousands` in the holder file",
            Reason::UnknownCode => "check `codes` in the holder file",
            Reason::Missing => "check `columns` and `missing` in the holder file",
            Reason::RowShape => "check `delimiter` and the quotation marks",
            _ => return Ok(()),
        };
        write!(f, " ({hint})")
    }
}

/// Error in a table of changed identifiers.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum OldCodesError {
    #[error("{path}: {source}; check the path under `old_codes` in the holder file")]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{path}: not UTF-8 separated by `;` with the headers '{old}' and '{new}'; correct the file or `old_codes` in \
         the holder file"
    )]
    Header { path: PathBuf, old: String, new: String },
    #[error("{path}: line {line} is not a pair of identifiers; correct or remove it")]
    Line { path: PathBuf, line: u64 },
    #[error("{path}: line {line}, column '{column}': {reason}; correct or remove the line")]
    Identifier { path: PathBuf, line: u64, column: String, reason: Reason },
    #[error("{path}: lines {first} and {second} change one identifier into two; remove the wrong line")]
    Fork { path: PathBuf, first: u64, second: u64 },
    #[error("{path}: the changes from line {line} on lead back to the old identifier (a cycle); remove the wrong line")]
    Cycle { path: PathBuf, line: u64 },
}

/// Error in a person list.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum ListError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: line {line}: {reason}; a list has one identifier a line; correct or remove the line")]
    Identifier { path: PathBuf, line: u64, reason: Reason },
    #[error(transparent)]
    Cohort(#[from] CohortListError),
    #[error("{path}: the list is encrypted, but only a cohort list may be; give it unencrypted")]
    Encrypted { path: PathBuf },
    #[error(
        "{path}: an unencrypted list beside the signature of an encrypted one; ask the holder who sent it, or give \
         your own list under another name"
    )]
    NotEncrypted { path: PathBuf },
    #[error(
        "{path}: the contract marks no column with `area = true` in the tables that you deliver, so the list would \
         protect nobody; ask the keeper of the contract, or leave these persons out with --exclude"
    )]
    NothingToProtect { path: PathBuf },
    #[error("{path}: the list is empty; give a list of at least one person, or no list")]
    Empty { path: PathBuf },
}

impl ExtractError {
    /// Returns true if this host cannot take part in the job, however often it is tried: it has another version of the
    /// program, lacks an input, or has another one.
    #[must_use]
    pub fn is_of_host(&self) -> bool {
        matches!(self, Self::Host(_) | Self::JobFile(JobFileError::OtherTool { .. }))
    }
}
