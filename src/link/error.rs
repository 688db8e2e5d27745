//! Errors of a link.

use salanimi_core::RandomnessError;
use std::io;
use std::path::PathBuf;

use crate::config::ConfigError;
use crate::crypto::{KeyFileError, SealingError};
use crate::exchange::{
    DeliveryError, Disagreement, FolderError, JobFileError, JobRowsError, LinkagePersonsError, MAX_PERSON_ROWS,
    RowFault, StatementError,
};
use crate::files::FileError;
use crate::table::{SourceError, StoreError};

/// Deliveries could not be linked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message names its fields")]
#[non_exhaustive]
pub enum LinkError {
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error(transparent)]
    Disagreement(#[from] Disagreement),
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error(transparent)]
    Linkage(#[from] LinkagePersonsError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(
        "{title}, table '{table}': rows are not sorted by pseudonym, or hold a code that the contract does not list; \
         ask the holder for a new delivery"
    )]
    Content { title: String, table: String },
    #[error(
        "{title}, table '{table}': rows {fault}; ask the holder for a new delivery made by `extract` under this \
         contract"
    )]
    Rows { title: String, table: String, fault: RowFault },
    #[error(
        "{title}, table '{table}': more than {MAX_PERSON_ROWS} rows of one person, which no person has; ask the holder \
         for a new delivery"
    )]
    TooManyRows { title: String, table: String },
    #[error(
        "{title}, table '{table}': the account states another number of {what} than the table has; do not use it, and \
         ask the holder for a new delivery"
    )]
    Account { title: String, table: String, what: &'static str },
    #[error(
        "{title}: two persons share a linkage token, which `extract` never delivers; do not use it, and ask the holder \
         for a new delivery"
    )]
    TokenTwice { title: String },
    #[error(
        "no delivery has rows of a table of the population ({}), so nobody would be linked; add the delivery that has \
         them",
        tables.join(", ")
    )]
    NoPopulation { tables: Vec<String> },
    #[error(
        "two persons or references got the same id, which happens by chance in very few links; \
         run again, with a new link key if the key is kept"
    )]
    Collision,
    #[error(
        "table '{table}' does not balance: {rows} rows in, {accounted} accounted for; \
         this is a bug in salanimi, please report it"
    )]
    Unbalanced { table: String, rows: u64, accounted: u64 },
    #[error("the persons without an identifier do not balance; this is a bug in salanimi, please report it")]
    UnbalancedEvidence,
    #[error(
        "the link stops on warnings: {reasons} | ask the holders, or explain a warning under [[accept]] of the contract"
    )]
    Stopped { reasons: String },
    #[error("{path}: {source}; this file beside the link key lists the deliveries linked with it")]
    History { path: PathBuf, source: io::Error },
    #[error("{path}: another run links with this key; wait for it")]
    Busy { path: PathBuf },
    #[error("{path}: not the history of a link key; restore it, or make a new link key")]
    HistoryFormat { path: PathBuf },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Identity(#[from] SealingError),
    #[error("the contract links persons without an identifier, which needs all rows at once; run `salanimi link`")]
    LinkageInParts,
    #[error(transparent)]
    JobFile(#[from] JobFileError),
    #[error("not a statement of a process of this job; pass statements on unchanged")]
    NotStatement,
    #[error("the path of an input is not UTF-8, so it cannot be passed to other processes; rename it")]
    PathNotText,
    /// Of an input on this host.
    #[error(transparent)]
    Host(Box<Self>),
    #[error("the {what} on this host is another one than that of the job; copy the same files to every host")]
    OtherInput { what: String },
    #[error("there is no number {part} among {parts} parts; number them from 0")]
    NoSuchPart { part: usize, parts: usize },
    #[error("a {what} is missing or stated twice; run each one, and pass on one statement of each")]
    MissingStatements { what: &'static str },
    #[error("the ranges are not merged; add their statements first")]
    NoRanges,
    #[error("the ranges were added before; go on with the parts")]
    RangesTwice,
    #[error(transparent)]
    JobRows(#[from] JobRowsError),
    #[error("{path}: rows of another part than that of the process; this is a bug in salanimi, please report it")]
    OtherPart { path: PathBuf },
    #[error("the rows that were written ({written}) are not those that were merged ({merged}); run the job again")]
    OtherParts { written: u64, merged: u64 },
}

impl LinkError {
    /// Returns true if this host cannot take part in the job, however often it is tried: it has another version of the
    /// program, lacks an input, or has another one.
    #[must_use]
    pub fn is_of_host(&self) -> bool {
        matches!(self, Self::Host(_) | Self::JobFile(JobFileError::OtherTool { .. }))
    }
}
