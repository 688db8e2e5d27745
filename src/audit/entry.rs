use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, KeyId};
use salanimi_core::{Id, Timestamp};

/// Format of audit logs.
pub const FORMAT: &str = "salanimi-audit/1";

/// A line of an audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Always `salanimi-audit/1`.
    pub format: String,
    /// From 1, without gaps.
    pub number: u64,
    /// SHA-256 of the line before, without its end; of nothing for the first.
    pub previous: Digest,
    /// When it was written.
    pub time: Timestamp,
    /// Whom the operating system takes the user to be.
    pub user: String,
    /// The tool and its version.
    pub tool: String,
    /// What was done.
    pub act: Act,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The command.
    pub command: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The number of the line that says that it began.
    pub begun: Option<u64>,
    /// The study, if it came so far.
    pub study: Option<Id>,
    /// The public name of the key that was used or made.
    pub key_id: Option<KeyId>,
    /// The public name of the key that signed what was made.
    pub signed_by: Option<KeyId>,
    /// What went in and came out, by name.
    pub digests: BTreeMap<String, Digest>,
    /// Exact counts, by name.
    pub counts: BTreeMap<String, u64>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has begun; another line says how it ended, unless it was killed.
    Begun,
    /// All is done.
    Done,
    /// It was refused or broke off; the exit code says what kind of fault.
    Failed(u8),
}

impl Act {
    /// Of `command`, of which nothing more is known yet.
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

    /// Notes a digest.
    pub fn digest(&mut self, name: impl Into<String>, digest: Digest) {
        self.digests.insert(name.into(), digest);
    }

    /// Notes a count.
    pub fn count(&mut self, name: impl Into<String>, count: u64) {
        self.counts.insert(name.into(), count);
    }
}
