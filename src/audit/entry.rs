//! Entries of an audit log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Contract;
use crate::crypto::Digest;
use salanimi_core::{Id, KeyId, Timestamp};

/// Format of audit logs.
pub const FORMAT: &str = "salanimi-audit/1";

/// One line of an audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Always `salanimi-audit/1`.
    pub format: String,
    /// Number of the line, from 1 without gaps.
    pub number: u64,
    /// SHA-256 of the line before, without its line end. For the first line, SHA-256 of nothing.
    pub previous: Digest,
    /// Time of writing.
    pub time: Timestamp,
    /// User, according to the operating system.
    pub user: String,
    /// Tool and version.
    pub tool: String,
    /// Act of a command.
    pub act: CommandRecord,
}

/// Act of a command: its begin or its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRecord {
    /// Command.
    pub command: String,
    /// Outcome of the command.
    pub outcome: Outcome,
    /// Number of the line that records its begin.
    pub begun: Option<u64>,
    /// Study, if the command read it.
    pub study: Option<Id>,
    /// Public name of the key that was used or made.
    pub key_id: Option<KeyId>,
    /// Public name of the key that signed the output.
    pub signed_by: Option<KeyId>,
    /// Digests of inputs and outputs, by name.
    pub digests: BTreeMap<String, Digest>,
    /// Exact counts, by name.
    pub counts: BTreeMap<String, u64>,
}

/// Outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has begun. Another line records its end, unless the process was killed.
    Begun,
    /// It is done.
    Done,
    /// It was refused or failed, with this exit code.
    Failed(u8),
}

impl CommandRecord {
    /// Returns the begin of `command`.
    #[must_use]
    pub fn new(command: &str) -> Self {
        Self {
            command: command.to_owned(),
            outcome: Outcome::Begun,
            begun: None,
            study: None,
            key_id: None,
            signed_by: None,
            digests: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Records the contract under which the command runs, before anything can fail.
    pub fn contract(&mut self, contract: &Contract) {
        self.study = Some(contract.study.id.clone());
        self.digest("contract, exchange section", contract.exchange_digest);
        self.digest("contract, settings", contract.settings_digest);
    }

    /// Records a digest.
    pub fn digest(&mut self, name: impl Into<String>, digest: Digest) {
        self.digests.insert(name.into(), digest);
    }

    /// Records a count.
    pub fn count(&mut self, name: impl Into<String>, count: u64) {
        self.counts.insert(name.into(), count);
    }
}
