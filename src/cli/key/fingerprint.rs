use std::path::PathBuf;

use serde::Serialize;

use super::super::secrets::UnlockArguments;
use super::super::{CliError, print};
use crate::crypto::{KeyFile, KeyId};
use crate::domain::{Day, Id};

/// Arguments of `key fingerprint`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    unlock: UnlockArguments,
    /// The key file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

#[derive(Serialize)]
struct Fingerprint {
    purpose: &'static str,
    study: Id,
    key_id: KeyId,
    spoken: String,
    expires: Day,
}

/// The file is opened, so that the id is the key's and not only what the file says.
pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let file = KeyFile::read(&arguments.path)?;
    let key_id = file.key_id(&arguments.unlock.read()?)?;
    let said = file.said;
    let found = Fingerprint {
        purpose: said.purpose.name(),
        study: said.study,
        key_id,
        spoken: key_id.spoken(),
        expires: said.expires,
    };
    let words = format!(
        "{} key of the study {}, to be used until {}\n  key id {key_id}, aloud: {}",
        found.purpose, found.study, found.expires, found.spoken
    );
    print(json, &found, &words);
    Ok(())
}
