//! Register files: an authenticated chain of lines that only grows.
//!
//! A line is 64 hexadecimal digits, a space, JSON and a line end. The digits are HMAC-SHA-256(register subkey, JSON).
//! The first line is the head. The JSON of every other line holds its number and the SHA-256 of the line before.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::crypto::Digest;
use crate::exchange::RegisterLine;
use crate::files::{self, FileError, beside, replace};
use crate::platform::private_file;
use salanimi_core::KeyedHash;

/// Ending of the name of the file that locks a register.
const LOCK_ENDING: &str = ".lock";
/// Length of the longest register, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// Length of the authentication code at the start of a line, in bytes.
const CODE_BYTES: usize = 32;

/// Error in reading or writing a register.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum RegisterFileError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: the register of the release key is missing; restore it from a copy, it lies beside the key")]
    Missing { path: PathBuf },
    #[error("{path}: {source}; the register cannot be written, and nothing was released")]
    Write { path: PathBuf, source: io::Error },
    #[error("{path}: another release uses this register; wait for it")]
    Busy { path: PathBuf },
    #[error(
        "{path}: line {line} was changed, removed, or converted to other line ends; restore the register from a copy"
    )]
    Edited { path: PathBuf, line: usize },
    #[error("{path}: the register belongs to another key or another study; give the key that it lies beside")]
    OtherKey { path: PathBuf },
}

/// An entry with its place in the chain.
#[derive(Serialize, Deserialize)]
struct Chained<T> {
    number: u64,
    previous: Digest,
    entry: T,
}

/// A register, locked against every other run.
pub struct RegisterFile {
    path: PathBuf,
    key: KeyedHash,
    /// The lines as they are on disk.
    text: String,
    lines: Vec<RegisterLine>,
    _lock: File,
}

/// Lines that continue a register.
pub struct NewLines {
    text: String,
    last: RegisterLine,
}

impl RegisterFile {
    /// Creates a register with the head alone.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn create(path: &Path, key: &KeyedHash, head: &impl Serialize) -> Result<(), RegisterFileError> {
        Ok(files::write_private(path, line(key, head).as_bytes())?)
    }

    /// Locks the register at `path`, and reads its entries. `head` is what its head must be.
    ///
    /// # Errors
    /// The file is missing, in use, of another key, or was changed.
    pub fn open<H, T>(path: &Path, key: KeyedHash, head: &H) -> Result<(Self, Vec<T>), RegisterFileError>
    where
        H: DeserializeOwned + PartialEq,
        T: DeserializeOwned,
    {
        if path.symlink_metadata().is_err() {
            return Err(RegisterFileError::Missing { path: path.to_owned() });
        }
        let lock = lock(path)?;
        let edited = |line| RegisterFileError::Edited { path: path.to_owned(), line };
        let text = String::from_utf8(files::read_regular(path, MAX_BYTES)?).map_err(|_| edited(1))?;
        let mut register = Self { path: path.to_owned(), key, text: String::new(), lines: Vec::new(), _lock: lock };
        if unproved_head(&text).is_some_and(|found: H| found != *head) {
            return Err(RegisterFileError::OtherKey { path: path.to_owned() });
        }
        let mut entries = Vec::new();
        for (line, at) in text.split_inclusive('\n').zip(1..) {
            entries.extend(register.take(line).ok_or_else(|| edited(at))?);
        }
        if register.lines.is_empty() {
            return Err(edited(1));
        }
        register.text = text;
        Ok((register, entries))
    }

    /// Takes the next line, if its code holds and it continues the chain. Returns its entry; the head has none.
    #[expect(clippy::option_option, reason = "a line can be refused, or have no entry")]
    fn take<T: DeserializeOwned>(&mut self, line: &str) -> Option<Option<T>> {
        let (code, json) = line.strip_suffix('\n')?.split_once(' ')?;
        let expected: [u8; CODE_BYTES] = self.key.leftmost(json.as_bytes());
        if HEXLOWER.encode(&expected) != code {
            return None;
        }
        let number = self.lines.len() as u64;
        let entry = match self.lines.last() {
            None => None,
            Some(last) => {
                let chained: Chained<T> = serde_json::from_str(json).ok()?;
                if (chained.number, chained.previous) != (number, last.digest) {
                    return None;
                }
                Some(chained.entry)
            }
        };
        self.lines.push(RegisterLine { number, digest: Digest::of(line.as_bytes()) });
        Some(entry)
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the last line.
    #[must_use]
    pub fn last(&self) -> RegisterLine {
        self.lines[self.lines.len() - 1]
    }

    /// Returns true if a line has this digest.
    #[must_use]
    pub fn contains(&self, digest: Digest) -> bool {
        self.lines.iter().any(|line| line.digest == digest)
    }

    /// Returns the lines that add `entries`, and do not write them.
    pub fn continued<T: Serialize>(&self, entries: &[T]) -> NewLines {
        let mut new = NewLines { text: String::new(), last: self.last() };
        for entry in entries {
            let number = new.last.number + 1;
            let line = line(&self.key, &Chained { number, previous: new.last.digest, entry });
            new.last = RegisterLine { number, digest: Digest::of(line.as_bytes()) };
            new.text += &line;
        }
        new
    }

    /// Writes new lines, in one step, and syncs them to the disk.
    ///
    /// # Errors
    /// The register cannot be written; it is then as it was.
    pub fn write(self, new: &NewLines) -> Result<(), RegisterFileError> {
        if new.text.is_empty() {
            return Ok(());
        }
        let written = replace(&self.path, |file| {
            file.write_all(self.text.as_bytes())?;
            file.write_all(new.text.as_bytes())
        });
        written.map_err(|source| RegisterFileError::Write { path: self.path, source })
    }
}

impl NewLines {
    /// Returns the last line of the register after these.
    #[must_use]
    pub fn last(&self) -> RegisterLine {
        self.last
    }
}

/// Returns a line with its end.
fn line(key: &KeyedHash, content: &impl Serialize) -> String {
    let Ok(json) = serde_json::to_string(content) else { unreachable!("a line has only texts and finite numbers") };
    let code: [u8; CODE_BYTES] = key.leftmost(json.as_bytes());
    format!("{} {json}\n", HEXLOWER.encode(&code))
}

/// Returns the head as it is written, without a check of its code: another key's register is reported as such.
fn unproved_head<H: DeserializeOwned>(text: &str) -> Option<H> {
    let (_, json) = text.lines().next()?.split_once(' ')?;
    serde_json::from_str(json).ok()
}

fn lock(register: &Path) -> Result<File, RegisterFileError> {
    let path = beside(register, LOCK_ENDING);
    let file = private_file().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|source| RegisterFileError::Write { path: register.to_owned(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(RegisterFileError::Busy { path: register.to_owned() }),
    }
}
