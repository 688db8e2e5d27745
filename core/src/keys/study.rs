//! Subkeys of one study.

use super::derive::subkey;
use super::key::{Key, LinkKey, ProjectKey};
use super::keyed_hash::KeyedHash;
use super::label;
use crate::id::Id;

/// A project key bound to one study: the source of every subkey at a data holder.
///
/// The subkeys of pseudonyms are private. [`Pseudonymiser`](crate::Pseudonymiser) and
/// [`ReferencePseudonymiser`](crate::ReferencePseudonymiser) use them with every rule applied.
pub struct ProjectKeys<'a> {
    key: &'a ProjectKey,
    study: &'a Id,
}

/// Use of a subkey of an output that many processes write together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKey {
    /// Data keys of sealed deliveries.
    Data,
    /// Encryption of rows on their way between processes.
    Rows,
    /// Marks that tell whether two hosts have the same inputs.
    Inputs,
    /// Encryption of what processes state of their work.
    Statements,
}

impl JobKey {
    fn label(self) -> &'static str {
        match self {
            Self::Data => label::JOB_DATA_KEY,
            Self::Rows => label::JOB_ROWS,
            Self::Inputs => label::JOB_INPUTS,
            Self::Statements => label::JOB_STATEMENTS,
        }
    }
}

impl<'a> ProjectKeys<'a> {
    /// Binds `key` to `study`.
    #[must_use]
    pub fn new(key: &'a ProjectKey, study: &'a Id) -> Self {
        Self { key, study }
    }

    /// Derives the subkey of persons whose identifiers are of `kind`.
    pub(crate) fn person(&self, kind: &Id) -> KeyedHash {
        self.subkey(&[label::PERSON, self.study.as_str(), kind.as_str()])
    }

    /// Derives the subkey of temporary identifiers of `kind` at `holder`.
    pub(crate) fn temporary(&self, kind: &Id, holder: &Id) -> KeyedHash {
        self.subkey(&[label::TEMPORARY, self.study.as_str(), kind.as_str(), holder.as_str()])
    }

    /// Derives the subkey of references under `label`.
    pub(crate) fn reference(&self, label: &Id) -> KeyedHash {
        self.subkey(&[label::REFERENCE, self.study.as_str(), label.as_str()])
    }

    /// Derives the subkey of the published test values of a kind or reference label.
    pub(crate) fn canary(&self, name: &Id) -> KeyedHash {
        self.subkey(&[label::CANARY, self.study.as_str(), name.as_str()])
    }

    /// Derives the subkey of persons without an identifier of `kind` at `holder`.
    pub(crate) fn local(&self, kind: &Id, holder: &Id) -> KeyedHash {
        self.subkey(&[label::LOCAL, self.study.as_str(), kind.as_str(), holder.as_str()])
    }

    /// Derives the subkey of linkage tokens by the rule of this name.
    pub(crate) fn linkage(&self, rule: &str) -> KeyedHash {
        self.subkey(&[label::LINKAGE, self.study.as_str(), rule])
    }

    /// Derives the subkey of the fill of empty places for tokens at `holder`.
    pub(crate) fn linkage_fill(&self, holder: &Id) -> KeyedHash {
        self.subkey(&[label::LINKAGE_FILL, self.study.as_str(), holder.as_str()])
    }

    /// Derives the subkey of the published test persons of linkage without identifiers.
    pub(crate) fn linkage_canary(&self) -> KeyedHash {
        self.subkey(&[label::LINKAGE_CANARY, self.study.as_str()])
    }

    /// Derives the subkey of the commitment to a holder's table of changed codes of `kind`.
    #[must_use]
    pub fn old_codes(&self, kind: &Id) -> KeyedHash {
        self.subkey(&[label::OLD_CODES, self.study.as_str(), kind.as_str()])
    }

    /// Derives a subkey of the deliveries that many processes of `holder` write together.
    #[must_use]
    pub fn job(&self, holder: &Id, job_key: JobKey) -> KeyedHash {
        self.subkey(&[job_key.label(), self.study.as_str(), holder.as_str()])
    }

    fn subkey(&self, fields: &[&str]) -> KeyedHash {
        subkey(self.key.material(), fields)
    }
}

/// A link key bound to one study: the source of the subkeys of one linked dataset.
pub struct LinkKeys<'a> {
    key: &'a LinkKey,
    study: &'a Id,
}

impl<'a> LinkKeys<'a> {
    /// Binds `key` to `study`.
    #[must_use]
    pub fn new(key: &'a LinkKey, study: &'a Id) -> Self {
        Self { key, study }
    }

    /// Derives the subkey of the linked dataset's persons. The message is a [`Pseudonym`](crate::Pseudonym), and the
    /// leftmost 8 bytes are a [`LinkedId`](crate::LinkedId).
    #[must_use]
    pub fn person(&self) -> KeyedHash {
        subkey(self.key.material(), &[label::LINK_PERSON, self.study.as_str()])
    }

    /// Derives the subkey by which persons are assigned to folds, on which the precision of linkage is measured. The
    /// message is a [`Pseudonym`](crate::Pseudonym).
    #[must_use]
    pub fn fold(&self) -> KeyedHash {
        subkey(self.key.material(), &[label::LINKAGE_FOLD, self.study.as_str()])
    }

    /// Derives the subkey of the linked dataset's references under `label`; message and output as for persons.
    #[must_use]
    pub fn reference(&self, label: &Id) -> KeyedHash {
        subkey(self.key.material(), &[label::LINK_REFERENCE, self.study.as_str(), label.as_str()])
    }

    /// Derives a subkey of the linked dataset that many processes write together.
    #[must_use]
    pub fn job(&self, job_key: JobKey) -> KeyedHash {
        subkey(self.key.material(), &[job_key.label(), self.study.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    #[test]
    fn every_use_of_a_key_has_its_own_subkey() {
        let key = ProjectKey::from_bytes([1; 32]);
        let other_key = ProjectKey::from_bytes([2; 32]);
        let study = id("example");
        let other_study = id("other");
        let hetu = id("hetu");
        let north = id("north");
        let keys = ProjectKeys::new(&key, &study);
        let hashes = [
            keys.person(&hetu),
            keys.person(&north),
            keys.temporary(&hetu, &north),
            keys.temporary(&hetu, &hetu),
            keys.reference(&hetu),
            keys.canary(&hetu),
            keys.old_codes(&hetu),
            keys.local(&hetu, &north),
            keys.linkage("hetu"),
            keys.linkage_fill(&hetu),
            keys.linkage_canary(),
            ProjectKeys::new(&key, &other_study).person(&hetu),
            ProjectKeys::new(&other_key, &study).person(&hetu),
        ];
        let values: std::collections::HashSet<[u8; 16]> = hashes.iter().map(|h| h.leftmost(b"x")).collect();
        assert_eq!(values.len(), hashes.len());
    }

    #[test]
    fn link_keys_of_two_studies_share_nothing() {
        let key = LinkKey::from_bytes([1; 32]);
        let studies = [id("a"), id("b")];
        let [a, b] = studies.each_ref().map(|study| LinkKeys::new(&key, study).person().leftmost::<8>(b"x"));
        assert_ne!(a, b);
        assert_ne!(key.id(&studies[0]), key.id(&studies[1]));
    }

    #[test]
    fn every_use_of_a_link_key_has_its_own_subkey() {
        let key = LinkKey::from_bytes([1; 32]);
        let study = id("example");
        let keys = LinkKeys::new(&key, &study);
        let of_job =
            [JobKey::Data, JobKey::Rows, JobKey::Inputs, JobKey::Statements].map(|use_of_key| keys.job(use_of_key));
        let others = [keys.person(), keys.fold(), keys.reference(&study)];
        let hashes = of_job.into_iter().chain(others);
        let values: std::collections::HashSet<[u8; 16]> = hashes.map(|hash| hash.leftmost(b"x")).collect();
        assert_eq!(values.len(), 7);
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn linked_ids_are_the_documented_formulas() {
        let key = LinkKey::from_bytes(std::array::from_fn(|i| i as u8));
        let study = id("example");
        let keys = LinkKeys::new(&key, &study);
        let pseudonym = HEXLOWER.decode(b"46678c8bed6a92b8750b56de8fd66a71").unwrap();
        assert_eq!(HEXLOWER.encode(&keys.person().leftmost::<8>(&pseudonym)), "7aa3c8961aa048a0");
        let household = keys.reference(&id("household"));
        assert_eq!(HEXLOWER.encode(&household.leftmost::<8>(&pseudonym)), "55fd450efca144d8");
    }
}
