use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{CliError, print};
use crate::config::Contract;
use crate::crypto::{Key, KeyFileError, KeyId, LinkKey, ProjectKey, read_key, write_key};

/// Arguments of `key`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key from the operating system's randomness.
    New(File),
    /// Print the public name of a key, which may be compared aloud.
    Fingerprint(File),
}

#[derive(Debug, Args)]
struct File {
    /// The contract of the study that the key is for.
    #[arg(long)]
    contract: PathBuf,
    /// A link key, for the linker, in place of the holders' project key.
    #[arg(long)]
    link: bool,
    /// The key file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

#[derive(serde::Serialize)]
struct Summary {
    study: String,
    key_id: KeyId,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let (file, new) = match &arguments.command {
        Command::New(file) => (file, true),
        Command::Fingerprint(file) => (file, false),
    };
    let study = Contract::read(&file.contract)?.study.id;
    let key_id = match (new, file.link) {
        (true, false) => write_key(&file.path, &study, &ProjectKey::generate().map_err(KeyFileError::from)?)?,
        (true, true) => write_key(&file.path, &study, &LinkKey::generate().map_err(KeyFileError::from)?)?,
        (false, false) => read_key::<ProjectKey>(&file.path, &study)?.id(&study),
        (false, true) => read_key::<LinkKey>(&file.path, &study)?.id(&study),
    };
    let compare = if file.link {
        "keep it with the linker alone"
    } else {
        "every holder must see the same before anyone extracts"
    };
    let words = format!("key id {key_id} (study {study}); {compare}");
    print(json, &Summary { study: study.to_string(), key_id }, &words);
    Ok(())
}
