//! Parties of the demo: their folders, their keys, and the contract that lists the public halves.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::read_contract;
use super::DemoError;
use crate::crypto::{Identity, Lifetime, Protection, Signatory, Unlock, write_key};
use crate::release::{ReleaseError, create_register};
use salanimi_core::{Day, Id, Key, LinkKey, ProjectKey, ReleaseKey, SigningKey};

/// The contract's file name.
pub(super) const CONTRACT: &str = "contract.toml";
/// The study's configuration: files of `config/studies/toituavain/`.
const CONFIGURATION: [(&str, &str); 7] = [
    (CONTRACT, include_str!("../../../config/studies/toituavain/contract.toml")),
    ("words.toml", include_str!("../../../config/studies/toituavain/words.toml")),
    ("kela.toml", include_str!("../../../config/studies/toituavain/kela.toml")),
    ("helsinki.toml", include_str!("../../../config/studies/toituavain/helsinki.toml")),
    ("tampere.toml", include_str!("../../../config/studies/toituavain/tampere.toml")),
    (
        "mappings/municipality_county_2023.csv",
        include_str!("../../../config/studies/toituavain/mappings/municipality_county_2023.csv"),
    ),
    (
        "mappings/organiser_county_2023.csv",
        include_str!("../../../config/studies/toituavain/mappings/organiser_county_2023.csv"),
    ),
];
/// Start of the contract's release section.
const RELEASE_SECTION: &str = "\n[release]\n";
/// A holder of the demo, as its contract lists it.
pub(super) struct DemoHolder {
    pub(super) name: &'static str,
    tables: [&'static str; 2],
    organisers: &'static [&'static str],
}

/// Holders, each with its own layout of sources.
pub(super) const HOLDERS: [DemoHolder; 3] = [
    DemoHolder { name: "kela", tables: ["kela_social_assistance", "kela_notifications"], organisers: &[] },
    DemoHolder { name: "helsinki", tables: ["municipal_social_work", "municipal_avain"], organisers: &["091"] },
    DemoHolder { name: "tampere", tables: ["municipal_social_work", "municipal_avain"], organisers: &["837"] },
];

/// Folders of a demo.
pub(super) struct DemoPaths {
    pub(super) config: PathBuf,
    pub(super) sources: PathBuf,
    keys: PathBuf,
    pub(super) deliveries: PathBuf,
    pub(super) linked: PathBuf,
    pub(super) released: PathBuf,
}

impl DemoPaths {
    /// Makes the folder `out` with the configuration and the empty folders.
    pub(super) fn create(out: &Path) -> Result<Self, DemoError> {
        let places = Self {
            config: out.join("config"),
            sources: out.join("sources"),
            keys: out.join("keys"),
            deliveries: out.join("deliveries"),
            linked: out.join("linked"),
            released: out.join("released"),
        };
        places.make(out).map_err(|error| refused(out, error)).map(|()| places)
    }

    fn make(&self, out: &Path) -> io::Result<()> {
        fs::create_dir(out)?;
        for folder in [&self.config.join("mappings"), &self.keys, &self.deliveries] {
            fs::create_dir_all(folder)?;
        }
        CONFIGURATION.iter().try_for_each(|(name, text)| fs::write(self.config.join(name), text))
    }

    pub(super) fn project_key(&self) -> PathBuf {
        self.keys.join("project.key")
    }

    pub(super) fn link_key(&self) -> PathBuf {
        self.keys.join("link.key")
    }

    pub(super) fn release_key(&self) -> PathBuf {
        self.keys.join("release.key")
    }

    pub(super) fn signing_key(&self, holder: &str) -> PathBuf {
        self.keys.join(format!("{holder}.signing.key"))
    }

    fn linker_identity(&self) -> PathBuf {
        self.keys.join("linker.identity")
    }
}

fn refused(out: &Path, error: io::Error) -> DemoError {
    let path = out.to_owned();
    match error.kind() {
        io::ErrorKind::AlreadyExists => DemoError::Exists { path },
        _ => DemoError::Io { path, source: error },
    }
}

/// Secrets of all parties. Only a demo has them in one hand.
pub(super) struct Parties {
    pub(super) project: ProjectKey,
    pub(super) link: LinkKey,
    /// The linker's means to open deliveries.
    pub(super) linker: Unlock,
}

impl Parties {
    /// Makes every party's keys, and writes their public halves into the contract at `contract`.
    pub(super) fn create(places: &DemoPaths, contract: &Path, today: Day) -> Result<Self, DemoError> {
        let study = read_contract(contract)?.study.id;
        let lifetime = Lifetime::new(today, None)?;
        let project = ProjectKey::generate()?;
        let link = LinkKey::generate()?;
        write_key(&places.project_key(), &study, &project, lifetime, &Protection::None)?;
        write_key(&places.link_key(), &study, &link, lifetime, &Protection::None)?;
        let identity = Identity::generate();
        identity.write(&places.linker_identity(), today, &Protection::None)?;
        let mut public = format!("\n[recipients]\nlinker = \"{}\"\n", identity.recipient());
        for holder in &HOLDERS {
            let key = SigningKey::generate()?;
            write_key(&places.signing_key(holder.name), &study, &key, lifetime, &Protection::None)?;
            public += &listed(holder, &key, &study);
        }
        let release = ReleaseKey::generate()?;
        write_key(&places.release_key(), &study, &release, lifetime, &Protection::None)?;
        create_register(&places.release_key(), &study, &release).map_err(ReleaseError::from)?;
        let named = format!("{RELEASE_SECTION}key = \"{}\"\n", release.id(&study).spoken());
        let text = fs::read_to_string(contract).map(|text| text.replacen(RELEASE_SECTION, &named, 1) + &public);
        let written = text.and_then(|text| fs::write(contract, text));
        written.map_err(|source| DemoError::Io { path: contract.to_owned(), source })?;
        Ok(Self { project, link, linker: Unlock::with(vec![identity]) })
    }
}

fn listed(holder: &DemoHolder, key: &SigningKey, study: &Id) -> String {
    let DemoHolder { name, tables, organisers } = holder;
    let signing = Signatory::new(key, study).public_key();
    format!("\n[holders.{name}]\nsigning = \"{signing}\"\ntables = {tables:?}\norganisers = {organisers:?}\n")
}
