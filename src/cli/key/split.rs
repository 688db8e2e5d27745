//! `salanimi key split`: splits a key into shares.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::audit::AuditArguments;
use crate::cli::secrets::SecretArguments;
use crate::cli::{CliError, print};
use salanimi::crypto::{KeyFile, split};
use salanimi::report;

/// Arguments of `key split`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Number of shares to make, 2 to 16.
    #[arg(long, value_name = "N")]
    shares: u8,
    /// Number of shares needed to restore the key (threshold), 2 to N.
    #[arg(long, value_name = "K")]
    threshold: u8,
    #[command(flatten)]
    secrets: SecretArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Key file. It stays; the shares are written beside it as FILE.1.share and so on.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { shares, threshold, path, .. } = arguments;
    let (key_id, made) = arguments.audit.record("key split", path, |act| {
        let key = KeyFile::read(path)?.description;
        let (unlock, protectors) = arguments.secrets.read(&key)?;
        let made = split(path, &unlock, *shares, *threshold, &protectors.of_each())?;
        act.study = Some(key.study);
        act.key_id = Some(key.key_id);
        act.count("shares", (*shares).into());
        act.count("threshold", (*threshold).into());
        Ok((key.key_id, made))
    })?;
    let files: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
    let summary = json!({ "key_id": key_id, "shares": files, "threshold": threshold });
    print(json, &summary, &report::split(key_id, &files, *threshold, &path.display().to_string()))?;
    Ok(())
}
