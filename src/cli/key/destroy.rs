//! `salanimi key destroy`: destroys a key and certifies it.

use std::path::PathBuf;

use crate::cli::audit::AuditArguments;
use crate::cli::clock::now;
use crate::cli::secrets::UnlockArguments;
use crate::cli::{CliError, print};
use salanimi::crypto::{Digest, KeyFile};
use salanimi::exchange::{Destroyed, destroy_key};
use salanimi::report;

/// Arguments of `key destroy`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Signing key of the party that certifies the destruction. `show --contract` checks the certificate against it.
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// Certificate to write. Its signature is written beside it.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Key, share or identity file to destroy.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { path, signing_key, certificate, .. } = arguments;
    let statement = arguments.audit.record("key destroy", certificate, |act| {
        // Recorded first: the log names the destroyed key even if no certificate can be written.
        if let Ok(file) = KeyFile::read(path) {
            act.study = Some(file.description.study);
            act.key_id = Some(file.description.key_id);
        }
        let (statement, digest) = destroy_key(path, signing_key, certificate, &arguments.unlock.read()?, now())?;
        act.study = Some(statement.study.clone());
        act.signed_by = Some(statement.signed_by);
        act.digest("certificate", digest);
        if let Destroyed::Identity { recipients } = &statement.destroyed {
            recipients.iter().for_each(|r| act.digest("recipient", Digest::of(r.to_string().as_bytes())));
        }
        Ok(statement)
    })?;
    print(json, &statement, &report::certificate(&statement))?;
    Ok(())
}
