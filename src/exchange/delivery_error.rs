//! Error in reading or checking a delivery.

use std::path::PathBuf;

use super::manifest::{DELIVERY_FORMAT, MANIFEST_DIGEST, PARTS_FORMAT};
use super::signing::SigningError;
use crate::crypto::SealingError;
use crate::files::FileError;
use crate::table::SourceError;
use salanimi_core::Id;

/// Error in reading or checking a delivery.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum DeliveryError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: no such folder; give the folder of a delivery")]
    NotAFolder { path: PathBuf },
    #[error(
        "{path}: no manifest.json, so this is not a delivery, or its writing was interrupted; ask the holder for it \
         again"
    )]
    NoManifest { path: PathBuf },
    #[error("{path}: not a delivery manifest of this version (line {line}); ask the holder for it again")]
    Manifest { path: PathBuf, line: usize },
    #[error(
        "{path}: holds a personal identity code, which must never travel; do not use the delivery, and tell the holder"
    )]
    IdentityCode { path: PathBuf },
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error(
        "{path}: its digest is not the one in {MANIFEST_DIGEST} beside it; the manifest was changed or damaged, make \
         the folder again or ask for it again"
    )]
    ManifestChanged { path: PathBuf },
    #[error("{path}: this is {kind}, not a delivery; give the folder of a delivery")]
    OtherKind { path: PathBuf, kind: &'static str },
    #[error(
        "{path}: sealed to a recipient whom the contract does not list by that name and key; ask the holder under \
         which contract it was made"
    )]
    Recipient { path: PathBuf },
    #[error("{path}: not an account of this version; ask the holder for the delivery again")]
    Account { path: PathBuf },
    #[error(
        "{path}: manifest and account contradict each other: a sealed delivery has its account in account.json.age, \
         an unsealed one in the manifest; ask the holder for a new delivery"
    )]
    Contradiction { path: PathBuf },
    #[error("{path}: the delivery is sealed: {source}")]
    Sealing { path: PathBuf, source: SealingError },
    #[error("{path}: its sealed files have different recipients; do not use it, and ask the holder for a new delivery")]
    SealedApart { path: PathBuf },
    #[error("{path}: table {number} of the account has the file of another; ask the holder for it again")]
    TableTwice { path: PathBuf, number: usize },
    #[error(
        "{path}: table {number} of the account does not balance: records differ from rows + filtered + rejected; ask \
         the holder for it again"
    )]
    Unbalanced { path: PathBuf, number: usize },
    #[error(
        "{path}: the manifest names a file outside the delivery's folder; do not use the delivery, and ask the holder \
         for a new one"
    )]
    FileName { path: PathBuf },
    #[error(
        "{path}: the content differs from the manifest; the file was changed or damaged, ask the holder for it again"
    )]
    Changed { path: PathBuf },
    #[error(
        "{path}: the manifest lists this file, but it is not there; copy the whole folder again, or ask for it again"
    )]
    Missing { path: PathBuf },
    #[error("{path}: the manifest does not list this file, but a delivery needs it; ask the holder for it again")]
    NotListed { path: PathBuf },
    #[error(
        "{path}: the manifest does not list the file of table {number} of the account; ask the holder for it again"
    )]
    TableFile { path: PathBuf, number: usize },
    #[error(
        "{path}: table {number} of the account has a number of parts other than 2, 4, 8 … 4096, or parts that do not \
         add up to its rows; ask the holder for it again"
    )]
    Parts { path: PathBuf, number: usize },
    #[error(
        "{path}: tables in parts and the format of the manifest contradict each other: {PARTS_FORMAT} has parts, \
         {DELIVERY_FORMAT} none; ask the holder for a new delivery"
    )]
    Format { path: PathBuf },
    #[error("{path}: table '{table}' occurs twice or is not in the contract; use the contract of this delivery")]
    Table { path: PathBuf, table: Id },
    #[error(
        "{path}: table '{table}' has other columns or another number of rows than the manifest and the contract \
         state, or was sealed as another table; ask the holder for it again"
    )]
    Content { path: PathBuf, table: Id },
    #[error(transparent)]
    Source(#[from] SourceError),
}
