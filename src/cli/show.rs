//! `salanimi show`: describes a file or folder of this tool.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::secrets::UnlockArguments;
use super::{CliError, print};
use salanimi::audit::{AUDIT_FORMAT, Chain};
use salanimi::config::{CONTRACT_FORMAT, Contract};
use salanimi::crypto::{AGE_HEADER, KEY_FILE_KIND, KeyFile};
use salanimi::exchange::{
    Certificate, CohortListError, DESTRUCTION_FORMAT, Envelope, LinkedManifest, MANIFEST, Manifest, ReceivedCohort,
    ReleaseManifest, read_cohort,
};
use salanimi::files::folder_of;
use salanimi::report::{self, KeySummary};
use salanimi::study::read_contract;
use salanimi::table::{ParquetDescription, SEALED_MAGIC, describe_parquet};
use salanimi_core::Id;

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Contract that lists the keys to check signatures against.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// Delivery, linked dataset, released tables, contract, key, Parquet file, list of persons, audit log or
    /// certificate of destruction.
    path: PathBuf,
}

/// Bytes at the start of a file that identify its kind.
const SNIFFED_BYTES: u64 = 64 << 10;
/// First bytes of a Parquet file whose footer is not encrypted.
const PARQUET: &[u8] = b"PAR1";

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let path = &arguments.path;
    let contract = arguments.contract.as_deref().map(read_contract).transpose()?;
    let printer = Printer { arguments, contract, json };
    if path.is_dir() {
        return printer.folder(path);
    }
    let mut start = Vec::new();
    let read = regular(path).and_then(|file| file.take(SNIFFED_BYTES).read_to_end(&mut start));
    read.map_err(|e| CliError::input(&format!("{}: {e}; check the path", path.display())))?;
    let text = String::from_utf8_lossy(&start);
    match &text {
        _ if start.starts_with(PARQUET) => printer.parquet(&describe_parquet(path, None)?),
        _ if start.starts_with(SEALED_MAGIC) => printer.parquet(&printer.sealed_table()?),
        text if text.starts_with(KEY_FILE_KIND) => printer.key(),
        _ if start.starts_with(AGE_HEADER) => printer.age_file(),
        text if text.contains(CONTRACT_FORMAT) => printer.contract(),
        text if text.contains(AUDIT_FORMAT) => printer.audit_log(),
        text if text.contains(DESTRUCTION_FORMAT) => printer.certificate(),
        _ if path.file_name().is_some_and(|name| name == MANIFEST) => printer.folder(folder_of(path)),
        _ => Err(unknown(path)),
    }
}

/// Opens a regular file or the target of a link. Reading a pipe could wait forever.
fn regular(path: &Path) -> io::Result<File> {
    match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// Prints descriptions as text or as JSON.
struct Printer<'a> {
    arguments: &'a Arguments,
    /// Lists the keys that signatures are checked against.
    contract: Option<Contract>,
    json: bool,
}

impl Printer<'_> {
    fn path(&self) -> &Path {
        &self.arguments.path
    }

    fn print(&self, value: &impl serde::Serialize, text: &str) -> Result<(), CliError> {
        print(self.json, value, text)
    }

    fn signer(&self, signer: Option<&Id>) -> String {
        report::signer(self.contract.is_some(), signer)
    }

    fn parquet(&self, described: &ParquetDescription) -> Result<(), CliError> {
        self.print(described, &report::parquet(described))
    }

    fn key(&self) -> Result<(), CliError> {
        let key = KeySummary::of(&KeyFile::read(self.path())?.description);
        self.print(&key, &report::unproved_key(&key))
    }

    fn contract(&self) -> Result<(), CliError> {
        let contract = read_contract(self.path())?;
        let summary = json!({
            "study": contract.study,
            "exchange_digest": contract.exchange_digest,
            "settings_digest": contract.settings_digest,
            "recipients": contract.recipients,
            "holders": contract.holders,
            "signatories": contract.signatories,
        });
        self.print(&summary, &report::contract(&contract))
    }

    fn audit_log(&self) -> Result<(), CliError> {
        let chain = Chain::read(self.path())?;
        self.print(&json!({ "entries": chain.entries, "head": chain.head }), &report::audit(&chain))
    }

    fn certificate(&self) -> Result<(), CliError> {
        let (certificate, signer) = Certificate::read(self.path(), self.contract.as_ref())?;
        let text = format!("{}\n{}", report::certificate(&certificate), self.signer(signer.as_ref()));
        self.print(&json!({ "certificate": certificate, "signature": signer }), &text)
    }

    /// Prints the header of a cohort list that can be opened, and no person on it.
    fn age_file(&self) -> Result<(), CliError> {
        let (Some(contract), true) = (&self.contract, self.arguments.unlock.has_identity()) else {
            return self.print(&json!({ "encrypted": "age" }), report::ENCRYPTED);
        };
        let unlock = self.arguments.unlock.read()?;
        let received = read_cohort(self.path(), contract, None, &unlock, |_, _| Ok::<_, CohortListError>(()))?;
        let ReceivedCohort { header, signer } = received;
        let text = format!("{}\n{}", report::cohort_list(&header), self.signer(signer.as_ref()));
        self.print(&json!({ "list": header, "signature": signer }), &text)
    }

    /// Prints a linked dataset, released tables or a delivery, after comparing the files with the manifest.
    fn folder(&self, path: &Path) -> Result<(), CliError> {
        if let Some(manifest) = LinkedManifest::read(path) {
            manifest.check_files(path)?;
            return self.print(&manifest, &report::linked_tables(&manifest));
        }
        if let Some(manifest) = ReleaseManifest::read(path) {
            manifest.check_files(path)?;
            return self.print(&manifest, &report::release_manifest(&manifest));
        }
        let checked = Envelope::read(path)?.check(self.contract.as_ref())?;
        let manifest = checked.envelope.manifest.clone();
        let digest = checked.envelope.digest;
        let signer = checked.signed_by.clone();
        let can_open = manifest.account.is_some() || self.arguments.unlock.has_identity();
        let account = match can_open {
            true => Some(checked.open(&self.arguments.unlock.read()?)?.account),
            false => None,
        };
        let text = format!(
            "{}{}{}\nFiles: identical to those of the manifest\nManifest digest: {digest}",
            report::delivery(&manifest, account.as_ref()),
            if account.is_some() { report::STATED_BY_HOLDER } else { "" },
            self.signer(signer.as_ref())
        );
        let manifest = Manifest { account: None, ..manifest };
        let summary =
            json!({ "manifest_digest": digest, "signature": signer, "manifest": manifest, "account": account });
        self.print(&summary, &text)
    }

    /// Describes a sealed table, read as part of the delivery in whose folder it is.
    fn sealed_table(&self) -> Result<ParquetDescription, CliError> {
        let path = self.path();
        // A part is in the folder of its table, which may be given as `.`.
        let inner = folder_of(path).canonicalize().map_err(|_| unknown(path))?;
        let names = [inner.file_name(), path.file_name()].map(|name| name.and_then(|name| name.to_str()));
        let [Some(table), Some(file)] = names else { return Err(unknown(path)) };
        let (folder, name) = match inner.join(MANIFEST).exists() {
            true => (inner.as_path(), file.to_owned()),
            false => (folder_of(&inner), format!("{table}/{file}")),
        };
        let checked = Envelope::read(folder)?.check(self.contract.as_ref())?;
        let delivery = checked.open(&self.arguments.unlock.read()?)?;
        delivery.describe(&name)?.ok_or_else(|| unknown(path))
    }
}

fn unknown(path: &Path) -> CliError {
    let message = format!(
        "{}: not a file that can be shown; give a delivery, a linked dataset, released tables, a contract, a key, a \
         Parquet file, a list of persons, an audit log or a certificate of destruction",
        path.display()
    );
    CliError::input(&message)
}
