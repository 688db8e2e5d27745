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
    ReleaseManifest, TableEntry, read_cohort,
};
use salanimi::files::folder_of;
use salanimi::report::{self, KeySummary};
use salanimi::study::read_contract;
use salanimi::table::{ParquetDescription, SEALED_MAGIC, describe_parquet};
use salanimi_core::Id;

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The contract, to check signatures against the keys that it lists.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// A delivery, a linked dataset, released tables, a contract, a key, a Parquet file, a list of persons, an audit log or a certificate.
    path: PathBuf,
}

/// How many bytes tell what a file is.
const SNIFFED_BYTES: u64 = 64 << 10;
/// First bytes of a Parquet file whose footer is not encrypted.
const PARQUET: &[u8] = b"PAR1";

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let path = &arguments.path;
    let shown = Shown { arguments, contract: arguments.contract.as_deref().map(read_contract).transpose()?, json };
    if path.is_dir() {
        return shown.folder(path);
    }
    let mut start = Vec::new();
    let read = regular(path).and_then(|file| file.take(SNIFFED_BYTES).read_to_end(&mut start));
    read.map_err(|e| CliError::input(&format!("{}: {e}; check the path", path.display())))?;
    let text = String::from_utf8_lossy(&start);
    match &text {
        _ if start.starts_with(PARQUET) => shown.parquet(&describe_parquet(path, None)?),
        _ if start.starts_with(SEALED_MAGIC) => shown.parquet(&shown.sealed_table()?),
        text if text.starts_with(KEY_FILE_KIND) => shown.key()?,
        _ if start.starts_with(AGE_HEADER) => shown.age_file()?,
        text if text.contains(CONTRACT_FORMAT) => shown.contract()?,
        text if text.contains(AUDIT_FORMAT) => shown.audit_log()?,
        text if text.contains(DESTRUCTION_FORMAT) => shown.certificate()?,
        _ if path.file_name().is_some_and(|name| name == MANIFEST) => shown.folder(folder_of(path))?,
        _ => return Err(unknown(path)),
    }
    Ok(())
}

/// Opens a file, or what a link leads to; a pipe would be waited for.
fn regular(path: &Path) -> io::Result<File> {
    match std::fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// What is being shown, and how.
struct Shown<'a> {
    arguments: &'a Arguments,
    /// To check signatures by.
    contract: Option<Contract>,
    json: bool,
}

impl Shown<'_> {
    fn path(&self) -> &Path {
        &self.arguments.path
    }

    fn print(&self, value: &impl serde::Serialize, words: &str) {
        print(self.json, value, words);
    }

    fn signer(&self, signer: Option<&Id>) -> String {
        report::signer(self.contract.is_some(), signer)
    }

    fn parquet(&self, described: &ParquetDescription) {
        self.print(described, &report::parquet(described));
    }

    fn key(&self) -> Result<(), CliError> {
        let key = KeySummary::of(&KeyFile::read(self.path())?.description);
        self.print(&key, &report::unproved_key(&key));
        Ok(())
    }

    fn contract(&self) -> Result<(), CliError> {
        let contract = read_contract(self.path())?;
        let summary = json!({
            "study": contract.study, "exchange_digest": contract.exchange_digest, "settings_digest": contract.settings_digest,
            "recipients": contract.recipients, "holders": contract.holders, "signatories": contract.signatories
        });
        self.print(&summary, &report::contract(&contract));
        Ok(())
    }

    fn audit_log(&self) -> Result<(), CliError> {
        let chain = Chain::read(self.path())?;
        self.print(&json!({ "entries": chain.entries, "head": chain.head }), &report::audit(&chain));
        Ok(())
    }

    fn certificate(&self) -> Result<(), CliError> {
        let (certificate, signer) = Certificate::read(self.path(), self.contract.as_ref())?;
        let words = format!("{}\n{}", report::certificate(&certificate), self.signer(signer.as_ref()));
        self.print(&json!({ "certificate": certificate, "signature": signer }), &words);
        Ok(())
    }

    /// A cohort list, where it can be opened; no person of it is shown.
    fn age_file(&self) -> Result<(), CliError> {
        let (Some(contract), true) = (&self.contract, self.arguments.unlock.has_identity()) else {
            self.print(&json!({ "encrypted": "age" }), report::ENCRYPTED);
            return Ok(());
        };
        let unlock = self.arguments.unlock.read()?;
        let ReceivedCohort { header, signer } =
            read_cohort(self.path(), contract, None, &unlock, |_, _| Ok::<_, CohortListError>(()))?;
        let words = format!("{}\n{}", report::cohort_list(&header), self.signer(signer.as_ref()));
        self.print(&json!({ "list": header, "signature": signer }), &words);
        Ok(())
    }

    /// A linked dataset or a delivery, whose files are held against its manifest.
    fn folder(&self, path: &Path) -> Result<(), CliError> {
        if let Some(manifest) = LinkedManifest::read(path) {
            manifest.check_files(path)?;
            self.print(&manifest, &report::linked_tables(&manifest));
            return Ok(());
        }
        if let Some(manifest) = ReleaseManifest::read(path) {
            manifest.check_files(path)?;
            self.print(&manifest, &report::release_manifest(&manifest));
            return Ok(());
        }
        let checked = Envelope::read(path)?.check(self.contract.as_ref())?;
        let (manifest, digest, signer) =
            (checked.envelope.manifest.clone(), checked.envelope.digest, checked.signed_by.clone());
        let can_open = manifest.account.is_some() || self.arguments.unlock.has_identity();
        let account = can_open.then(|| Ok::<_, CliError>(checked.open(&self.arguments.unlock.read()?)?.account));
        let account = account.transpose()?;
        let words = format!(
            "{}{}\nFiles: those of the manifest, byte for byte\nManifest digest: {digest}",
            report::delivery(&manifest, account.as_ref()),
            self.signer(signer.as_ref())
        );
        let manifest = Manifest { account: None, ..manifest };
        let summary =
            json!({ "manifest_digest": digest, "signature": signer, "manifest": manifest, "account": account });
        self.print(&summary, &words);
        Ok(())
    }

    /// A sealed table is read as part of its delivery, the folder that it lies in.
    fn sealed_table(&self) -> Result<ParquetDescription, CliError> {
        let path = self.path();
        let checked = Envelope::read(folder_of(path))?.check(self.contract.as_ref())?;
        let delivery = checked.open(&self.arguments.unlock.read()?)?;
        let is_it = |entry: &&TableEntry| path.file_name().is_some_and(|name| name == entry.file.as_str());
        let entry = delivery.account.tables.iter().find(is_it).ok_or_else(|| unknown(path))?;
        Ok(delivery.describe(entry)?)
    }
}

fn unknown(path: &Path) -> CliError {
    let message = format!(
        "{}: not a file that can be shown; give a delivery, a linked dataset, a contract, a key, a Parquet file, a list of persons, an audit log or a certificate",
        path.display()
    );
    CliError::input(&message)
}
