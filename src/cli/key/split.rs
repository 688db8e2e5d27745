use std::path::PathBuf;

use serde_json::json;

use super::super::audit::AuditArguments;
use super::super::secrets::SecretArguments;
use super::super::{CliError, print};
use crate::crypto::split;

/// Arguments of `key split`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// How many shares to make.
    #[arg(long, value_name = "N")]
    shares: u8,
    /// How many of them give the key back.
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
    let (key_id, made) = arguments.audit.record("key split", path, |act| {
        let (unlock, protectors) = arguments.secrets.read()?;
        let made = split(path, &unlock, *shares, *threshold, &protectors.of_each())?;
        act.key_id = Some(made.0);
        act.count("shares", (*shares).into());
        act.count("threshold", (*threshold).into());
        Ok(made)
    })?;
    let files: Vec<String> = made.iter().map(|path| path.display().to_string()).collect();
    let words = format!(
        "key id {key_id}: {shares} shares, of which any {threshold} give the key back\n  {}\ngive each to another person; the key itself is still in {}, `salanimi key destroy` removes it",
        files.join("\n  "),
        path.display()
    );
    print(json, &json!({ "key_id": key_id, "shares": files, "threshold": threshold }), &words);
    Ok(())
}
