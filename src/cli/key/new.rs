use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::audit::AuditArguments;
use super::super::secrets::ProtectArguments;
use super::super::{CliError, print};
use crate::audit::Act;
use crate::config::Contract;
use crate::crypto::{
    Identity, Key, KeyFileError, KeyId, Lifetime, LinkKey, ProjectKey, Protection, Signatory, SigningKey, write_key,
};
use crate::domain::{Day, Id, Moment};
use crate::files::{beside, write_public};

/// What is added to a key file's name for that of its public half.
const PUBLIC_ENDING: &str = ".pub";

/// Arguments of `key new`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The contract of the study that the key is for; an identity is for no study.
    #[arg(long, required_unless_present = "identity")]
    contract: Option<PathBuf>,
    #[command(flatten)]
    kind: Kind,
    /// The last day on which the key may be used; a year from now if not given. An identity does not expire.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse, conflicts_with = "identity")]
    expires: Option<Day>,
    #[command(flatten)]
    protect: ProtectArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// The key file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

/// What the key is for: without any of these, the holders' pseudonyms.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
struct Kind {
    /// A link key, for the linker, in place of the holders' project key.
    #[arg(long)]
    link: bool,
    /// A signing key, for one party; its public half goes into the contract.
    #[arg(long)]
    signing: bool,
    /// An age identity, for a party that opens what is encrypted to it; its recipient goes into the contract.
    #[arg(long)]
    identity: bool,
}

/// What was made.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Made {
    Key { purpose: &'static str, study: Id, key_id: KeyId, spoken: String, expires: Day, public_key: Option<String> },
    Identity { recipient: String },
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let path = &arguments.path;
    let made = arguments.audit.record("key new", path, |act| make(arguments, path, act))?;
    print(json, &made, &made.words());
    Ok(())
}

fn make(arguments: &Arguments, path: &Path, act: &mut Act) -> Result<Made, CliError> {
    let contract = arguments.contract.as_deref().map(Contract::read).transpose()?;
    let protectors = arguments.protect.read(contract.as_ref())?;
    let (protection, today) = (protectors.of_one()?, Moment::now().day());
    let study = contract.map(|contract| contract.study.id).filter(|_| !arguments.kind.identity);
    let Some(study) = study else { return new_identity(path, today, &protection) };
    let new = New { path, study: &study, lifetime: Lifetime::new(today, arguments.expires)?, protection };
    let made = match arguments.kind {
        Kind { link: true, .. } => new.write(&LinkKey::generate()?, None)?,
        Kind { signing: true, .. } => {
            let key = SigningKey::generate()?;
            let signatory = Signatory::new(&key, &study);
            let made = new.write(&key, Some(signatory.public_key().to_string()))?;
            write_public(&beside(path, PUBLIC_ENDING), signatory.public_key_file().as_bytes())?;
            made
        }
        Kind { .. } => new.write(&ProjectKey::generate()?, None)?,
    };
    if let Made::Key { study, key_id, .. } = &made {
        (act.study, act.key_id) = (Some(study.clone()), Some(*key_id));
    }
    Ok(made)
}

struct New<'a> {
    path: &'a Path,
    study: &'a Id,
    lifetime: Lifetime,
    protection: Protection<'a>,
}

impl New<'_> {
    fn write<K: Key>(&self, key: &K, public_key: Option<String>) -> Result<Made, KeyFileError> {
        let key_id = write_key(self.path, self.study, key, self.lifetime, &self.protection)?;
        let (study, expires) = (self.study.clone(), self.lifetime.expires);
        Ok(Made::Key { purpose: K::PURPOSE.name(), study, key_id, spoken: key_id.spoken(), expires, public_key })
    }
}

fn new_identity(path: &Path, today: Day, protection: &Protection<'_>) -> Result<Made, CliError> {
    let identity = Identity::generate();
    identity.write(path, today, protection)?;
    let recipient = identity.recipient().to_string();
    write_public(&beside(path, PUBLIC_ENDING), format!("{recipient}\n").as_bytes())?;
    Ok(Made::Identity { recipient })
}

impl Made {
    fn words(&self) -> String {
        match self {
            Self::Identity { recipient } => format!(
                "age identity; its recipient, which may be known to all, for the contract or a .pub file:\n  {recipient}\nwhoever has the identity opens what is encrypted to it: keep it, and keep it apart from the project key"
            ),
            Self::Key { purpose, study, key_id, spoken, expires, public_key } => {
                let next = match (*purpose, public_key) {
                    (_, Some(key)) => format!(
                        "its public half, which may be known to all, for `signing` under [holders.…] of the contract:\n  {key}"
                    ),
                    ("link", None) => "keep it with the linker alone".to_owned(),
                    _ => "every holder must see the same before anyone extracts; the research team never gets it"
                        .to_owned(),
                };
                format!(
                    "{purpose} key of the study {study}, to be used until {expires}\n  key id {key_id}, aloud: {spoken}\n{next}"
                )
            }
        }
    }
}
