use std::path::PathBuf;

use serde_json::json;

use super::super::audit::AuditArguments;
use super::super::secrets::SecretArguments;
use super::super::{CliError, print};
use crate::crypto::combine;

/// Arguments of `key combine`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The key file to make.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    secrets: SecretArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// The shares.
    #[arg(required = true, value_name = "SHARE")]
    shares: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { out, shares, .. } = arguments;
    let key_id = arguments.audit.record("key combine", out, |act| {
        let (unlock, protectors) = arguments.secrets.read()?;
        let key_id = combine(shares, &unlock, out, &protectors.of_one()?)?;
        act.key_id = Some(key_id);
        act.count("shares", shares.len() as u64);
        Ok(key_id)
    })?;
    let words = format!(
        "key id {key_id}, aloud: {}\n  the shares gave the key of that id; it is in {}, destroy it after use",
        key_id.spoken(),
        out.display()
    );
    print(json, &json!({ "key_id": key_id, "key": out.display().to_string() }), &words);
    Ok(())
}
