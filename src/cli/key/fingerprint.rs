//! `salanimi key fingerprint`: prints the id and the fingerprint of a key.

use std::path::PathBuf;

use crate::cli::secrets::UnlockArguments;
use crate::cli::{CliError, print};
use salanimi::crypto::KeyFile;
use salanimi::report::{self, KeySummary};

/// Arguments of `key fingerprint`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    unlock: UnlockArguments,
    /// Key file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

/// Prints the key id, computed from the key itself and compared with the one in the file's header.
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let file = KeyFile::read(&arguments.path)?;
    file.key_id(&arguments.unlock.read()?)?;
    let key = KeySummary::of(&file.description);
    print(json, &key, &report::key(&key))?;
    Ok(())
}
