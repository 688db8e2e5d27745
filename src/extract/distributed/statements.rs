//! What the processes of a job state of their work: encrypted, so that nobody else reads or makes a statement.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::error::ExtractError;
use super::super::found::Found;
use super::super::tally::Tally;
use crate::crypto::{MessageCipher, NONCE_BYTES};
use crate::table::WrittenFile;
use salanimi_core::{Id, KEY_BYTES, KeyedHash};

/// Level of compression: statements are mostly zeros.
const ZSTD_LEVEL: i32 = 1;

/// What one process read of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowsStatement {
    pub(super) tally: Tally,
    /// The source files, by the numbers that rejected rows have: the position of the source, and the name.
    pub(super) files: Vec<(u32, String)>,
    pub(super) found: Found,
    pub(super) rows: RowSum,
}

/// What one process wrote of a table.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartStatement {
    pub(super) part: usize,
    /// Number of the attempt, which the name of the file has.
    pub(super) attempt: u64,
    pub(super) written: WrittenFile,
    pub(super) persons: u64,
    pub(super) repeats: u64,
    pub(super) rows: RowSum,
}

/// Number of rows, and a sum over their keys. Rows that were read and rows that were written have the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowSum {
    rows: u64,
    keys: u64,
}

impl RowSum {
    /// Returns the sum of rows with these keys.
    pub(super) fn of(keys: &[u128]) -> Self {
        let sum = keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(*key as u64));
        Self { rows: keys.len() as u64, keys: sum }
    }

    /// Adds other rows.
    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.keys = self.keys.wrapping_add(other.keys);
    }

    /// Returns the number of rows.
    pub(super) fn rows(self) -> u64 {
        self.rows
    }
}

impl RowsStatement {
    /// Adds up what several processes read of a table. The result does not depend on their order.
    pub(super) fn joined(statements: Vec<Self>) -> Self {
        let names = statements.iter().flat_map(|statement| statement.files.iter().cloned());
        let mut numbers: BTreeMap<(u32, String), u32> = names.map(|name| (name, 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(number, at)| *number = at);
        let mut all =
            Self { tally: Tally::default(), files: Vec::new(), found: Found::default(), rows: RowSum::default() };
        for Self { mut tally, files, found, rows } in statements {
            let of_file: Vec<u32> = files.iter().map(|name| numbers[name]).collect();
            let rejected = tally.rejected.iter_mut().chain(&mut tally.without_code);
            rejected.for_each(|record| record.file = of_file[record.file as usize]);
            all.tally.add(tally);
            all.found.add(found);
            all.rows.add(rows);
        }
        all.tally.rejected.sort_unstable();
        all.tally.without_code.sort_unstable();
        all.files = numbers.into_keys().collect();
        all
    }
}

/// Encrypts and decrypts the statements of one job.
///
/// The nonce is a keyed hash of the statement, so that a task that runs again states the same bytes: Spark stops a job
/// whose repeated tasks give other rows.
pub(super) struct Statements {
    cipher: MessageCipher,
    hash: KeyedHash,
    job: [u8; KEY_BYTES],
}

/// Kind of a statement, with its table.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    Rows(&'a Id),
    Part(&'a Id),
}

impl About<'_> {
    fn context(self) -> String {
        match self {
            Self::Rows(table) => format!("rows\0{table}"),
            Self::Part(table) => format!("part\0{table}"),
        }
    }
}

impl Statements {
    /// Returns the statements of the job with this random number, under keys that `hash` derives.
    pub(super) fn new(hash: KeyedHash, job: [u8; KEY_BYTES]) -> Self {
        let key = Zeroizing::new(hash.leftmost(&job));
        Self { cipher: MessageCipher::new(&key), hash, job }
    }

    /// Encrypts a statement.
    pub(super) fn seal(&self, about: About<'_>, statement: &impl Serialize) -> Vec<u8> {
        let Ok(text) = serde_json::to_vec(statement) else { unreachable!("numbers and texts have a JSON form") };
        let Ok(packed) = zstd::encode_all(text.as_slice(), ZSTD_LEVEL) else { unreachable!("memory takes every byte") };
        let context = about.context();
        let nonce = self.hash.leftmost::<NONCE_BYTES>(&[&self.job, context.as_bytes(), &[0], &packed].concat());
        self.cipher.seal_with(&nonce, context.as_bytes(), &packed)
    }

    /// Decrypts statements.
    ///
    /// # Errors
    /// One was not made by a process of this job about the same table, or was changed.
    pub(super) fn open<T: DeserializeOwned>(
        &self,
        about: About<'_>,
        statements: &[Vec<u8>],
    ) -> Result<Vec<T>, ExtractError> {
        let context = about.context();
        let opened = statements.iter().map(|sealed| {
            let packed = self.cipher.open(context.as_bytes(), sealed)?;
            serde_json::from_slice(&zstd::decode_all(packed.as_slice()).ok()?).ok()
        });
        opened.collect::<Option<Vec<T>>>().ok_or(ExtractError::NotStatement)
    }
}
