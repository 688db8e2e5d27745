//! `salanimi key new`: creates a key or an age identity.

use std::path::{Path, PathBuf};

use crate::cli::audit::AuditArguments;
use crate::cli::clock::now;
use crate::cli::secrets::{Audience, ProtectArguments};
use crate::cli::{CliError, print};
use salanimi::audit::CommandRecord;
use salanimi::crypto::{Digest, Identity, KeyFile, Lifetime, Protection, Signatory, write_key};
use salanimi::files::{beside, refuse_existing, write_public};
use salanimi::release::{REGISTER_ENDING, ReleaseError, create_register};
use salanimi::report::{self, KeySummary, NewKey};
use salanimi::study::read_contract;
use salanimi_core::{Day, Id, Key, LinkKey, ProjectKey, Purpose, ReleaseKey, SigningKey};

/// Ending of the public half's file name, after that of the key file.
const PUBLIC_ENDING: &str = ".pub";

/// Arguments of `key new`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Contract of the study. An identity belongs to no study.
    #[arg(long, required_unless_present = "identity")]
    contract: Option<PathBuf>,
    #[command(flatten)]
    kind: Kind,
    /// Last day on which the key may be used [default: a year from now]. An identity does not expire.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse, conflicts_with = "identity")]
    expires: Option<Day>,
    #[command(flatten)]
    protect: ProtectArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Key file to write. The public half of a signing key or identity, and the fingerprint of a release key, is
    /// written beside it, as FILE.pub; the register of a release key, as FILE.register.
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

/// Kind of key. Without an option it is a project key, for pseudonyms.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line, and at most one is given")]
struct Kind {
    /// Create a link key, for the linker, instead of a project key.
    #[arg(long)]
    link: bool,
    /// Create a signing key, for one party. Its public half belongs in the contract.
    #[arg(long)]
    signing: bool,
    /// Create an age identity, for a party that receives encrypted files. Its recipient belongs in the contract.
    #[arg(long)]
    identity: bool,
    /// Create a release key, for the researcher, and its empty register. Its fingerprint belongs in the contract.
    #[arg(long)]
    release: bool,
}

impl Kind {
    /// Returns the purpose, or `None` for an identity, which belongs to no study.
    fn purpose(self) -> Option<Purpose> {
        match self {
            Self { identity: true, .. } => None,
            Self { link: true, .. } => Some(Purpose::Link),
            Self { signing: true, .. } => Some(Purpose::Signing),
            Self { release: true, .. } => Some(Purpose::Release),
            Self { .. } => Some(Purpose::Project),
        }
    }
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { kind, path, .. } = arguments;
    let command = format!("key new {}", kind.purpose().map_or("identity", Purpose::name));
    let key = arguments.audit.record(&command, path, |act| create(arguments, act))?;
    print(json, &key, &report::new_key(&key))?;
    Ok(())
}

fn create(arguments: &Arguments, act: &mut CommandRecord) -> Result<NewKey, CliError> {
    let path = &arguments.path;
    let today = now().day();
    let contract = arguments.contract.as_deref().map(read_contract).transpose()?;
    let audience = arguments.kind.purpose().map_or(Audience::Anyone, Audience::of);
    let protectors = arguments.protect.read(contract.as_ref(), audience)?;
    let protection = protectors.of_one()?;
    let (Some(purpose), Some(contract)) = (arguments.kind.purpose(), contract) else {
        let recipient = new_identity(path, today, &protection)?;
        act.digest("recipient", Digest::of(recipient.as_bytes()));
        return Ok(NewKey::Identity { recipient, public_file: beside(path, PUBLIC_ENDING).display().to_string() });
    };
    let lifetime = Lifetime::new(today, arguments.expires)?;
    let builder = KeyBuilder { path, study: contract.study.id, lifetime, protection };
    let public_key = builder.create(purpose)?;
    let key = KeySummary::of(&KeyFile::read(path)?.description);
    act.study = Some(key.study.clone());
    act.key_id = Some(key.key_id);
    Ok(NewKey::Key { key, public_key })
}

/// Properties of a new key.
struct KeyBuilder<'a> {
    path: &'a Path,
    study: Id,
    lifetime: Lifetime,
    protection: Protection<'a>,
}

impl KeyBuilder<'_> {
    /// Writes a new key of `purpose` and returns its public half, if it has one.
    fn create(&self, purpose: Purpose) -> Result<Option<String>, CliError> {
        match purpose {
            Purpose::Project => self.write(&ProjectKey::generate()?).map(|()| None),
            Purpose::Link => self.write(&LinkKey::generate()?).map(|()| None),
            Purpose::Signing => {
                let key = SigningKey::generate()?;
                let signatory = Signatory::new(&key, &self.study);
                let public = with_public(self.path, &signatory.public_key_file(), || self.write(&key));
                public.map(|()| Some(signatory.public_key().to_string()))
            }
            Purpose::Release => {
                let key = ReleaseKey::generate()?;
                let fingerprint = key.id(&self.study).spoken();
                refuse_existing(&beside(self.path, REGISTER_ENDING))?;
                with_public(self.path, &format!("{fingerprint}\n"), || self.write_release_key(&key))?;
                Ok(Some(fingerprint))
            }
        }
    }

    /// Writes a release key and its empty register: both or neither.
    fn write_release_key(&self, key: &ReleaseKey) -> Result<(), CliError> {
        self.write(key)?;
        let created = create_register(self.path, &self.study, key);
        created.inspect_err(|_| drop(std::fs::remove_file(self.path))).map_err(ReleaseError::from)?;
        Ok(())
    }

    fn write<K: Key>(&self, key: &K) -> Result<(), CliError> {
        write_key(self.path, &self.study, key, self.lifetime, &self.protection)?;
        Ok(())
    }
}

/// Writes a new identity and returns its recipient.
fn new_identity(path: &Path, today: Day, protection: &Protection<'_>) -> Result<String, CliError> {
    let identity = Identity::generate();
    let recipient = identity.recipient().to_string();
    with_public(path, &format!("{recipient}\n"), || Ok(identity.write(path, today, protection)?))?;
    Ok(recipient)
}

/// Writes a secret and its public half beside it: both or neither.
fn with_public(path: &Path, public: &str, write: impl FnOnce() -> Result<(), CliError>) -> Result<(), CliError> {
    let public_path = beside(path, PUBLIC_ENDING);
    refuse_existing(&public_path)?;
    write()?;
    write_public(&public_path, public.as_bytes()).inspect_err(|_| drop(std::fs::remove_file(path)))?;
    Ok(())
}
