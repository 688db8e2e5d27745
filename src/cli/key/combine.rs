use std::path::PathBuf;

use serde_json::json;

use super::super::audit::AuditArguments;
use super::super::secrets::{ProtectArguments, UnlockArguments};
use super::super::{CliError, print};
use crate::config::Contract;
use crate::crypto::combine;

/// Arguments of `key combine`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The key file to make.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The contract, where --to names its recipients.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    protect: ProtectArguments,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// The shares.
    #[arg(required = true, value_name = "SHARE")]
    shares: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { out, shares, .. } = arguments;
    let key_id = arguments.audit.record("key combine", out, |act| {
        let contract = arguments.contract.as_deref().map(Contract::read).transpose()?;
        let protectors = arguments.protect.read(contract.as_ref())?;
        let key_id = combine(shares, &arguments.unlock.read()?, out, &protectors.of_one()?)?;
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
