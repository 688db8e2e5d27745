use super::derive::subkey;
use super::key::{LinkKey, ProjectKey};
use super::keyed_hash::KeyedHash;
use super::labels;
use salanimi_core::Id;

/// The subkeys of one study and one holder.
pub struct ProjectKeys<'a> {
    key: &'a ProjectKey,
    study: &'a Id,
}

impl<'a> ProjectKeys<'a> {
    /// Subkeys of `key` for `study`.
    #[must_use]
    pub fn new(key: &'a ProjectKey, study: &'a Id) -> Self {
        Self { key, study }
    }

    fn subkey(&self, fields: &[&str]) -> KeyedHash {
        let mut all = vec![fields[0], self.study.as_str()];
        all.extend_from_slice(&fields[1..]);
        subkey(&self.key.0, &all)
    }

    /// Pseudonyms of persons whose identifiers are of `kind`.
    #[must_use]
    pub fn person(&self, kind: &Id) -> KeyedHash {
        self.subkey(&[labels::PERSON, kind.as_str()])
    }

    /// Pseudonyms of temporary identifiers of `kind`, which mean nothing outside `holder`.
    #[must_use]
    pub fn temporary(&self, kind: &Id, holder: &Id) -> KeyedHash {
        self.subkey(&[labels::TEMPORARY, kind.as_str(), holder.as_str()])
    }

    /// Pseudonyms of other identifiers, such as households, under their `label`.
    #[must_use]
    pub fn reference(&self, label: &Id) -> KeyedHash {
        self.subkey(&[labels::REFERENCE, label.as_str()])
    }

    /// The published test values of a kind or label.
    #[must_use]
    pub fn canary(&self, name: &Id) -> KeyedHash {
        self.subkey(&[labels::CANARY, name.as_str()])
    }

    /// The commitment to a holder's table of changed codes of `kind`.
    #[must_use]
    pub fn old_codes(&self, kind: &Id) -> KeyedHash {
        self.subkey(&[labels::OLD_CODES, kind.as_str()])
    }
}

/// The subkeys of one linked dataset.
pub struct LinkKeys<'a> {
    key: &'a LinkKey,
    study: &'a Id,
}

impl<'a> LinkKeys<'a> {
    /// Subkeys of `key` for `study`.
    #[must_use]
    pub fn new(key: &'a LinkKey, study: &'a Id) -> Self {
        Self { key, study }
    }

    /// Persons of the linked dataset.
    #[must_use]
    pub fn person(&self) -> KeyedHash {
        subkey(&self.key.0, &[labels::LINK_PERSON, self.study.as_str()])
    }

    /// References of the linked dataset under their `label`.
    #[must_use]
    pub fn reference(&self, label: &Id) -> KeyedHash {
        subkey(&self.key.0, &[labels::LINK_REFERENCE, self.study.as_str(), label.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Key;

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    #[test]
    fn every_use_of_a_key_has_its_own_subkey() {
        let (key, study) = (ProjectKey::from_bytes([1; 32]), id("toituavain"));
        let keys = ProjectKeys::new(&key, &study);
        let (hetu, kela) = (id("hetu"), id("kela"));
        let (other_key, other_study) = (ProjectKey::from_bytes([2; 32]), id("other"));
        let hashes = [
            keys.person(&hetu),
            keys.person(&kela),
            keys.temporary(&hetu, &kela),
            keys.temporary(&hetu, &hetu),
            keys.reference(&hetu),
            keys.canary(&hetu),
            keys.old_codes(&hetu),
            ProjectKeys::new(&key, &other_study).person(&hetu),
            ProjectKeys::new(&other_key, &study).person(&hetu),
        ];
        let values: std::collections::HashSet<[u8; 16]> = hashes.iter().map(|h| h.leftmost(b"x")).collect();
        assert_eq!(values.len(), hashes.len());
    }

    #[test]
    fn link_keys_of_two_studies_share_nothing() {
        let key = LinkKey::from_bytes([1; 32]);
        let (a, b) = (id("a"), id("b"));
        let (a, b) = (LinkKeys::new(&key, &a), LinkKeys::new(&key, &b));
        assert_ne!(a.person().leftmost::<8>(b"x"), b.person().leftmost::<8>(b"x"));
        let (a, b) = (id("a"), id("b"));
        assert_ne!(key.id(&a), key.id(&b));
    }
}
