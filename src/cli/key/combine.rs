//! `salanimi key combine`: combines shares into the key.

use std::path::PathBuf;

use crate::cli::audit::AuditArguments;
use crate::cli::secrets::SecretArguments;
use crate::cli::{CliError, print};
use salanimi::crypto::{KeyFile, combine};
use salanimi::report::{self, KeySummary};

/// Arguments of `key combine`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Key file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    secrets: SecretArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Share files.
    #[arg(required = true, value_name = "SHARE")]
    shares: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { out, shares, .. } = arguments;
    let key = arguments.audit.record("key combine", out, |act| {
        let [first, ..] = &shares[..] else { unreachable!("the command line requires a share") };
        // The first share describes the key; `combine` compares the others with it.
        let (unlock, protectors) = arguments.secrets.read(&KeyFile::read(first)?.description)?;
        combine(shares, &unlock, out, &protectors.of_one()?)?;
        let key = KeySummary::of(&KeyFile::read(out)?.description);
        act.study = Some(key.study.clone());
        act.key_id = Some(key.key_id);
        act.count("shares", shares.len() as u64);
        Ok(key)
    })?;
    print(json, &key, &report::combined(&key, &out.display().to_string()))?;
    Ok(())
}
