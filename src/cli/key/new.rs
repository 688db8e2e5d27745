use std::path::{Path, PathBuf};

use super::super::audit::AuditArguments;
use super::super::clock::now;
use super::super::secrets::{Audience, ProtectArguments};
use super::super::{CliError, print};
use salanimi::audit::Act;
use salanimi::crypto::{
    Digest, Identity, Key, KeyFile, Lifetime, LinkKey, ProjectKey, Protection, Purpose, Signatory, SigningKey,
    write_key,
};
use salanimi::files::{beside, refuse_existing, write_public};
use salanimi::report::{self, KeySummary, NewKey};
use salanimi::study::read_contract;
use salanimi_core::{Day, Id};

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
    /// The key file. The public half of a signing key or identity goes into FILE.pub beside it.
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

impl Kind {
    /// None for an identity, which is no key of a study.
    fn purpose(self) -> Option<Purpose> {
        match self {
            Self { identity: true, .. } => None,
            Self { link: true, .. } => Some(Purpose::Link),
            Self { signing: true, .. } => Some(Purpose::Signing),
            Self { .. } => Some(Purpose::Project),
        }
    }
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { kind, path, .. } = arguments;
    let command = format!("key new {}", kind.purpose().map_or("identity", Purpose::name));
    let made = arguments.audit.record(&command, path, |act| make(arguments, act))?;
    print(json, &made, &report::new_key(&made));
    Ok(())
}

fn make(arguments: &Arguments, act: &mut Act) -> Result<NewKey, CliError> {
    let (path, today) = (&arguments.path, now().day());
    let contract = arguments.contract.as_deref().map(read_contract).transpose()?;
    let audience = arguments.kind.purpose().map_or(Audience::Anyone, Audience::of);
    let protectors = arguments.protect.read(contract.as_ref(), audience)?;
    let protection = protectors.of_one()?;
    let (Some(purpose), Some(contract)) = (arguments.kind.purpose(), contract) else {
        let recipient = new_identity(path, today, &protection)?;
        act.digest("recipient", Digest::of(recipient.as_bytes()));
        return Ok(NewKey::Identity { recipient, public_file: beside(path, PUBLIC_ENDING).display().to_string() });
    };
    let new = New { path, study: contract.study.id, lifetime: Lifetime::new(today, arguments.expires)?, protection };
    let public_key = new.make(purpose)?;
    let key = KeySummary::of(&KeyFile::read(path)?.description);
    (act.study, act.key_id) = (Some(key.study.clone()), Some(key.key_id));
    Ok(NewKey::Key { key, public_key })
}

/// A key in the making.
struct New<'a> {
    path: &'a Path,
    study: Id,
    lifetime: Lifetime,
    protection: Protection<'a>,
}

impl New<'_> {
    /// Writes a new key of `purpose`; its public half, if it has one.
    fn make(&self, purpose: Purpose) -> Result<Option<String>, CliError> {
        match purpose {
            Purpose::Project => self.write(&ProjectKey::generate()?).map(|()| None),
            Purpose::Link => self.write(&LinkKey::generate()?).map(|()| None),
            Purpose::Signing => {
                let key = SigningKey::generate()?;
                let signatory = Signatory::new(&key, &self.study);
                let public = with_public(self.path, &signatory.public_key_file(), || self.write(&key));
                public.map(|()| Some(signatory.public_key().to_string()))
            }
        }
    }

    fn write<K: Key>(&self, key: &K) -> Result<(), CliError> {
        write_key(self.path, &self.study, key, self.lifetime, &self.protection)?;
        Ok(())
    }
}

/// A new identity; its recipient.
fn new_identity(path: &Path, today: Day, protection: &Protection<'_>) -> Result<String, CliError> {
    let identity = Identity::generate();
    let recipient = identity.recipient().to_string();
    with_public(path, &format!("{recipient}\n"), || Ok(identity.write(path, today, protection)?))?;
    Ok(recipient)
}

/// Writes a secret and its public half beside it: both, or neither.
fn with_public(path: &Path, public: &str, write: impl FnOnce() -> Result<(), CliError>) -> Result<(), CliError> {
    let public_path = beside(path, PUBLIC_ENDING);
    refuse_existing(&public_path)?;
    write()?;
    write_public(&public_path, public.as_bytes()).inspect_err(|_| drop(std::fs::remove_file(path)))?;
    Ok(())
}
