//! The job file: where every process finds the inputs, and what tells that they are the same on every host.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::error::LinkError;
use super::super::merge::Input;
use super::super::run::{Inputs, merge_inputs};
use super::super::tables::TablesSetup;
use crate::config::{Contract, Coverage};
use crate::crypto::{Digest, MessageCipher, Unlock, read_key};
use crate::exchange::{
    Checked, Delivery, Envelope, Host, JobFileError, Statements, coverage, input_mark, read_job, tool, write_job,
};
use crate::table::{Parts, Spills};
use salanimi_core::{JobKey, KEY_BYTES, KeyMaterial, LinkKey, LinkKeys};

/// Places of the inputs, the same on every host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkPaths {
    /// The contract.
    pub contract: PathBuf,
    /// Folders of the deliveries.
    pub deliveries: Vec<PathBuf>,
    /// The link key.
    pub link_key: PathBuf,
    /// Age identities that open sealed deliveries and an encrypted link key.
    pub identities: Vec<PathBuf>,
}

/// What a process needs to know of the job.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobFile {
    tool: String,
    paths: LinkPaths,
    parts: usize,
    /// Random number from which the keys of the job are derived.
    nonce: String,
    /// Keyed mark of the contract: with another key it differs.
    contract: String,
    /// Digests of the manifests of the deliveries.
    manifests: Vec<Digest>,
}

/// The inputs of a job as one process opened them.
pub(super) struct Opened {
    pub(super) contract: Contract,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) coverage: Vec<Coverage>,
    pub(super) parts: Parts,
    pub(super) key: LinkKey,
    nonce: Nonce,
}

/// Random number of a job.
pub(super) type Nonce = [u8; KEY_BYTES];

/// What a job derives from the link key.
pub(super) struct JobKeys<'a> {
    link: LinkKeys<'a>,
    nonce: Nonce,
}

impl LinkPaths {
    /// Makes the paths absolute.
    pub(super) fn absolute(&self) -> std::io::Result<Self> {
        let one = |path: &PathBuf| std::path::absolute(path);
        let all = |paths: &[PathBuf]| paths.iter().map(one).collect::<Result<_, _>>();
        Ok(Self {
            contract: one(&self.contract)?,
            deliveries: all(&self.deliveries)?,
            link_key: one(&self.link_key)?,
            identities: all(&self.identities)?,
        })
    }

    /// Returns the inputs of a link.
    pub(super) fn inputs<'a>(
        &'a self,
        contract: &'a Contract,
        unlock: &'a Unlock,
        (host, strict): (Host, bool),
    ) -> Inputs<'a> {
        let Self { deliveries, link_key, .. } = self;
        Inputs { contract, deliveries, link_key: Some(link_key), unlock, today: host.today, strict }
    }

    /// Reads the secrets that open the deliveries and the link key.
    pub(super) fn unlock(&self) -> Result<Unlock, LinkError> {
        Ok(Unlock::read(Vec::new(), &self.identities)?)
    }
}

impl JobFile {
    /// Writes the job file into `folder`. `deliveries` are checked, in the order in which they are linked.
    pub(super) fn write(
        folder: &Path,
        (paths, parts): (&LinkPaths, Parts),
        contract: &Contract,
        deliveries: &[Delivery],
        keys: &JobKeys<'_>,
    ) -> Result<(), LinkError> {
        let paths = LinkPaths { deliveries: deliveries.iter().map(|one| one.path.clone()).collect(), ..paths.clone() };
        let job = Self {
            tool: tool(),
            paths,
            parts: parts.number(),
            nonce: HEXLOWER.encode(&keys.nonce),
            contract: keys.mark(contract),
            manifests: deliveries.iter().map(|delivery| delivery.digest).collect(),
        };
        write_job(folder, &job)?.ok_or(LinkError::PathNotText)
    }

    /// Reads the job file in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, LinkError> {
        Ok(read_job(folder)?)
    }

    /// Opens the inputs on this host, which must be those of the job. The process that started it has checked the files
    /// of the deliveries.
    ///
    /// # Errors
    /// [`LinkError::Host`], or the file was changed.
    pub(super) fn open(self, folder: &Path, host: Host) -> Result<Opened, LinkError> {
        let parts = Parts::new(self.parts).map_err(|_| JobFileError::not_job(folder))?;
        let nonce = HEXLOWER.decode(self.nonce.as_bytes()).ok().and_then(|nonce| nonce.try_into().ok());
        let nonce = nonce.ok_or_else(|| JobFileError::not_job(folder))?;
        if self.paths.deliveries.len() != self.manifests.len() {
            return Err(JobFileError::not_job(folder).into());
        }
        self.inputs_here(parts, nonce, host).map_err(|error| LinkError::Host(Box::new(error)))
    }

    fn inputs_here(self, parts: Parts, nonce: Nonce, host: Host) -> Result<Opened, LinkError> {
        let unlock = self.paths.unlock()?;
        let contract = (host.read_contract)(&self.paths.contract)?;
        let key = read_key(&self.paths.link_key, &contract.study.id, &unlock, host.today)?;
        if JobKeys::new(&key, &contract, nonce).mark(&contract) != self.contract {
            return Err(LinkError::OtherInput { what: "contract or link key".to_owned() });
        }
        let mut deliveries = Vec::with_capacity(self.paths.deliveries.len());
        for (path, manifest) in self.paths.deliveries.iter().zip(self.manifests) {
            let envelope = Envelope::read(path)?;
            if envelope.digest != manifest {
                return Err(LinkError::OtherInput { what: format!("delivery in {}", path.display()) });
            }
            deliveries.push(Checked { envelope, signed_by: None }.open(&unlock)?);
        }
        let coverage = coverage(&deliveries);
        Ok(Opened { contract, deliveries, coverage, parts, key, nonce })
    }
}

impl Opened {
    /// Opens every table to be merged.
    pub(super) fn tables(&self) -> Result<Vec<Input<'_>>, LinkError> {
        merge_inputs(&self.contract, &self.deliveries)
    }

    /// Returns the setup of the linked tables in a process of the job, with about `memory` bytes for rows that wait in
    /// `folder`.
    pub(super) fn setup<'a>(
        &'a self,
        inputs: &'a [Input<'a>],
        keys: &'a LinkKeys<'a>,
        (folder, memory): (&'a Path, usize),
    ) -> TablesSetup<'a> {
        let Self { contract, coverage, .. } = self;
        TablesSetup { contract, coverage, inputs, evidence: None, keys, folder, spills: Spills::Encrypted, memory }
    }

    /// Returns the keys of the job.
    pub(super) fn keys(&self) -> JobKeys<'_> {
        JobKeys::new(&self.key, &self.contract, self.nonce)
    }
}

impl<'a> JobKeys<'a> {
    /// Returns the keys of a job with this random number.
    pub(super) fn new(key: &'a LinkKey, contract: &'a Contract, nonce: Nonce) -> Self {
        Self { link: LinkKeys::new(key, &contract.study.id), nonce }
    }

    /// Returns a random number for a job.
    pub(super) fn new_nonce() -> Result<Nonce, LinkError> {
        Ok(*KeyMaterial::generate()?.expose())
    }

    /// Returns a keyed mark of a contract.
    fn mark(&self, contract: &Contract) -> String {
        let digests = [contract.exchange_digest, contract.settings_digest].map(String::from);
        input_mark(&self.link.job(JobKey::Inputs), digests.concat().as_bytes())
    }

    /// Returns the cipher of rows on their way.
    pub(super) fn rows(&self) -> MessageCipher {
        let key = self.link.job(JobKey::Rows).leftmost::<KEY_BYTES>(&self.nonce);
        MessageCipher::new(&Zeroizing::new(key))
    }

    /// Returns the cipher of statements.
    pub(super) fn statements(&self) -> Statements {
        Statements::new(self.link.job(JobKey::Statements), self.nonce)
    }
}
