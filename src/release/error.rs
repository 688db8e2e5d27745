use std::path::PathBuf;

use crate::config::ConfigError;
use crate::crypto::Digest;
use crate::exchange::{DeliveryError, FolderError};
use crate::table::{SourceError, StoreError};
use salanimi_core::Id;

/// Nothing was released.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum ReleaseError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Linked(#[from] DeliveryError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{path}: no linked dataset of this tool; give the folder that `link` made")]
    NotLinked { path: PathBuf },
    #[error("{path}: lies inside the linked dataset, which is not written into; choose another output folder")]
    Inside { path: PathBuf },
    #[error("{path}: linked for the study '{found}', the contract is of '{expected}'; use that study's contract")]
    Study { path: PathBuf, found: Id, expected: Id },
    #[error(
        "{path}: linked under another contract ({found}, this one is {expected}); use the contract of the link, or link again"
    )]
    Exchange { path: PathBuf, found: Digest, expected: Digest },
    #[error(
        "the contract has no section [release], so nothing may leave; agree with the controller on what may, and add it"
    )]
    NothingAgreed,
    #[error("release '{name}': the linked dataset has no table '{table}'; correct the name, or leave it out")]
    NoTable { name: Id, table: String },
    #[error("release '{name}': table '{table}' has no column '{column}'; correct the name")]
    NoColumn { name: Id, table: String, column: String },
    #[error(
        "release '{name}': column '{column}' identifies persons or what belongs to them, and never leaves; leave it out"
    )]
    Identifier { name: Id, column: String },
    #[error("release '{name}': column '{column}' has no level {level} of generalisation; it has {levels}")]
    Level { name: Id, column: String, level: usize, levels: usize },
    #[error("release '{name}': {hierarchy}")]
    Hierarchy { name: Id, hierarchy: super::hierarchy::HierarchyError },
    #[error("release '{name}': '{column}' is no column of whole numbers, so it cannot be summed; choose another")]
    NotSummed { name: Id, column: String },
    #[error("release '{name}': sums cannot be rounded safely; say protect = \"suppress\"")]
    SumRounded { name: Id },
    #[error(
        "release '{name}': {cells} cells are more than the {most} that can be protected; count by less, or by coarser levels"
    )]
    TooManyCells { name: Id, cells: usize, most: usize },
    #[error(
        "release '{first}' and '{second}' count by different levels of '{column}', from which small cells can be computed; use one level, or protect = \"round\""
    )]
    TwoLevels { first: Id, second: Id, column: String },
    #[error(
        "release '{name}': persons have several rows in table '{table}', so rows that are alike may be one person's; release rows of a table with one row for each person"
    )]
    SeveralRows { name: Id, table: String },
    #[error(
        "release '{name}': its quasi-identifiers have too many levels or values together to be searched; name fewer, or give them fewer levels"
    )]
    TooFine { name: Id },
    #[error("two releases are called '{name}'; rename one")]
    Twice { name: Id },
    #[error(
        "release '{name}' is refused: no generalisation leaves everyone among at least {k} rows alike with {l} different sensitive values; the nearest rule that one could meet is min_k = {most_k} and min_l = {most_l}. Change the rule, or release other columns"
    )]
    Unlike { name: Id, k: u64, l: u32, most_k: u64, most_l: u32 },
    #[error(
        "release '{name}' is refused: a small cell can be computed from the others whatever is left out; count by less, or say protect = \"round\""
    )]
    Unprotected { name: Id },
    #[error(
        "releases '{first}' and '{second}' are refused: subtracting a cell of one from a cell of the other tells of fewer than {min} people; release one of them, or say protect = \"round\""
    )]
    Difference { first: Id, second: Id, min: u32 },
    #[error(
        "releases '{first}' and '{second}' are refused: rows of persons that leave twice can be joined with each other; release them once"
    )]
    RowsTwice { first: Id, second: Id },
    #[error(
        "releases '{rows}' and '{table}' are refused: exact counts of the persons tell how many were left out of the rows; say protect = \"round\", or release one of them"
    )]
    RowsCounted { rows: Id, table: Id },
    #[error(
        "release '{name}' is refused: column '{column}' is quasi-identifying, and `quasi` does not name it; name it there, or leave the column out"
    )]
    NotQuasi { name: Id, column: Id },
}

impl ReleaseError {
    /// Whether the data was in order and its disclosure refused.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NothingAgreed
                | Self::Unlike { .. }
                | Self::Unprotected { .. }
                | Self::Difference { .. }
                | Self::RowsTwice { .. }
                | Self::RowsCounted { .. }
                | Self::NotQuasi { .. }
        )
    }
}
