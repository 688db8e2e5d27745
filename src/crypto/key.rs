use std::fmt;

use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::derive;
use crate::domain::Id;

/// Length of every key in bytes (SP 800-107r1: at least the security strength; 256 bits here).
pub const KEY_BYTES: usize = 32;

/// Key material: in one place on the heap, so that moving a key leaves no copy behind; wiped when dropped; never printed
/// or serialised.
pub(super) type Material = SecretBox<[u8; KEY_BYTES]>;

/// The key of a study's pseudonyms. Holders have it; the research environment never does.
pub struct ProjectKey(pub(super) Material);

/// The key of one linked dataset's persons. Only the linker has it.
pub struct LinkKey(pub(super) Material);

/// The key with which one party signs what it hands over.
pub struct SigningKey(pub(super) Material);

/// What a key is for; a key made for one purpose is refused for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Making pseudonyms, at the holders.
    Project,
    /// Re-keying persons, at the linker.
    Link,
    /// Signing deliveries, lists and certificates, at each party.
    Signing,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::Project, Self::Link, Self::Signing];

    /// The purpose as key files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Link => "link",
            Self::Signing => "signing",
        }
    }
}

/// A key of one purpose: 32 bytes from the operating system's randomness.
pub trait Key: Sized {
    /// What keys of this type are for.
    const PURPOSE: Purpose;

    #[doc(hidden)]
    fn from_material(material: SecretBox<[u8; KEY_BYTES]>) -> Self;
    #[doc(hidden)]
    fn material(&self) -> &SecretBox<[u8; KEY_BYTES]>;

    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gave none.
    fn generate() -> Result<Self, RandomnessError> {
        random().map(Self::from_material)
    }

    /// A key from its bytes.
    #[must_use]
    fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self::from_material(material(&bytes))
    }

    /// The key's public name in `study`.
    #[must_use]
    fn id(&self, study: &Id) -> KeyId {
        derive::key_id(self.material(), Self::PURPOSE, study)
    }
}

macro_rules! keys {
    ($($key:ident is for $purpose:ident),*) => {$(
        impl Key for $key {
            const PURPOSE: Purpose = Purpose::$purpose;

            fn from_material(material: Material) -> Self {
                Self(material)
            }

            fn material(&self) -> &Material {
                &self.0
            }
        }
    )*};
}

keys!(ProjectKey is for Project, LinkKey is for Link, SigningKey is for Signing);

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: {0}; a key cannot be made on this machine now")]
pub struct RandomnessError(#[from] getrandom::Error);

/// New key material from the operating system's randomness.
pub(super) fn random() -> Result<Material, RandomnessError> {
    let mut filled = Ok(());
    let material = SecretBox::init_with_mut(|bytes: &mut [u8; KEY_BYTES]| filled = getrandom::fill(bytes));
    filled?;
    Ok(material)
}

/// Key material with these bytes, which are not wiped here.
pub(super) fn material(bytes: &[u8; KEY_BYTES]) -> Material {
    SecretBox::init_with_mut(|material: &mut [u8; KEY_BYTES]| material.copy_from_slice(bytes))
}

/// Key material with these bytes, which are not wiped here; none if they are not of a key's length.
pub(super) fn material_of(bytes: &[u8]) -> Option<Material> {
    bytes.try_into().ok().map(material)
}

/// The bytes of `material`.
pub(super) fn expose(material: &Material) -> &[u8; KEY_BYTES] {
    material.expose_secret()
}

/// Whether two secrets, or values derived from secrets, are the same; takes the same time wherever they differ.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The public name of a key: leftmost 8 bytes of HMAC(subkey `key-id`, ""). Written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(pub(super) [u8; 8]);

impl KeyId {
    /// The id as four groups of five decimal digits, which sound alike in no language: for two people who compare it
    /// over the telephone. The 64 bits as one number, in big-endian order.
    #[must_use]
    pub fn spoken(&self) -> String {
        let digits = format!("{:020}", u64::from_be_bytes(self.0));
        [&digits[..5], &digits[5..10], &digits[10..15], &digits[15..]].join(" ")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for KeyId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or("a key id is 16 hexadecimal digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_read_aloud_as_twenty_digits() {
        assert_eq!(KeyId([0; 8]).spoken(), "00000 00000 00000 00000");
        assert_eq!(KeyId([0xff; 8]).spoken(), "18446 74407 37095 51615");
        assert_eq!(KeyId::try_from("00000000000000ff".to_owned()).unwrap().spoken(), "00000 00000 00000 00255");
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same(b"abc", b"abc") && !same(b"abc", b"abd") && !same(b"abc", b"ab"));
    }
}
