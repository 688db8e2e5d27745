use std::path::PathBuf;

use serde_json::json;

use super::super::audit::AuditArguments;
use super::super::secrets::SecretArguments;
use super::super::{CliError, print};
use salanimi::crypto::{KeyFile, split};
use salanimi::report;

/// Arguments of `key split`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How many shares to make, 2 to 16.
    #[arg(long, value_name = "N")]
    shares: u8,
    /// How many of them give the key back, 2 to N.
    #[arg(long, value_name = "K")]
    threshold: u8,
    #[command(flatten)]
    secrets: SecretArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// The key file, which stays; the shares are made beside it, as FILE.1.share and so on.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { shares, threshold, path, .. } = arguments;
    let (said, made) = arguments.audit.record("key split", path, |act| {
        let said = KeyFile::read(path)?.description;
        let (unlock, protectors) = arguments.secrets.read(&said)?;
        let made = split(path, &unlock, *shares, *threshold, &protectors.of_each())?;
        (act.study, act.key_id) = (Some(said.study.clone()), Some(said.key_id));
        act.count("shares", (*shares).into());
        act.count("threshold", (*threshold).into());
        Ok((said, made))
    })?;
    let files: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
    let summary = json!({ "key_id": said.key_id, "shares": files, "threshold": threshold });
    print(json, &summary, &report::split(said.key_id, &files, *threshold, &path.display().to_string()));
    Ok(())
}
