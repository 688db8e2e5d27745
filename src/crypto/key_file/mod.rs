//! Key files: lines of text that only the owner can read.
//!
//! ```text
//! salanimi-key/1
//! purpose: project
//! study: example
//! created: 2026-11-24
//! expires: 2027-11-24
//! key-id: 3f5c…
//! check: 91d0…
//! share: 1 of 3, threshold 2, split 5e07…      (shares only)
//! secret: 64 hexadecimal digits
//! ```
//!
//! `check` is the leftmost 8 bytes of HMAC(subkey `key-file`, the lines from `purpose` to `key-id`), so a date changed
//! without the key is detected. In place of the digits, `secret` may hold `passphrase` or `recipients`. An armoured age
//! file with the 32 bytes then follows. The secret of a share is its part of the key; `check` is still that of the
//! whole key.

mod destroy;
mod shares;
mod store;
mod text;

use std::path::PathBuf;

pub use destroy::destroy_file;
pub use shares::{combine, split};
pub use store::{KeyFile, Lifetime, read_key, write_key};
pub use text::{KIND, KeyDescription, ProtectionKind, ShareNumber};

use super::sealing::SealingError;
use crate::files::FileError;
use salanimi_core::{Day, Id, RandomnessError};

/// Error in reading or writing a key file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum KeyFileError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{path}: not a key file of this tool; give the file that `salanimi key new` made (not its .pub, an identity or \
         a passphrase)"
    )]
    NotKeyFile { path: PathBuf },
    #[error("{path}: not a key file of this version ({problem}); restore it from a copy")]
    Format { path: PathBuf, problem: &'static str },
    #[error("{path}: the key is {found} bytes, it must be {expected}; restore it from a copy")]
    Size { path: PathBuf, found: usize, expected: usize },
    #[error("{path}: this is a {found} key, a {expected} key is needed here; give that one")]
    Purpose { path: PathBuf, found: &'static str, expected: &'static str },
    #[error("{path}: the key is for the study '{found}', the contract is of '{expected}'; use that study's key")]
    Study { path: PathBuf, found: Id, expected: Id },
    #[error(
        "{path}: the key does not match the key id and the check in its file; the file was changed or damaged, restore \
         it from a copy"
    )]
    Check { path: PathBuf },
    #[error("{path}: the key expired on {expires}; make a new one for new work (`key fingerprint` still reads it)")]
    Expired { path: PathBuf, expires: Day },
    #[error("{path}: the key was created on {created}, but the clock shows {today}; set the clock")]
    ClockSetBack { path: PathBuf, created: Day, today: Day },
    #[error("the key would expire on {expires}, which is not after today, {today}; choose a later day")]
    Lifetime { expires: Day, today: Day },
    #[error("{path}: {source}")]
    Sealing { path: PathBuf, source: SealingError },
    #[error("{path}: this is one share of a key; combine the shares with `salanimi key combine`")]
    IsShare { path: PathBuf },
    #[error("{path}: this is a whole key, not a share; give shares that `salanimi key split` made")]
    NotShare { path: PathBuf },
    #[error(
        "a key cannot be split into {shares} shares with threshold {threshold}; choose 2 ≤ threshold ≤ shares ≤ {most}"
    )]
    Split { shares: u8, threshold: u8, most: u8 },
    #[error("{found} shares need {found} protections, but {given} are given; give one for each share, or none")]
    Protections { found: usize, given: usize },
    #[error("{given} shares are given, but {threshold} are needed; give more of them")]
    TooFewShares { given: usize, threshold: u8 },
    #[error("{left} and {right} are shares of different keys; give shares of one key")]
    MixedKeys { left: PathBuf, right: PathBuf },
    #[error("{left} and {right} describe one key differently; one of them was changed, try others")]
    SharesDiffer { left: PathBuf, right: PathBuf },
    #[error("{left} and {right} come from different splits of the key; give shares of one split")]
    MixedSplits { left: PathBuf, right: PathBuf },
    #[error("{left} and {right} are the same share; name each once")]
    SameShare { left: PathBuf, right: PathBuf },
    #[error("the shares do not combine to the key whose id they state; one of them was changed or damaged, try others")]
    WrongShares,
    #[error("{path}: {source}; the key may still be there, try again or destroy the disk")]
    Destroy { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}
