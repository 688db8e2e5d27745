use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::manifest::{DELIVERY_FORMAT, MANIFEST, Manifest, TableEntry};
use crate::config::{Contract, Table};
use crate::crypto::{Digest, Hasher};
use crate::domain::Id;
use crate::table::{ParquetTable, SourceError};

/// The longest manifest that is read, in bytes.
const MAX_MANIFEST_BYTES: u64 = 16 << 20;
const BUFFER_BYTES: usize = 1 << 20;

/// A delivery cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum DeliveryError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{path}: no manifest.json, so this is no delivery (or one whose writing was interrupted); ask the holder for it again"
    )]
    NoManifest { path: PathBuf },
    #[error(
        "{path}: the manifest is not a delivery manifest of this version (line {line}); ask the holder for it again"
    )]
    Manifest { path: PathBuf, line: usize },
    #[error(
        "{path}: table '{table}' does not balance: records are not rows + filtered + rejected; ask the holder for it again"
    )]
    Unbalanced { path: PathBuf, table: Id },
    #[error("{path}: file '{file}' is not a plain file name; the manifest was tampered with")]
    FileName { path: PathBuf, file: String },
    #[error(
        "{path}: the bytes are not those of the manifest; the file was changed or damaged, ask the holder for it again"
    )]
    Changed { path: PathBuf },
    #[error("{path}: table '{table}' occurs twice or is not in the contract; use the contract of this delivery")]
    Table { path: PathBuf, table: Id },
    #[error(
        "{path}: table '{table}' has other columns or another number of rows than manifest and contract say; ask the holder for it again"
    )]
    Content { path: PathBuf, table: Id },
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A delivery whose manifest was read and whose files are, byte for byte, those of the manifest.
#[derive(Debug)]
pub struct Delivery {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
}

impl Delivery {
    /// Opens the delivery at `path` and checks its files against its manifest.
    ///
    /// # Errors
    /// The folder is no delivery, or a file is not what the manifest says.
    pub fn open(path: &Path) -> Result<Self, DeliveryError> {
        let delivery = Self::read_manifest(path)?;
        for table in &delivery.manifest.tables {
            delivery.check(table)?;
        }
        Ok(delivery)
    }

    /// Reads the manifest alone.
    ///
    /// # Errors
    /// The folder has no readable manifest of a delivery.
    pub fn read_manifest(path: &Path) -> Result<Self, DeliveryError> {
        let file = path.join(MANIFEST);
        let mut bytes = Vec::new();
        match File::open(&file).and_then(|f| f.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && path.is_dir() => {
                return Err(DeliveryError::NoManifest { path: path.to_owned() });
            }
            Err(source) => return Err(DeliveryError::Io { path: file, source }),
            Ok(_) => {}
        }
        let malformed = |line| DeliveryError::Manifest { path: file.clone(), line };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| malformed(e.line()))?;
        if manifest.format != DELIVERY_FORMAT {
            return Err(malformed(1));
        }
        Ok(Self { path: path.to_owned(), manifest, digest: Digest::of(&bytes) })
    }

    fn check(&self, table: &TableEntry) -> Result<(), DeliveryError> {
        if !table.balances() {
            return Err(DeliveryError::Unbalanced { path: self.path.clone(), table: table.name.clone() });
        }
        let plain = Path::new(&table.file).file_name().is_some_and(|name| name == table.file.as_str());
        if !plain {
            return Err(DeliveryError::FileName { path: self.path.clone(), file: table.file.clone() });
        }
        let path = self.path.join(&table.file);
        let found = file_digest(&path).map_err(|source| DeliveryError::Io { path: path.clone(), source })?;
        if found == table.file_digest { Ok(()) } else { Err(DeliveryError::Changed { path }) }
    }

    /// The tables, each with the position that `contract` gives it, open to be read.
    ///
    /// # Errors
    /// A table is not in the contract, or not as the contract and the manifest say.
    pub fn tables(&self, contract: &Contract) -> Result<Vec<(usize, ParquetTable)>, DeliveryError> {
        let mut tables: Vec<(usize, ParquetTable)> = Vec::new();
        for entry in &self.manifest.tables {
            let found = contract.table(entry.name.as_str()).filter(|(at, _)| tables.iter().all(|(t, _)| t != at));
            let refuse = || DeliveryError::Table { path: self.path.clone(), table: entry.name.clone() };
            let (position, table) = found.ok_or_else(refuse)?;
            tables.push((position, self.table(entry, table)?));
        }
        Ok(tables)
    }

    fn table(&self, entry: &TableEntry, table: &Table) -> Result<ParquetTable, DeliveryError> {
        let content = || DeliveryError::Content { path: self.path.join(&entry.file), table: entry.name.clone() };
        let opened = ParquetTable::open(&self.path.join(&entry.file), &table.fields).map_err(|_| content())?;
        if opened.rows() == entry.rows { Ok(opened) } else { Err(content()) }
    }

    /// How messages name this delivery.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} delivery {}", self.manifest.holder, self.manifest.delivery.number)
    }
}

fn file_digest(path: &Path) -> io::Result<Digest> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut file = File::open(path)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&buffer[..read]),
        }
    }
}
