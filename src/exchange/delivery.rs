//! A delivery at its recipient: first an [`Envelope`], then [`Checked`], then an open [`Delivery`].

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::delivery_error::DeliveryError;
use super::linkage::{LINKAGE, LINKAGE_FILE, linkage_fields};
use super::listed::{check_listed, inner_child};
use super::manifest::{
    Account, DELIVERY_FORMAT, LINKED_FORMAT, MANIFEST, MANIFEST_DIGEST, MAX_MANIFEST_BYTES, Manifest, PARTS_FORMAT,
    SEALED_ACCOUNT, SEALED_DATA_KEY, Sealing, TableEntry,
};
use super::signing::Signer;
use super::strings::holds_identity_code;
use super::undamaged::undamaged_manifest;
use crate::config::{Contract, Table};
use crate::crypto::{DataKey, Digest, SealingError, TableName, TableSeal, Unlock};
use crate::files::{self, FileError};
use crate::table::{AnyTable, ParquetDescription, ParquetTable, PartFile, Parts, SourceError, describe_parquet};
use salanimi_core::{Id, KEY_BYTES};

/// A delivery whose manifest was read. Nothing is checked yet.
#[derive(Debug)]
pub struct Envelope {
    /// Folder of the delivery.
    pub path: PathBuf,
    /// Manifest of the delivery.
    pub manifest: Manifest,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// The manifest's bytes.
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
            Err(FileError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => {
                return Err(DeliveryError::NoManifest { path: path.to_owned() });
            }
            read => read?,
        };
        if path.join(MANIFEST_DIGEST).symlink_metadata().is_ok() && undamaged_manifest(path).is_none() {
            return Err(DeliveryError::ManifestChanged { path: file });
        }
        if let Some(kind) = other_kind(&text) {
            return Err(DeliveryError::OtherKind { path: path.to_owned(), kind });
        }
        if holds_identity_code(&text) {
            return Err(DeliveryError::IdentityCode { path: file });
        }
        let malformed = |line| DeliveryError::Manifest { path: file.clone(), line };
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| malformed(e.line()))?;
        if ![DELIVERY_FORMAT, PARTS_FORMAT].contains(&manifest.format.as_str()) {
            return Err(malformed(1));
        }
        Ok(Self { path: path.to_owned(), manifest, digest: Digest::of(&text), text })
    }

    /// Checks that every file is, byte for byte, that of the manifest. With a `contract`, verifies the signature and
    /// the recipients too. Needs no secret.
    ///
    /// # Errors
    /// The signature is missing, unknown or wrong, a recipient is unknown, or a file differs from the manifest.
    pub fn check(self, contract: Option<&Contract>) -> Result<Checked, DeliveryError> {
        let signed_by = contract.map(|contract| self.signer(contract)).transpose()?.flatten();
        contract.map(|contract| self.check_recipients(contract)).transpose()?;
        self.check_files()?;
        Ok(Checked { envelope: self, signed_by })
    }

    /// Checks that `contract` lists everyone to whom the delivery is sealed, by name and key.
    ///
    /// # Errors
    /// [`DeliveryError::Recipient`].
    pub fn check_recipients(&self, contract: &Contract) -> Result<(), DeliveryError> {
        let Sealing::To(recipients) = &self.manifest.sealing else { return Ok(()) };
        let are_listed = recipients.iter().all(|(name, to)| contract.recipients.get(name) == Some(to));
        if are_listed && !recipients.is_empty() {
            Ok(())
        } else {
            Err(DeliveryError::Recipient { path: self.path.clone() })
        }
    }

    /// Verifies the holder's signature and returns the holder. Returns `None` if there is no signature and `contract`
    /// requires none.
    ///
    /// # Errors
    /// The signature is missing, unknown or wrong.
    pub fn signer(&self, contract: &Contract) -> Result<Option<Id>, DeliveryError> {
        let Some(signer) = Signer::holder(contract, &self.manifest.holder, &self.path.join(MANIFEST))? else {
            return Ok(None);
        };
        signer.verify(&self.text, &self.manifest.signature_comment())?;
        Ok(Some(signer.party.clone()))
    }

    fn check_files(&self) -> Result<(), DeliveryError> {
        check_listed(&self.path, &self.manifest.files, inner_child)
    }
}

/// A delivery that passed its signature check, if the contract requires one, and whose files are those of its manifest.
/// Its sealed content is still closed.
#[derive(Debug)]
pub struct Checked {
    /// Delivery that was checked.
    pub envelope: Envelope,
    /// The holder whose signature was found to hold.
    pub signed_by: Option<Id>,
}

impl Checked {
    /// Opens the sealed content.
    ///
    /// # Errors
    /// No secret in `unlock` opens the delivery, or its account contradicts its manifest.
    pub fn open(self, unlock: &Unlock) -> Result<Delivery, DeliveryError> {
        let Self { envelope, signed_by } = self;
        let (account, data_key) = match (&envelope.manifest.sealing, &envelope.manifest.account) {
            (Sealing::None, Some(account)) => (account.clone(), None),
            (Sealing::To(_), None) => match (envelope.open_account(unlock), envelope.open_data_key(unlock)) {
                (Ok(account), data_key) => (account, Some(data_key.map_err(|error| envelope.sealed_apart(error))?)),
                (Err(error), Ok(_)) => return Err(envelope.sealed_apart(error)),
                (Err(error), Err(_)) => return Err(error),
            },
            _ => return Err(DeliveryError::Contradiction { path: envelope.path.join(MANIFEST) }),
        };
        let Envelope { path, manifest, digest, .. } = envelope;
        // Names in the account are not shown: they are untrusted input.
        let mut named = BTreeSet::new();
        for (number, table) in (1..).zip(&account.tables) {
            if !table.balances() {
                return Err(DeliveryError::Unbalanced { path, number });
            }
            let Some(parts) = table.division() else {
                return Err(DeliveryError::Parts { path: path.join(MANIFEST), number });
            };
            for (_, file) in table.files(parts) {
                if !manifest.files.contains_key(&file) {
                    return Err(DeliveryError::TableFile { path: path.join(MANIFEST), number });
                }
                if !named.insert(file) {
                    return Err(DeliveryError::TableTwice { path, number });
                }
            }
        }
        if manifest.format != account.format() {
            return Err(DeliveryError::Format { path: path.join(MANIFEST) });
        }
        Ok(Delivery { path, manifest, account, digest, signed_by, data_key })
    }
}

impl Envelope {
    /// Returns the error of one sealed file if the given identity opens the other: all are sealed to the same
    /// recipients.
    fn sealed_apart(&self, error: DeliveryError) -> DeliveryError {
        match error {
            DeliveryError::Sealing { source: SealingError::OtherIdentity, .. } => {
                DeliveryError::SealedApart { path: self.path.clone() }
            }
            other => other,
        }
    }

    fn open_account(&self, unlock: &Unlock) -> Result<Account, DeliveryError> {
        let text = self.unsealed(SEALED_ACCOUNT, unlock, MAX_MANIFEST_BYTES)?;
        let path = self.path.join(SEALED_ACCOUNT);
        if holds_identity_code(&text) {
            return Err(DeliveryError::IdentityCode { path });
        }
        serde_json::from_slice(&text).map_err(|_| DeliveryError::Account { path })
    }

    fn open_data_key(&self, unlock: &Unlock) -> Result<DataKey, DeliveryError> {
        let key = self.unsealed(SEALED_DATA_KEY, unlock, KEY_BYTES as u64 + 1)?;
        DataKey::from_slice(&key).ok_or_else(|| DeliveryError::Sealing {
            path: self.path.join(SEALED_DATA_KEY),
            source: SealingError::Damaged,
        })
    }

    /// Decrypts `file`, at most `most` bytes of it.
    fn unsealed(&self, file: &str, unlock: &Unlock, most: u64) -> Result<Zeroizing<Vec<u8>>, DeliveryError> {
        let path = self.path.join(file);
        let Some(expected) = self.manifest.files.get(file) else { return Err(DeliveryError::NotListed { path }) };
        let sealed = files::read_regular(&path, 2 * MAX_MANIFEST_BYTES)?;
        // Opens the signed bytes even if someone changes the file in between.
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

/// An open delivery whose files are, byte for byte, those of its manifest.
pub struct Delivery {
    /// Folder of the delivery.
    pub path: PathBuf,
    /// Manifest of the delivery.
    pub manifest: Manifest,
    /// Account of every record that the holder read.
    pub account: Account,
    /// SHA-256 of the manifest's bytes.
    pub digest: Digest,
    /// The holder whose signature was found to hold.
    pub signed_by: Option<Id>,
    /// Key of its tables, if they are sealed.
    data_key: Option<DataKey>,
}

impl Delivery {
    /// Reads the delivery at `path`, checks it against `contract`, and opens it.
    ///
    /// # Errors
    /// The folder is not a delivery, a check fails, or no secret in `unlock` opens it.
    pub fn open(path: &Path, contract: &Contract, unlock: &Unlock) -> Result<Self, DeliveryError> {
        Envelope::read(path)?.check(Some(contract))?.open(unlock)
    }

    /// Opens the tables. Returns each with its position in `contract`.
    ///
    /// # Errors
    /// A table is not in the contract, or differs from the contract and the manifest.
    pub fn tables(&self, contract: &Contract) -> Result<Vec<(usize, ParquetTable)>, DeliveryError> {
        let mut tables: Vec<(usize, ParquetTable)> = Vec::new();
        for entry in &self.account.tables {
            let found = contract.table(entry.name.as_str()).filter(|(at, _)| tables.iter().all(|(t, _)| t != at));
            let Some((position, table)) = found else {
                return Err(DeliveryError::Table { path: self.path.clone(), table: entry.name.clone() });
            };
            tables.push((position, self.table(entry, table)?));
        }
        Ok(tables)
    }

    /// Opens the table `name` of `contract`; `None` if the delivery has none of this name.
    ///
    /// # Errors
    /// The table is not in the contract, or differs from the contract and the manifest.
    pub fn table_named(&self, name: &str, contract: &Contract) -> Result<Option<ParquetTable>, DeliveryError> {
        let Some(entry) = self.account.tables.iter().find(|entry| entry.name.as_str() == name) else { return Ok(None) };
        let unknown = || DeliveryError::Table { path: self.path.clone(), table: entry.name.clone() };
        let (_, table) = contract.table(name).ok_or_else(unknown)?;
        self.table(entry, table).map(Some)
    }

    fn table(&self, entry: &TableEntry, table: &Table) -> Result<ParquetTable, DeliveryError> {
        let content = || DeliveryError::Content { path: self.path.join(&entry.file), table: entry.name.clone() };
        let parts = entry.division().ok_or_else(content)?;
        let files = self.part_files(entry, parts);
        let opened = ParquetTable::of_parts(parts, &files, &table.fields).map_err(|_| content())?;
        if opened.rows_of_files() == stated_rows(entry, &files) { Ok(opened) } else { Err(content()) }
    }

    /// Returns the files of a table.
    fn part_files(&self, entry: &TableEntry, parts: Parts) -> Vec<PartFile<'_>> {
        let files = entry.files(parts).into_iter();
        let file = |(part, file): (usize, String)| PartFile {
            part,
            path: self.path.join(&file),
            seal: self.seal_of(&entry.name, &file),
        };
        files.map(file).collect()
    }

    /// Opens the table of linkage tokens; `None` if the delivery has none.
    ///
    /// # Errors
    /// The table differs from the account, or was sealed as another table.
    pub fn linkage_table(&self) -> Result<Option<ParquetTable>, DeliveryError> {
        let Some(entry) = &self.account.linkage else { return Ok(None) };
        let path = self.path.join(LINKAGE_FILE);
        let table = linkage_name();
        let content = || DeliveryError::Content { path: path.clone(), table: table.clone() };
        let seal = self.seal_of(&table, LINKAGE_FILE);
        let opened = ParquetTable::open(&path, &linkage_fields(), seal).map_err(|_| content())?;
        if opened.rows() == entry.rows { Ok(Some(opened)) } else { Err(content()) }
    }

    /// Opens a table with any columns.
    ///
    /// # Errors
    /// A file is not a readable Parquet file, was sealed as another table, or has other rows than the account states.
    pub fn any_table(&self, entry: &TableEntry, memory: usize) -> Result<AnyTable, SourceError> {
        let other = || SourceError::NotParquet { path: self.path.join(&entry.file) };
        let files = self.part_files(entry, entry.division().ok_or_else(other)?);
        let opened = AnyTable::parts(&files, memory)?;
        if opened.rows_of_files() == stated_rows(entry, &files) { Ok(opened) } else { Err(other()) }
    }

    /// Describes the Parquet file `file` of a table; `None` if no table has it.
    ///
    /// # Errors
    /// The file is not a readable Parquet file, or was sealed as another table.
    pub fn describe(&self, file: &str) -> Result<Option<ParquetDescription>, DeliveryError> {
        let linkage = self.account.linkage.as_ref().filter(|_| file == LINKAGE_FILE);
        let is_of = |entry: &&TableEntry| {
            entry.division().is_some_and(|parts| entry.files(parts).iter().any(|(_, name)| name == file))
        };
        let seal = match self.account.tables.iter().find(is_of) {
            Some(entry) => self.seal_of(&entry.name, file),
            None if linkage.is_some() => self.seal_of(&linkage_name(), file),
            None => return Ok(None),
        };
        Ok(Some(describe_parquet(&self.path.join(file), seal.as_ref())?))
    }

    fn seal_of(&self, table: &Id, file: &str) -> Option<TableSeal<'_>> {
        let manifest = &self.manifest;
        let name = TableName {
            study: &manifest.study,
            holder: &manifest.holder,
            number: manifest.delivery.number,
            table,
            file,
        };
        self.data_key.as_ref().map(|key| key.seal(&name))
    }

    /// Returns the name of this delivery in messages.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} delivery {}", self.manifest.holder, self.manifest.delivery.number)
    }
}

/// Returns the rows that the account states for each file of a table.
fn stated_rows(entry: &TableEntry, files: &[PartFile<'_>]) -> Vec<u64> {
    files.iter().map(|file| if entry.parts.is_empty() { entry.rows } else { entry.parts[file.part] }).collect()
}

/// Returns the name of the table of linkage tokens.
fn linkage_name() -> Id {
    match Id::new(LINKAGE) {
        Ok(name) => name,
        Err(_) => unreachable!("a fixed name of letters"),
    }
}

/// Returns the kind of folder that has this manifest, if it is one of this tool but not a delivery.
fn other_kind(text: &[u8]) -> Option<&'static str> {
    #[derive(serde::Deserialize)]
    struct Kind {
        format: String,
    }
    let kind = serde_json::from_slice::<Kind>(text).ok()?;
    (kind.format == LINKED_FORMAT).then_some("a linked dataset")
}
