use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::{CliError, print};
use crate::config::Contract;
use crate::crypto::describe_key;
use crate::exchange::{Delivery, LinkedManifest};
use crate::report;
use crate::table::describe_parquet;

/// Arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A delivery, a linked dataset, a contract, a key or a Parquet file.
    path: PathBuf,
}

/// How many bytes tell what a file is.
const SNIFFED_BYTES: u64 = 64 << 10;

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let path = &arguments.path;
    if path.is_dir() {
        return folder(path, json);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SNIFFED_BYTES).read_to_end(&mut start));
    read.map_err(|e| CliError::new(Exit::Input, &format!("{}: {e}; check the path", path.display())))?;
    if start.starts_with(b"PAR1") {
        let described = describe_parquet(path).map_err(|e| CliError::new(Exit::Input, &e))?;
        print(json, &described, &report::parquet(&described));
    } else if start.starts_with(b"salanimi-key/") {
        let described = describe_key(path)?;
        let summary = json!({
            "purpose": described.purpose.name(), "study": described.study, "key_id": described.key_id
        });
        print(json, &summary, &report::key(&described));
    } else if String::from_utf8_lossy(&start).contains("salanimi-contract/") {
        let contract = Contract::read(path)?;
        let summary = json!({
            "study": contract.study, "exchange_digest": contract.exchange_digest, "settings_digest": contract.settings_digest
        });
        print(json, &summary, &report::contract(&contract));
    } else {
        return Err(unknown(path));
    }
    Ok(())
}

fn folder(path: &Path, json: bool) -> Result<(), CliError> {
    if let Some(manifest) = LinkedManifest::read(path) {
        print(json, &manifest, &report::linked_tables(&manifest));
        return Ok(());
    }
    let delivery = Delivery::read_manifest(path)?;
    let words = format!("{}Manifest digest: {}", report::manifest(&delivery.manifest), delivery.digest);
    let summary = json!({ "manifest_digest": delivery.digest, "manifest": delivery.manifest });
    print(json, &summary, &words);
    Ok(())
}

fn unknown(path: &Path) -> CliError {
    let message = format!(
        "{}: not a file of this tool; give a delivery, a linked dataset, a contract, a key or a Parquet file",
        path.display()
    );
    CliError::new(Exit::Input, &message)
}
