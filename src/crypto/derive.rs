use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key::{KEY_BYTES, KeyId, LinkKey, Material, ProjectKey, Purpose, SigningKey, expose};
use super::keyed_hash::KeyedHash;
use super::labels;
use crate::domain::Id;

/// HKDF-SHA-256 (RFC 5869) of `key` with the fixed salt; info is the fields joined by one zero byte.
///
/// No field can hold a zero byte ([`Id`] forbids it), so different fields never give the same info.
fn subkey(key: &Material, fields: &[&str]) -> KeyedHash {
    let info = fields.join("\0");
    let mut okm = Zeroizing::new([0; KEY_BYTES]);
    let expanded = Hkdf::<Sha256>::new(Some(labels::SALT), expose(key)).expand(info.as_bytes(), okm.as_mut());
    // RFC 5869 section 2.3 allows up to 255 blocks of 32 bytes; this asks for one.
    expanded.unwrap_or_else(|_| unreachable!("one block is always allowed"));
    KeyedHash::new(&okm)
}

/// The public name of a key in `study`.
pub(super) fn key_id(key: &Material, purpose: Purpose, study: &Id) -> KeyId {
    let label = match purpose {
        Purpose::Project => labels::KEY_ID,
        Purpose::Link => labels::LINK_KEY_ID,
        Purpose::Signing => labels::SIGNING_KEY_ID,
    };
    KeyId(subkey(key, &[label, study.as_str()]).leftmost(b""))
}

/// The keyed hash that binds the text of a key file to its key.
pub(super) fn key_file(key: &Material, purpose: Purpose, study: &Id) -> KeyedHash {
    subkey(key, &[labels::KEY_FILE, purpose.name(), study.as_str()])
}

/// The seed of the Ed25519 key pair (RFC 8032 section 5.1.5) of a signing key in `study`.
pub(super) fn signing_seed(key: &SigningKey, study: &Id) -> Zeroizing<[u8; KEY_BYTES]> {
    Zeroizing::new(subkey(&key.0, &[labels::SIGNING, study.as_str()]).leftmost(b""))
}

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

    /// The key's public name in this study.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        key_id(&self.key.0, Purpose::Project, self.study)
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

    /// The key's public name in this study.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        key_id(&self.key.0, Purpose::Link, self.study)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::crypto::Key;

    fn id(text: &str) -> Id {
        Id::new(text).unwrap()
    }

    #[test]
    fn rfc_5869_test_case_1_holds() {
        let ikm = [0x0b; 22];
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let mut okm = [0; 42];
        Hkdf::<Sha256>::new(Some(&salt), &ikm).expand(&info, &mut okm).unwrap();
        assert_eq!(
            HEXLOWER.encode(&okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
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
    fn one_key_for_two_purposes_has_two_names_and_no_common_subkey() {
        let (bytes, study) = ([1; 32], id("toituavain"));
        let names = [
            ProjectKey::from_bytes(bytes).id(&study),
            LinkKey::from_bytes(bytes).id(&study),
            SigningKey::from_bytes(bytes).id(&study),
        ];
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
        let material = super::super::key::material(&bytes);
        let files = Purpose::ALL.map(|purpose| key_file(&material, purpose, &study).leftmost::<8>(b"x"));
        assert!(files[0] != files[1] && files[1] != files[2] && files[0] != files[2]);
    }

    #[test]
    fn link_keys_of_two_studies_share_nothing() {
        let key = LinkKey::from_bytes([1; 32]);
        let (a, b) = (id("a"), id("b"));
        let (a, b) = (LinkKeys::new(&key, &a), LinkKeys::new(&key, &b));
        assert_ne!(a.person().leftmost::<8>(b"x"), b.person().leftmost::<8>(b"x"));
        assert_ne!(a.key_id(), b.key_id());
    }
}
