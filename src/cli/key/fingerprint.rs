use std::path::PathBuf;

use super::super::secrets::UnlockArguments;
use super::super::{CliError, print};
use salanimi::crypto::KeyFile;
use salanimi::report::{self, KeySummary};

/// Arguments of `key fingerprint`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    unlock: UnlockArguments,
    /// The key file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

/// The file is opened, so that the id is the key's and not only what the file says.
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let file = KeyFile::read(&arguments.path)?;
    file.key_id(&arguments.unlock.read()?)?;
    let key = KeySummary::of(&file.description);
    print(json, &key, &report::key(&key));
    Ok(())
}
