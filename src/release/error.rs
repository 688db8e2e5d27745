//! Errors and refusals of a release.

use std::path::PathBuf;

use super::hierarchy::HierarchyError;
use crate::config::ConfigError;
use crate::crypto::Digest;
use crate::exchange::{DeliveryError, FolderError};
use crate::table::{SourceError, StoreError};
use salanimi_core::Id;

/// Reasons for which nothing is released.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
#[non_exhaustive]
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
    #[error("{path}: lies inside the linked dataset, which must not change; choose another output folder")]
    Inside { path: PathBuf },
    #[error("{path}: linked for the study '{found}', but the contract is of '{expected}'; use that study's contract")]
    Study { path: PathBuf, found: Id, expected: Id },
    #[error(
        "{path}: linked under another contract ({found}, this one is {expected}); use the contract of the link, or \
         link again"
    )]
    Exchange { path: PathBuf, found: Digest, expected: Digest },
    #[error(
        "the contract has no section [release], so nothing may leave; agree on the release with the controller, and \
         add it"
    )]
    NothingAgreed,
    #[error("release '{name}': the linked dataset has no table '{table}'; correct the name, or remove the release")]
    NoTable { name: Id, table: String },
    #[error("release '{name}': table '{table}' has no column '{column}'; correct the name")]
    NoColumn { name: Id, table: String, column: String },
    #[error("release '{name}': column '{column}' identifies persons and must never leave; remove it from the release")]
    Identifier { name: Id, column: String },
    #[error(
        "column '{column}' of the linked dataset holds decimals, bytes or other values that cannot be released; \
         choose another column, or link again if the dataset was changed"
    )]
    NotReleasable { column: String },
    #[error("release '{name}': a count is too large for the output format; count by finer values")]
    CountTooLarge { name: Id },
    #[error("release '{name}': column '{column}' has no level {level} of generalisation; it has {levels}")]
    Level { name: Id, column: String, level: usize, levels: usize },
    #[error("release '{name}': {hierarchy}")]
    Hierarchy { name: Id, hierarchy: HierarchyError },
    #[error("release '{name}': column '{column}' holds no whole numbers, so it cannot be summed; choose another")]
    NotSummed { name: Id, column: String },
    #[error("release '{name}': sums cannot be rounded safely; use protect = \"suppress\"")]
    SumRounded { name: Id },
    #[error(
        "release '{name}': {cells} cells are more than the {most} that can be protected; count by fewer columns, or \
         by coarser levels"
    )]
    TooManyCells { name: Id, cells: usize, most: usize },
    #[error(
        "releases '{first}' and '{second}' count by different levels of '{column}', from which small cells can be \
         computed; use one level, or protect = \"round\""
    )]
    TwoLevels { first: Id, second: Id, column: String },
    #[error(
        "release '{name}': persons have several rows in table '{table}', so one class of similar rows may be one \
         person; release a table with one row for each person"
    )]
    SeveralRows { name: Id, table: String },
    #[error(
        "release '{name}': the quasi-identifiers have too many combinations of levels or values to search; name \
         fewer, or give them fewer levels"
    )]
    TooFine { name: Id },
    #[error("two releases have the name '{name}'; rename one")]
    Twice { name: Id },
    #[error(
        "release '{name}' is refused: no generalisation gives classes of at least {k} rows with {l} different \
         sensitive values; the nearest rule that can be met is min_k = {most_k} and min_l = {most_l}; \
         change the rule, or release other columns"
    )]
    Unlike { name: Id, k: u64, l: u32, most_k: u64, most_l: u32 },
    #[error(
        "release '{name}' is refused: a small cell can be computed from the others, however many are suppressed; \
         count by fewer columns, or use protect = \"round\""
    )]
    Unprotected { name: Id },
    #[error(
        "releases '{first}' and '{second}' are refused: the difference of two cells discloses a group of fewer than \
         {min} persons; release one of them, or use protect = \"round\""
    )]
    Difference { first: Id, second: Id, min: u32 },
    #[error(
        "releases '{first}' and '{second}' are refused: two sets of rows of the same persons can be joined; release \
         one of them"
    )]
    RowsTwice { first: Id, second: Id },
    #[error(
        "releases '{rows}' and '{table}' are refused: exact counts disclose how many persons are suppressed in the \
         rows; use protect = \"round\", or release one of them"
    )]
    RowsCounted { rows: Id, table: Id },
    #[error(
        "release '{name}' is refused: column '{column}' is quasi-identifying, but `quasi` does not name it; name it \
         there, or remove the column"
    )]
    NotQuasi { name: Id, column: Id },
}

impl ReleaseError {
    /// Returns true if the data is in order and its disclosure is refused.
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
