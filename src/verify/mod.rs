//! The officer's stage: what can be said of deliveries and linked datasets from evidence, without the project key.
//!
//! One file a family of checks. So far: integrity (`integrity`, `contents`).

mod check;
mod contents;
mod integrity;

use std::path::PathBuf;

pub use check::{Check, Verdict, Verification};

use crate::config::Contract;
use crate::crypto::Unlock;
use crate::progress::Progress;

/// Runs every check on the folders at `paths`, together where they belong together. What cannot be checked without a
/// `contract` or without something in `unlock` that opens it is said.
#[must_use]
pub fn verify(
    paths: &[PathBuf],
    contract: Option<&Contract>,
    unlock: &Unlock,
    progress: &dyn Progress,
) -> Verification {
    Verification { checks: integrity::check(paths, contract, unlock, progress) }
}
