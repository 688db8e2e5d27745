use std::path::PathBuf;

use super::super::audit::AuditArguments;
use super::super::clock::now;
use super::super::secrets::UnlockArguments;
use super::super::{CliError, print};
use salanimi::crypto::{Digest, KeyFile};
use salanimi::exchange::{Destroyed, destroy_key};
use salanimi::report;

/// Arguments of `key destroy`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The signing key of the party that vouches for the destruction; `show --contract` checks the certificate by it.
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// The certificate to write; its signature goes beside it.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// The key, share or identity file to destroy.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { path, signing_key, certificate, .. } = arguments;
    let statement = arguments.audit.record("key destroy", certificate, |act| {
        // Noted first: should the certificate come to nothing, the log says what was destroyed.
        if let Ok(file) = KeyFile::read(path) {
            (act.study, act.key_id) = (Some(file.description.study), Some(file.description.key_id));
        }
        let (statement, digest) = destroy_key(path, signing_key, certificate, &arguments.unlock.read()?, now())?;
        (act.study, act.signed_by) = (Some(statement.study.clone()), Some(statement.signed_by));
        act.digest("certificate", digest);
        if let Destroyed::Identity { recipients } = &statement.destroyed {
            recipients.iter().for_each(|r| act.digest("recipient", Digest::of(r.to_string().as_bytes())));
        }
        Ok(statement)
    })?;
    print(json, &statement, &report::certificate(&statement));
    Ok(())
}
