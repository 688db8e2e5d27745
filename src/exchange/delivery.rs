//! A delivery as it comes to its receiver: an [`Envelope`] first, a [`Delivery`] once it is checked and opened.

use std::io::Read;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::manifest::{
    Account, DELIVERY_FORMAT, LINKED_FORMAT, MANIFEST, Manifest, SEALED_ACCOUNT, SEALED_DATA_KEY, Sealing, TableEntry,
};
use super::signing::{Signer, SigningError};
use crate::config::{Contract, Table};
use crate::crypto::{DataKey, Digest, Hasher, KEY_BYTES, SealingError, TableName, TableSeal, Unlock};
use crate::files::{self, FileError};
use crate::table::{AnyTable, ParquetDescription, ParquetTable, SourceError, describe_parquet};
use salanimi_core::Id;

/// The longest manifest or account that is read, in bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 16 << 20;
const BUFFER_BYTES: usize = 1 << 20;

/// A delivery cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum DeliveryError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: no such folder; give the folder of a delivery")]
    NotAFolder { path: PathBuf },
    #[error(
        "{path}: no manifest.json, so this is no delivery (or one whose writing was interrupted); ask the holder for it again"
    )]
    NoManifest { path: PathBuf },
    #[error(
        "{path}: the manifest is not a delivery manifest of this version (line {line}); ask the holder for it again"
    )]
    Manifest { path: PathBuf, line: usize },
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error("{path}: this is {kind}, not a delivery; give the folder of a delivery")]
    OtherKind { path: PathBuf, kind: &'static str },
    #[error(
        "{path}: sealed to '{name}', whose recipient the contract does not list; ask the holder under which contract it was made"
    )]
    Recipient { path: PathBuf, name: Id },
    #[error("{path}: the account is not one of this version; ask the holder for the delivery again")]
    Account { path: PathBuf },
    #[error("{path}: says that it is sealed and has a readable account, or the reverse; ask the holder for it again")]
    Contradiction { path: PathBuf },
    #[error("{path}: the delivery is sealed: {source}")]
    Sealing { path: PathBuf, source: SealingError },
    #[error(
        "{path}: table '{table}' does not balance: records are not rows + filtered + rejected; ask the holder for it again"
    )]
    Unbalanced { path: PathBuf, table: Id },
    #[error("{path}: a file is not a plain file name; the manifest was tampered with")]
    FileName { path: PathBuf },
    #[error(
        "{path}: the bytes are not those of the manifest; the file was changed or damaged, ask the holder for it again"
    )]
    Changed { path: PathBuf },
    #[error("{path}: the manifest does not list this file, which a delivery must have; ask the holder for it again")]
    NotListed { path: PathBuf },
    #[error("{path}: table '{table}' occurs twice or is not in the contract; use the contract of this delivery")]
    Table { path: PathBuf, table: Id },
    #[error(
        "{path}: table '{table}' has other columns or another number of rows than manifest and contract say, or was sealed as another table; ask the holder for it again"
    )]
    Content { path: PathBuf, table: Id },
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A delivery whose manifest was read, and of which nothing is known yet.
#[derive(Debug)]
pub struct Envelope {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says of itself to everyone.
    pub manifest: Manifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    text: Vec<u8>,
}

impl Envelope {
    /// Reads the manifest in the folder `path`.
    ///
    /// # Errors
    /// The folder has no readable manifest of a delivery.
    pub fn read(path: &Path) -> Result<Self, DeliveryError> {
        let file = path.join(MANIFEST);
        if !path.is_dir() {
            return Err(DeliveryError::NotAFolder { path: path.to_owned() });
        }
        let text = match files::read_regular(&file, MAX_MANIFEST_BYTES) {
            Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Err(DeliveryError::NoManifest { path: path.to_owned() });
            }
            read => read?,
        };
        if let Some(kind) = other_kind(&text) {
            return Err(DeliveryError::OtherKind { path: path.to_owned(), kind });
        }
        let malformed = |line| DeliveryError::Manifest { path: file.clone(), line };
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| malformed(e.line()))?;
        if manifest.format != DELIVERY_FORMAT {
            return Err(malformed(1));
        }
        Ok(Self { path: path.to_owned(), manifest, digest: Digest::of(&text), text })
    }

    /// Checks the signature as `contract` asks, if one is given, and that every file is, byte for byte, that of the
    /// manifest. Needs nothing that opens it.
    ///
    /// # Errors
    /// The signature is missing, unknown or wrong, or a file is not what the manifest says.
    pub fn check(self, contract: Option<&Contract>) -> Result<Checked, DeliveryError> {
        let signed_by = contract.map(|contract| self.signer(contract)).transpose()?.flatten();
        contract.map(|contract| self.check_recipients(contract)).transpose()?;
        self.check_files()?;
        Ok(Checked { envelope: self, signed_by })
    }

    /// Checks that it is sealed to no one whom `contract` does not list.
    ///
    /// # Errors
    /// [`DeliveryError::Recipient`].
    pub fn check_recipients(&self, contract: &Contract) -> Result<(), DeliveryError> {
        let Sealing::To(recipients) = &self.manifest.sealing else { return Ok(()) };
        let unknown = recipients.iter().find(|(_, to)| contract.recipients.values().all(|listed| listed != *to));
        match unknown {
            Some((name, _)) => Err(DeliveryError::Recipient { path: self.path.clone(), name: name.clone() }),
            None => Ok(()),
        }
    }

    /// The holder, if its signature is there and holds; none where `contract` asks for no signature and there is none.
    ///
    /// # Errors
    /// The signature is missing, unknown or wrong.
    pub fn signer(&self, contract: &Contract) -> Result<Option<Id>, DeliveryError> {
        let Some(signer) = Signer::holder(contract, &self.manifest.holder, &self.path.join(MANIFEST))? else {
            return Ok(None);
        };
        signer.verify(&self.text)?;
        Ok(Some(signer.party.clone()))
    }

    fn check_files(&self) -> Result<(), DeliveryError> {
        for (file, expected) in &self.manifest.files {
            let path = plain_child(&self.path, file)?;
            if file_digest(&path)? != *expected {
                return Err(DeliveryError::Changed { path });
            }
        }
        Ok(())
    }
}

/// A delivery whose signature holds, as far as the contract asks for one, and whose files are those of its manifest. What
/// is sealed in it is still closed.
#[derive(Debug)]
pub struct Checked {
    /// The delivery.
    pub envelope: Envelope,
    /// The holder whose signature was found to hold.
    pub signed_by: Option<Id>,
}

impl Checked {
    /// Opens what is sealed.
    ///
    /// # Errors
    /// Nothing in `unlock` opens the delivery, or its account contradicts its manifest.
    pub fn open(self, unlock: &Unlock) -> Result<Delivery, DeliveryError> {
        let Self { envelope, signed_by } = self;
        let (account, data_key) = match (&envelope.manifest.sealing, &envelope.manifest.account) {
            (Sealing::None, Some(account)) => (account.clone(), None),
            (Sealing::To(_), None) => (envelope.open_account(unlock)?, Some(envelope.open_data_key(unlock)?)),
            _ => return Err(DeliveryError::Contradiction { path: envelope.path.join(MANIFEST) }),
        };
        let Envelope { path, manifest, digest, .. } = envelope;
        for table in &account.tables {
            if !table.balances() {
                return Err(DeliveryError::Unbalanced { path, table: table.name.clone() });
            }
            if !manifest.files.contains_key(&table.file) {
                return Err(DeliveryError::NotListed { path: path.join(&table.file) });
            }
        }
        Ok(Delivery { path, manifest, account, digest, signed_by, data_key })
    }
}

impl Envelope {
    fn open_account(&self, unlock: &Unlock) -> Result<Account, DeliveryError> {
        let text = self.unsealed(SEALED_ACCOUNT, unlock, MAX_MANIFEST_BYTES)?;
        let path = self.path.join(SEALED_ACCOUNT);
        serde_json::from_slice(&text).map_err(|_| DeliveryError::Account { path })
    }

    fn open_data_key(&self, unlock: &Unlock) -> Result<DataKey, DeliveryError> {
        let key = self.unsealed(SEALED_DATA_KEY, unlock, KEY_BYTES as u64 + 1)?;
        let path = || self.path.join(SEALED_DATA_KEY);
        let damaged = || DeliveryError::Sealing { path: path(), source: SealingError::Damaged };
        DataKey::from_slice(&key).ok_or_else(damaged)
    }

    /// What is encrypted in `file`, at most `most` bytes of it.
    fn unsealed(&self, file: &str, unlock: &Unlock, most: u64) -> Result<Zeroizing<Vec<u8>>, DeliveryError> {
        let path = self.path.join(file);
        let Some(expected) = self.manifest.files.get(file) else { return Err(DeliveryError::NotListed { path }) };
        let sealed = files::read_regular(&path, 2 * MAX_MANIFEST_BYTES)?;
        // The bytes that are opened are those that were signed for, whatever became of the file since.
        if Digest::of(&sealed) != *expected {
            return Err(DeliveryError::Changed { path });
        }
        let refused = |source| DeliveryError::Sealing { path: path.clone(), source };
        let mut secret = Zeroizing::new(Vec::with_capacity(sealed.len()));
        let opened = unlock.open_as_recipient(sealed.as_slice()).map_err(refused)?;
        opened.take(most).read_to_end(&mut secret).map_err(|_| refused(SealingError::Damaged))?;
        Ok(secret)
    }
}

/// A delivery whose files are, byte for byte, those of its manifest, and which is open.
pub struct Delivery {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says of itself to everyone.
    pub manifest: Manifest,
    /// What became of every record.
    pub account: Account,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// The holder whose signature was found to hold.
    pub signed_by: Option<Id>,
    /// What opens its tables, if they are sealed.
    data_key: Option<DataKey>,
}

impl Delivery {
    /// Reads the delivery at `path`, checks its signature as `contract` asks, checks its files, and opens it.
    ///
    /// # Errors
    /// The folder is no delivery, a signature does not hold, a file is not what the manifest says, or nothing in
    /// `unlock` opens it.
    pub fn open(path: &Path, contract: &Contract, unlock: &Unlock) -> Result<Self, DeliveryError> {
        Envelope::read(path)?.check(Some(contract))?.open(unlock)
    }

    /// The tables, each with the position that `contract` gives it, open to be read.
    ///
    /// # Errors
    /// A table is not in the contract, or not as the contract and the manifest say.
    pub fn tables(&self, contract: &Contract) -> Result<Vec<(usize, ParquetTable)>, DeliveryError> {
        let mut tables: Vec<(usize, ParquetTable)> = Vec::new();
        for entry in &self.account.tables {
            let found = contract.table(entry.name.as_str()).filter(|(at, _)| tables.iter().all(|(t, _)| t != at));
            let refuse = || DeliveryError::Table { path: self.path.clone(), table: entry.name.clone() };
            let (position, table) = found.ok_or_else(refuse)?;
            tables.push((position, self.table(entry, table)?));
        }
        Ok(tables)
    }

    fn table(&self, entry: &TableEntry, table: &Table) -> Result<ParquetTable, DeliveryError> {
        let path = self.path.join(&entry.file);
        let content = || DeliveryError::Content { path: path.clone(), table: entry.name.clone() };
        let opened = ParquetTable::open(&path, &table.fields, self.seal(entry).as_ref()).map_err(|_| content())?;
        if opened.rows() == entry.rows { Ok(opened) } else { Err(content()) }
    }

    /// A table, whatever its columns are.
    ///
    /// # Errors
    /// It is no readable Parquet file, or was sealed as another table.
    pub fn any_table(&self, entry: &TableEntry, memory: usize) -> Result<AnyTable, SourceError> {
        AnyTable::parquet(&self.path.join(&entry.file), self.seal(entry).as_ref(), memory)
    }

    /// What the file of a table says of itself.
    ///
    /// # Errors
    /// It is no readable Parquet file, or was sealed as another table.
    pub fn describe(&self, entry: &TableEntry) -> Result<ParquetDescription, DeliveryError> {
        Ok(describe_parquet(&self.path.join(&entry.file), self.seal(entry).as_ref())?)
    }

    fn seal(&self, entry: &TableEntry) -> Option<TableSeal<'_>> {
        let manifest = &self.manifest;
        let name = TableName {
            study: &manifest.study,
            holder: &manifest.holder,
            number: manifest.delivery.number,
            table: &entry.name,
            file: &entry.file,
        };
        self.data_key.as_ref().map(|key| key.seal(&name))
    }

    /// How messages name this delivery.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} delivery {}", self.manifest.holder, self.manifest.delivery.number)
    }
}

/// What kind of folder has this manifest, if it is one of ours and no delivery.
fn other_kind(text: &[u8]) -> Option<&'static str> {
    #[derive(serde::Deserialize)]
    struct Kind {
        format: String,
    }
    let kind = serde_json::from_slice::<Kind>(text).ok()?;
    (kind.format == LINKED_FORMAT).then_some("a linked dataset")
}

/// The file that a manifest in `folder` names, which lies in that folder itself.
pub(super) fn plain_child(folder: &Path, file: &str) -> Result<PathBuf, DeliveryError> {
    match Path::new(file).file_name().is_some_and(|name| name == file) {
        true => Ok(folder.join(file)),
        false => Err(DeliveryError::FileName { path: folder.join(MANIFEST) }),
    }
}

pub(super) fn file_digest(path: &Path) -> Result<Digest, FileError> {
    let mut file = files::open_regular(path)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer).map_err(|source| FileError::Read { path: path.to_owned(), source })? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&buffer[..read]),
        }
    }
}
