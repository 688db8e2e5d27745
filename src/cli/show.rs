use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::secrets::UnlockArguments;
use super::{CliError, print};
use crate::audit::Chain;
use crate::config::Contract;
use crate::crypto::{AGE_HEADER, KeyFile};
use crate::exchange::{Certificate, DESTRUCTION_FORMAT, Delivery, Envelope, LinkedManifest};
use crate::report;
use crate::table::{ParquetDescription, describe_parquet};

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The contract, to check signatures against the keys that it lists.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// A delivery, a linked dataset, a contract, a key, a Parquet file, an audit log or a certificate.
    path: PathBuf,
}

/// How many bytes tell what a file is.
const SNIFFED_BYTES: u64 = 64 << 10;
/// First bytes of a Parquet file, and of one whose footer is encrypted.
const PARQUET: &[u8] = b"PAR1";
const SEALED_PARQUET: &[u8] = b"PARE";

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let path = &arguments.path;
    if path.is_dir() {
        return folder(arguments, json);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SNIFFED_BYTES).read_to_end(&mut start));
    read.map_err(|e| CliError::input(&format!("{}: {e}; check the path", path.display())))?;
    let text = String::from_utf8_lossy(&start);
    if start.starts_with(PARQUET) {
        parquet(&describe_parquet(path, None)?, json);
    } else if start.starts_with(SEALED_PARQUET) {
        parquet(&sealed_table(arguments)?, json);
    } else if text.starts_with("salanimi-key/") {
        key(path, json)?;
    } else if text.contains("salanimi-contract/") {
        contract(path, json)?;
    } else if text.starts_with("{\"format\":\"salanimi-audit/") {
        let chain = Chain::read(path)?;
        print(json, &json!({ "entries": chain.entries, "head": chain.head }), &report::audit(&chain));
    } else if text.contains(DESTRUCTION_FORMAT) {
        certificate(arguments, json)?;
    } else if start.starts_with(AGE_HEADER) {
        print(json, &json!({ "encrypted": "age" }), report::ENCRYPTED);
    } else {
        return Err(unknown(path));
    }
    Ok(())
}

fn parquet(described: &ParquetDescription, json: bool) {
    print(json, described, &report::parquet(described));
}

fn key(path: &Path, json: bool) -> Result<(), CliError> {
    let said = KeyFile::read(path)?.said;
    let summary = json!({
        "purpose": said.purpose.name(), "study": said.study, "key_id": said.key_id, "created": said.created,
        "expires": said.expires, "secrecy": said.secrecy.words(), "share": said.share.map(|share| share.to_string())
    });
    print(json, &summary, &report::key(&said));
    Ok(())
}

fn contract(path: &Path, json: bool) -> Result<(), CliError> {
    let contract = Contract::read(path)?;
    let summary = json!({
        "study": contract.study, "exchange_digest": contract.exchange_digest,
        "settings_digest": contract.settings_digest, "recipients": contract.recipients, "holders": contract.holders
    });
    print(json, &summary, &report::contract(&contract));
    Ok(())
}

fn certificate(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let contract = arguments.contract.as_deref().map(Contract::read).transpose()?;
    let (certificate, signer) = Certificate::read(&arguments.path, contract.as_ref())?;
    let words = format!("{}\n{}", report::certificate(&certificate), report::signer(signer.as_ref()));
    print(json, &json!({ "certificate": certificate, "signature": signer }), &words);
    Ok(())
}

fn folder(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    if let Some(manifest) = LinkedManifest::read(&arguments.path) {
        print(json, &manifest, &report::linked_tables(&manifest));
        return Ok(());
    }
    let envelope = Envelope::read(&arguments.path)?;
    let signer = match &arguments.contract {
        None => None,
        Some(path) => envelope.check_signature(&Contract::read(path)?)?.then(|| envelope.manifest.holder.clone()),
    };
    let (manifest, digest) = (envelope.manifest.clone(), envelope.digest);
    let account = match (&manifest.account, arguments.unlock.has_identity()) {
        (Some(account), _) => Some(account.clone()),
        (None, true) => Some(envelope.open(&arguments.unlock.read()?)?.account),
        (None, false) => None,
    };
    let words = format!(
        "{}{}\nManifest digest: {digest}",
        report::delivery(&manifest, account.as_ref()),
        report::signer(signer.as_ref())
    );
    let summary = json!({ "manifest_digest": digest, "signature": signer, "manifest": manifest, "account": account });
    print(json, &summary, &words);
    Ok(())
}

/// A sealed table is read as part of its delivery, the folder that it lies in.
fn sealed_table(arguments: &Arguments) -> Result<ParquetDescription, CliError> {
    let path = &arguments.path;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let delivery: Delivery = Envelope::read(folder)?.open(&arguments.unlock.read()?)?;
    let entry =
        delivery.account.tables.iter().find(|entry| path.file_name().is_some_and(|name| name == entry.file.as_str()));
    Ok(delivery.describe(entry.ok_or_else(|| unknown(path))?)?)
}

fn unknown(path: &Path) -> CliError {
    let message = format!(
        "{}: not a file of this tool; give a delivery, a linked dataset, a contract, a key, a Parquet file, an audit log or a certificate",
        path.display()
    );
    CliError::input(&message)
}
