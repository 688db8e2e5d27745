//! The key under which the tables of one delivery are sealed (Parquet modular encryption, AES-256-GCM).

use super::labels;
use super::material::{KEY_BYTES, Material, RandomnessError, expose, material_of, random};
use salanimi_core::Id;

/// The data key of one delivery: fresh for each, wiped when dropped.
pub struct DataKey(Material);

impl DataKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gave none.
    pub fn generate() -> Result<Self, RandomnessError> {
        random().map(Self)
    }

    /// The key in `bytes`, if there are 32.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        material_of(bytes).map(Self)
    }

    /// The 32 bytes, to be wrapped for recipients or handed to the cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        expose(&self.0)
    }

    /// The seal of one file of a delivery under this key.
    ///
    /// A table opens only as what it was sealed as: its additional authenticated data begins with `salanimi/v1`,
    /// study, holder, delivery number, table and file, joined by one zero byte, and is stored nowhere.
    #[must_use]
    pub fn seal(&self, name: &TableName<'_>) -> TableSeal<'_> {
        let number = name.number.to_string();
        let (study, holder, table) = (name.study.as_str(), name.holder.as_str(), name.table.as_str());
        let fields = [labels::SEALED_TABLE, study, holder, &number, table, name.file];
        TableSeal { key: self, aad_prefix: fields.join("\0").into_bytes() }
    }
}

/// Which table of which delivery is meant.
#[derive(Debug, Clone, Copy)]
pub struct TableName<'a> {
    /// The study.
    pub study: &'a Id,
    /// The holder.
    pub holder: &'a Id,
    /// The delivery's number.
    pub number: u32,
    /// The table.
    pub table: &'a Id,
    /// Its file.
    pub file: &'a str,
}

/// How one Parquet file is sealed.
pub struct TableSeal<'a> {
    /// The delivery's key.
    pub key: &'a DataKey,
    /// What begins the additional authenticated data of each of the file's modules.
    pub aad_prefix: Vec<u8>,
}
