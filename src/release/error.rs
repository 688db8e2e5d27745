//! Errors and refusals of a release.

use std::path::PathBuf;

use crate::audit::RegisterFileError;
use crate::config::{ConfigError, HierarchyError};
use crate::crypto::{Digest, KeyFileError};
use crate::exchange::{DeliveryError, FolderError};
use crate::table::{SourceError, StoreError};
use salanimi_core::{Id, KeyId};

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
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Register(#[from] RegisterError),
    #[error("{path}: {source}; run again")]
    Unread { path: PathBuf, source: std::io::Error },
    #[error("{path}: no linked dataset of this tool, or a damaged one; give the folder that `link` made")]
    NotLinked { path: PathBuf },
    #[error(
        "{path}: no release of this tool, or a damaged one; give the folder of the previous release, or its register \
         digest"
    )]
    NotReleased { path: PathBuf },
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
    #[error(
        "the contract does not name the release key; add key = \"{}\" to [release], if this is the study's key",
        found.spoken()
    )]
    KeyNotNamed { found: KeyId },
    #[error(
        "the release key has the fingerprint {}, but the contract names another; use the study's key",
        found.spoken()
    )]
    OtherKey { found: KeyId },
    #[error("release '{name}': the linked dataset has no table '{table}'; correct the name, or remove the release")]
    NoTable { name: Id, table: String },
    #[error("release '{name}': table '{table}' has no column '{column}'; correct the name")]
    NoColumn { name: Id, table: String, column: String },
    #[error("release '{name}': column '{column}' identifies persons and must never leave; remove it from the release")]
    Identifier { name: Id, column: String },
    #[error(
        "release '{name}' is refused: the contract does not list the values of '{column}', and a list of those that \
         occur would disclose them; add them to [release.labels]"
    )]
    NoList { name: Id, column: String },
    #[error(
        "release '{name}': two labels of '{column}' are the same, or one is '(unknown)', '(all)' or '*'; rename it"
    )]
    Labels { name: Id, column: String },
    #[error("release '{name}': the cap of '{column}' times the base is too large for its decimals; lower it")]
    CapTooLarge { name: Id, column: String },
    #[error("release '{name}': column '{column}' holds no whole numbers, so it is no time; choose another")]
    NoTime { name: Id, column: String },
    #[error(
        "release '{name}' is refused: column '{column}' is sensitive, but neither `sensitive` nor `quasi` names it; \
         name it there, or remove the column"
    )]
    NotSensitive { name: Id, column: Id },
    #[error("release '{name}': column '{column}' has no value in the contract that the condition means; correct it")]
    NoLabel { name: Id, column: String },
    #[error(
        "release '{name}' is refused: a condition on '{column}' must be one value or one group of its hierarchy, \
         because filters that differ by few persons let them be counted"
    )]
    ManyValues { name: Id, column: String },
    #[error(
        "release '{name}' is refused: '{column}' is known only after time zero of the curve, so whoever has a value \
         has stayed until then (immortal time bias); use a column that is known at time zero"
    )]
    KnownLater { name: Id, column: String },
    #[error(
        "release '{name}' is refused: nothing says when '{column}' is known, and a curve must not use what is known \
         only later; state it under [release.known.{table}]"
    )]
    KnownUnstated { name: Id, table: String, column: String },
    #[error(
        "column '{column}' of the linked dataset holds a value that the contract does not list; add it to \
         [release.labels], or link again if the dataset was changed"
    )]
    UnlistedValue { column: String },
    #[error("table '{table}' of the linked dataset is not sorted by person; link again")]
    NotSorted { table: String },
    #[error(
        "column '{column}' of the linked dataset holds bytes, decimals or other values that cannot be released; \
         choose another column, or link again if the dataset was changed"
    )]
    NotReleasable { column: String },
    #[error(
        "column '{column}' of the linked dataset holds values that are no numbers, or too large to be read exactly; \
         choose another column"
    )]
    Inexact { column: String },
    #[error("release '{name}': a number is too large for the output format; count by finer values")]
    TooLarge { name: Id },
    #[error("release '{name}': column '{column}' has no level {level} of generalisation; it has {levels}")]
    Level { name: Id, column: String, level: usize, levels: usize },
    #[error("release '{name}': {hierarchy}")]
    Hierarchy { name: Id, hierarchy: HierarchyError },
    #[error("release '{name}': column '{column}' holds no numbers, so it cannot be summed; choose another")]
    NotSummed { name: Id, column: String },
    #[error("release '{name}': column '{column}' is no flag (true or false); choose another")]
    NoFlag { name: Id, column: String },
    #[error(
        "release '{name}' is refused: the sum of '{column}' has no `cap`, so one person could dominate it; write \
         sum = {{ column = \"{column}\", cap = … }}"
    )]
    NoCap { name: Id, column: String },
    #[error(
        "release '{name}': the sum of bands of '{column}' needs `weight`, the most rows of one person in a cell: its \
         error follows from them"
    )]
    NoWeight { name: Id, column: String },
    #[error(
        "release '{name}' is refused: under `noise` no sum of the bands of '{column}', because one person changes the \
         means of all; count its bands, or use protect = \"round\""
    )]
    BandsUnderNoise { name: Id, column: String },
    #[error(
        "release '{name}': the dataset has no means of the bands of column '{column}', because the contract did not \
         sum it at the link; link the deliveries again with this contract"
    )]
    NoMeans { name: Id, column: String },
    #[error(
        "release '{name}': {cells} cells are more than the {most} that a table may have; count by fewer columns, or \
         by coarser levels"
    )]
    TooManyCells { name: Id, cells: usize, most: usize },
    #[error(
        "release '{name}' is refused: more than {most} columns under protect = \"round\" give so many totals that \
         small groups could be computed from them; count by fewer columns"
    )]
    TooManyColumns { name: Id, most: usize },
    #[error("release '{name}': two columns of the released table would be called '{title}'; count by another column")]
    Title { name: Id, title: String },
    #[error(
        "release '{name}': persons have several rows in table '{table}'; choose a table with one row for each person"
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
        "release '{name}' is refused: rows of persons cannot be protected by noise; count persons instead, or use \
         protect = \"round\""
    )]
    RowsUnderNoise { name: Id },
    #[error(
        "release '{name}' is refused: its persons are too few for so many cells under noise; count by less, or by \
         coarser levels"
    )]
    TooSparse { name: Id },
    #[error(
        "release '{name}' is refused: no generalisation gives every class {k} rows and {l} different sensitive values \
         close enough to all; release other columns, or give the columns coarser levels"
    )]
    NoGeneralisation { name: Id, k: u64, l: u32 },
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
        match self {
            Self::Register(register) => register.is_refusal(),
            Self::NothingAgreed
            | Self::NoList { .. }
            | Self::ManyValues { .. }
            | Self::KnownLater { .. }
            | Self::KnownUnstated { .. }
            | Self::NoCap { .. }
            | Self::NoWeight { .. }
            | Self::BandsUnderNoise { .. }
            | Self::TooManyColumns { .. }
            | Self::Twice { .. }
            | Self::SeveralRows { .. }
            | Self::RowsUnderNoise { .. }
            | Self::TooSparse { .. }
            | Self::NoGeneralisation { .. }
            | Self::NotQuasi { .. }
            | Self::NotSensitive { .. } => true,
            _ => false,
        }
    }
}

/// Errors of a register, and releases that it does not allow.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum RegisterError {
    #[error(transparent)]
    File(#[from] RegisterFileError),
    #[error(
        "{path}: the register does not contain the previous release; it was cut short or forked: restore the newest \
         copy"
    )]
    Forked { path: PathBuf },
    #[error(
        "the study already releases with protect = \"{found}\" and base = {base}; another protection of the same \
         persons would let counts be computed: use that one"
    )]
    OtherMethod { found: &'static str, base: u32 },
    #[error(
        "release '{name}': the register fixed the weight of table '{table}' at {weight} with its first use; use that \
         weight"
    )]
    OtherWeight { name: Id, table: Id, weight: f64 },
    #[error(
        "release '{name}': the register fixed the cap of column '{column}' at {cap} with its first use; use that cap"
    )]
    OtherCap { name: Id, column: Id, cap: f64 },
    #[error(
        "this dataset would have released {items} tables of numbers (a sum counts as 3, rates as 1 and their flags); \
         `max_items` allows {most}, because many rounded tables let small counts be computed: remove items, or use \
         protect = \"noise\""
    )]
    TooManyItems { items: usize, most: u32 },
    #[error(
        "the study would have released from {datasets} different linked datasets; the contract allows {most}, because \
         each rounds the same persons anew: release from an earlier dataset, or use protect = \"noise\""
    )]
    TooManyDatasets { datasets: usize, most: u32 },
    #[error("the study releases other rows of persons already; two sets of rows can be joined: release one of them")]
    RowsTwice,
    #[error(
        "somebody who knows everyone else could be right about one person in {reached} of 100 cases, over all that the \
         study releases; the contract allows {allowed}: release less; `salanimi release --plan` shows what each item \
         costs"
    )]
    Certainty { reached: u32, allowed: u32 },
}

impl RegisterError {
    /// Returns true if the release is refused, and not because a file cannot be read or written.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        use RegisterFileError::{Busy, File, Write};
        !matches!(self, Self::File(File(_) | Write { .. } | Busy { .. }))
    }
}
