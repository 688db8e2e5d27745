//! Keys, one type for each purpose.

use zeroize::Zeroizing;

use super::derive::subkey;
use super::key_id::KeyId;
use super::label;
use super::material::{KEY_BYTES, KeyMaterial, RandomnessError};
use super::purpose::Purpose;
use crate::id::Id;

/// Key of a study's pseudonyms. The data holders have it; the research environment never does.
pub struct ProjectKey(KeyMaterial);

/// Key of the persons in one linked dataset. Only the linker has it.
pub struct LinkKey(KeyMaterial);

/// Key with which one party signs its deliveries, lists and certificates.
pub struct SigningKey(KeyMaterial);

/// Key that decides how released counts are protected. The research team keeps it, and never publishes it.
pub struct ReleaseKey(pub(super) KeyMaterial);

/// A key of one purpose: 32 bytes from the operating system's randomness.
pub trait Key: Sized {
    /// Purpose of keys of this type.
    const PURPOSE: Purpose;

    /// Gives `material` this purpose.
    #[must_use]
    fn from_material(material: KeyMaterial) -> Self;

    /// Returns the bytes, for code that stores the key.
    #[must_use]
    fn material(&self) -> &KeyMaterial;

    /// Generates a key from the operating system's randomness.
    ///
    /// # Errors
    /// [`RandomnessError`] if the operating system provides none.
    fn generate() -> Result<Self, RandomnessError> {
        KeyMaterial::generate().map(Self::from_material)
    }

    /// Returns the key with these bytes, which the caller must wipe.
    #[must_use]
    fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self::from_material(KeyMaterial::from_bytes(&bytes))
    }

    /// Returns the key id in `study`.
    #[must_use]
    fn id(&self, study: &Id) -> KeyId {
        KeyId::new(self.material(), Self::PURPOSE, study)
    }
}

macro_rules! keys {
    ($($key:ident is for $purpose:ident),*) => {$(
        impl Key for $key {
            const PURPOSE: Purpose = Purpose::$purpose;

            fn from_material(material: KeyMaterial) -> Self {
                Self(material)
            }

            fn material(&self) -> &KeyMaterial {
                &self.0
            }
        }
    )*};
}

keys!(ProjectKey is for Project, LinkKey is for Link, SigningKey is for Signing, ReleaseKey is for Release);

impl SigningKey {
    /// Derives the seed of the Ed25519 key pair in `study` (RFC 8032 section 5.1.5):
    ///
    /// ```text
    /// HMAC-SHA-256(subkey("signing", study), "")
    /// ```
    #[must_use]
    pub fn seed(&self, study: &Id) -> Zeroizing<[u8; KEY_BYTES]> {
        Zeroizing::new(subkey(&self.0, &[label::SIGNING, study.as_str()]).leftmost(b""))
    }
}

impl KeyMaterial {
    /// Computes the check that binds the `text` of a key file to its key:
    ///
    /// ```text
    /// leftmost 8 bytes of HMAC-SHA-256(subkey("key-file", purpose, study), text)
    /// ```
    #[must_use]
    pub fn file_check(&self, purpose: Purpose, study: &Id, text: &str) -> [u8; 8] {
        subkey(self, &[label::KEY_FILE, purpose.name(), study.as_str()]).leftmost(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn bytes() -> [u8; KEY_BYTES] {
        std::array::from_fn(|i| i as u8)
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn the_seed_and_the_file_check_are_the_documented_formulas() {
        let study = Id::new("example").unwrap();
        assert_eq!(
            HEXLOWER.encode(&*SigningKey::from_bytes(bytes()).seed(&study)),
            "d75d3377e17ac7249bc6204795edc94597064622948888d5a7f20fdafee2464b"
        );
        let check = KeyMaterial::from_bytes(&bytes()).file_check(Purpose::Project, &study, "text");
        assert_eq!(HEXLOWER.encode(&check), "548a3589c2035614");
    }

    #[test]
    fn a_file_check_of_one_purpose_fails_for_another() {
        let study = Id::new("example").unwrap();
        let key = KeyMaterial::from_bytes(&bytes());
        let checks: std::collections::BTreeSet<_> =
            Purpose::ALL.into_iter().map(|purpose| key.file_check(purpose, &study, "text")).collect();
        assert_eq!(checks.len(), Purpose::ALL.len());
    }
}
