//! The key that seals the tables of one delivery (Parquet modular encryption, AES-256-GCM).

use salanimi_core::{Id, KEY_BYTES, KeyMaterial, RandomnessError, SEALED_TABLE};

/// Data key of one delivery: fresh for each, wiped when dropped.
pub struct DataKey(KeyMaterial);

impl DataKey {
    /// Generates a key from the operating system's randomness.
    ///
    /// # Errors
    /// [`RandomnessError`] if the operating system provides none.
    pub fn generate() -> Result<Self, RandomnessError> {
        KeyMaterial::generate().map(Self)
    }

    /// Copies a key from `bytes`; `None` unless there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        KeyMaterial::from_slice(bytes).map(Self)
    }

    /// Returns the 32 bytes, for wrapping to recipients and for the cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.expose()
    }

    /// Returns the seal of one file of a delivery under this key.
    ///
    /// A table opens only under the name with which it was sealed. Its additional authenticated data begins with
    /// `salanimi/v1`, study, holder, delivery number, table and file, joined by one zero byte. They are stored nowhere.
    #[must_use]
    pub fn seal(&self, name: &TableName<'_>) -> TableSeal<'_> {
        let number = name.number.to_string();
        let TableName { study, holder, table, file, .. } = name;
        let fields = [SEALED_TABLE, study.as_str(), holder.as_str(), &number, table.as_str(), file];
        TableSeal { key: self, aad_prefix: fields.join("\0").into_bytes() }
    }
}

impl DataKey {
    /// Returns the seal of a file that the process which has the key removes before it ends.
    #[must_use]
    pub fn seal_of_scratch(&self, file: &str) -> TableSeal<'_> {
        TableSeal { key: self, aad_prefix: file.as_bytes().to_vec() }
    }
}

/// Full name of one table in one delivery.
#[derive(Debug, Clone, Copy)]
pub struct TableName<'a> {
    /// Study.
    pub study: &'a Id,
    /// Data holder.
    pub holder: &'a Id,
    /// Number of the delivery, from 1.
    pub number: u32,
    /// Table.
    pub table: &'a Id,
    /// File name in the delivery's folder.
    pub file: &'a str,
}

/// Seal of one Parquet file.
pub struct TableSeal<'a> {
    /// Data key of the delivery.
    pub key: &'a DataKey,
    /// Start of the additional authenticated data of each of the file's modules.
    pub aad_prefix: Vec<u8>,
}
