use std::path::PathBuf;

use super::super::audit::AuditArguments;
use super::super::secrets::SecretArguments;
use super::super::{CliError, print};
use salanimi::crypto::{KeyFile, combine};
use salanimi::report::{self, KeySummary};

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
    let key = arguments.audit.record("key combine", out, |act| {
        // There is at least one; what it says is checked with the others.
        let first = shares.first().map_or(out, |first| first);
        let (unlock, protectors) = arguments.secrets.read(&KeyFile::read(first)?.description)?;
        combine(shares, &unlock, out, &protectors.of_one()?)?;
        let key = KeySummary::of(&KeyFile::read(out)?.description);
        (act.study, act.key_id) = (Some(key.study.clone()), Some(key.key_id));
        act.count("shares", shares.len() as u64);
        Ok(key)
    })?;
    print(json, &key, &report::combined(&key, &out.display().to_string()));
    Ok(())
}
