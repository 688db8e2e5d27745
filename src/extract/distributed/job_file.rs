//! The job file: where every process finds the inputs, and what tells that they are the same on every host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::account::old_codes;
use super::super::error::ExtractError;
use super::super::lists::ListPaths;
use super::super::prepare::{Inputs, Prepared};
use crate::config::Contract;
use crate::crypto::{DataKey, MessageCipher, Unlock, read_key};
use crate::exchange::{Host, JobFileError, Statements, input_mark, read_job, tool, write_job};
use crate::files::read_regular;
use crate::table::Parts;
use salanimi_core::{JobKey, KEY_BYTES, Key, KeyMaterial, KeyedHash, ProjectKey, ProjectKeys};

/// The most bytes of a list or a configuration file.
const MOST_INPUT_BYTES: u64 = 1 << 34;

/// Places of the inputs, the same on every host.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobPaths {
    /// The contract.
    pub contract: PathBuf,
    /// The holder file.
    pub holder: PathBuf,
    /// The project key.
    pub key: PathBuf,
    /// Age identities that open an encrypted key, list or signing key.
    pub identities: Vec<PathBuf>,
    /// Person lists.
    pub lists: ListPaths,
}

/// What a process needs to know of the job.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobFile {
    tool: String,
    pub(super) paths: JobPaths,
    parts: usize,
    sealed: bool,
    /// Random number from which the keys of the job are derived.
    nonce: String,
    /// Names of the inputs with their keyed marks, the key first: with another key all differ.
    marks: Vec<(String, String)>,
}

/// The inputs as one process opened them.
pub(super) struct Opened {
    pub(super) prepared: Prepared,
    pub(super) key: ProjectKey,
    pub(super) parts: Parts,
    sealed: bool,
    nonce: [u8; KEY_BYTES],
}

impl JobPaths {
    /// Makes the paths absolute.
    ///
    /// # Errors
    /// There is no current folder.
    pub(super) fn absolute(&self) -> std::io::Result<Self> {
        let one = |path: &PathBuf| std::path::absolute(path);
        let some = |path: &Option<PathBuf>| path.as_ref().map(one).transpose();
        let lists = &self.lists;
        Ok(Self {
            contract: one(&self.contract)?,
            holder: one(&self.holder)?,
            key: one(&self.key)?,
            identities: self.identities.iter().map(one).collect::<Result<_, _>>()?,
            lists: ListPaths {
                cohort: some(&lists.cohort)?,
                exclude: some(&lists.exclude)?,
                protect: some(&lists.protect)?,
            },
        })
    }

    /// Returns the inputs of an extract, with the holder's `signing_key` if there is one.
    pub(super) fn inputs(&self, signing_key: Option<PathBuf>, host: Host) -> Result<Inputs, ExtractError> {
        Ok(Inputs {
            lists: self.lists.clone(),
            unlock: Unlock::read(Vec::new(), &self.identities)?,
            signing_key,
            ..Inputs::new(Arc::new((host.read_contract)(&self.contract)?), &self.holder, host.today)
        })
    }

    /// Returns a keyed mark of each input. Nobody without the key learns anything from them.
    fn marks(&self, prepared: &Prepared, key: &ProjectKey) -> Result<Vec<(String, String)>, ExtractError> {
        let contract: &Contract = &prepared.contract;
        let keys = ProjectKeys::new(key, &contract.study.id);
        let hash = keys.job(&prepared.holder.name, JobKey::Inputs);
        let mark = |bytes: &[u8]| input_mark(&hash, bytes);
        let digests = [contract.exchange_digest, contract.settings_digest].map(String::from);
        let old_codes: Vec<String> = old_codes(prepared, &keys).into_iter().map(|entry| entry.commitment).collect();
        let mut marks = vec![
            ("project key".to_owned(), mark(key.id(&contract.study.id).to_string().as_bytes())),
            ("contract".to_owned(), mark(digests.concat().as_bytes())),
            ("holder file".to_owned(), mark(&read_input(&self.holder)?)),
            ("changed codes".to_owned(), mark(old_codes.concat().as_bytes())),
        ];
        let lists = [
            ("cohort list", &self.lists.cohort),
            ("list of excluded persons", &self.lists.exclude),
            ("list of protected persons", &self.lists.protect),
        ];
        for (name, path) in lists {
            if let Some(path) = path {
                marks.push((name.to_owned(), mark(&read_input(path)?)));
            }
        }
        Ok(marks)
    }
}

fn read_input(path: &Path) -> Result<Zeroizing<Vec<u8>>, ExtractError> {
    Ok(Zeroizing::new(read_regular(path, MOST_INPUT_BYTES)?))
}

impl JobFile {
    /// Writes the job file into `folder`.
    pub(super) fn write(paths: &JobPaths, opened: &Opened, folder: &Path) -> Result<(), ExtractError> {
        let job = Self {
            tool: tool(),
            paths: paths.clone(),
            parts: opened.parts.number(),
            sealed: opened.sealed,
            nonce: HEXLOWER.encode(&opened.nonce),
            marks: paths.marks(&opened.prepared, &opened.key)?,
        };
        write_job(folder, &job)?.ok_or(ExtractError::PathNotText)
    }

    /// Reads the job file in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, ExtractError> {
        Ok(read_job(folder)?)
    }

    /// Opens the inputs on this host, which must be those of the job.
    ///
    /// # Errors
    /// [`ExtractError::Host`], or the file was changed.
    pub(super) fn open(&self, folder: &Path, host: Host) -> Result<Opened, ExtractError> {
        let parts = Parts::new(self.parts).map_err(|_| JobFileError::not_job(folder))?;
        let nonce = HEXLOWER.decode(self.nonce.as_bytes()).ok().and_then(|nonce| nonce.try_into().ok());
        let nonce = nonce.ok_or_else(|| JobFileError::not_job(folder))?;
        self.inputs_here(parts, nonce, host).map_err(|error| ExtractError::Host(Box::new(error)))
    }

    fn inputs_here(&self, parts: Parts, nonce: [u8; KEY_BYTES], host: Host) -> Result<Opened, ExtractError> {
        let inputs = self.paths.inputs(None, host)?;
        let opened = Opened::read(&inputs, &self.paths.key, parts, self.sealed, nonce)?;
        let marks = self.paths.marks(&opened.prepared, &opened.key)?;
        match self.marks.iter().find(|mark| !marks.contains(mark)) {
            Some((name, _)) => Err(ExtractError::OtherInput { what: name.clone() }),
            None => Ok(opened),
        }
    }
}

impl Opened {
    /// Reads and checks the inputs.
    pub(super) fn read(
        inputs: &Inputs,
        project_key: &Path,
        parts: Parts,
        sealed: bool,
        nonce: [u8; KEY_BYTES],
    ) -> Result<Self, ExtractError> {
        let prepared = Prepared::read(inputs)?;
        prepared.holder.check_decided(&inputs.holder)?;
        let key = read_key(project_key, &prepared.contract.study.id, &inputs.unlock, inputs.today)?;
        Ok(Self { prepared, key, parts, sealed, nonce })
    }

    /// Returns a random number for a job.
    pub(super) fn new_nonce() -> Result<[u8; KEY_BYTES], ExtractError> {
        Ok(*KeyMaterial::generate()?.expose())
    }

    /// Returns the data key of the delivery; `None` if it is not sealed.
    pub(super) fn data_key(&self) -> Option<DataKey> {
        if !self.sealed {
            return None;
        }
        let bytes = Zeroizing::new(self.hash(JobKey::Data).leftmost::<KEY_BYTES>(&self.nonce));
        match DataKey::from_slice(bytes.as_slice()) {
            Some(key) => Some(key),
            // Never `None`, which would leave a sealed delivery in clear.
            None => unreachable!("a data key has the length of every key"),
        }
    }

    /// Returns the cipher of rows on their way.
    pub(super) fn rows_cipher(&self) -> MessageCipher {
        let key = Zeroizing::new(self.hash(JobKey::Rows).leftmost::<KEY_BYTES>(&self.nonce));
        MessageCipher::new(&key)
    }

    /// Returns the cipher of statements.
    pub(super) fn statements(&self) -> Statements {
        Statements::new(self.hash(JobKey::Statements), self.nonce)
    }

    fn hash(&self, job_key: JobKey) -> KeyedHash {
        let keys = ProjectKeys::new(&self.key, &self.prepared.contract.study.id);
        keys.job(&self.prepared.holder.name, job_key)
    }
}
