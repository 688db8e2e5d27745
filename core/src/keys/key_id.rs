//! Public names of keys.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::derive::subkey;
use super::label;
use super::material::KeyMaterial;
use super::purpose::Purpose;
use crate::id::Id;

/// Public name of a key in one study, written in 16 hexadecimal digits:
///
/// ```text
/// leftmost 8 bytes of HMAC-SHA-256(subkey(label, study), "")
/// ```
///
/// The label is `key-id` for a project key, and `link-key-id`, `signing-key-id` or `release-key-id` for a key of that
/// purpose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; 8]);

/// Error for a text that is not a [`KeyId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 16 hexadecimal digits")]
pub struct KeyIdError;

impl KeyId {
    /// Computes the key id in `study` of a key of `purpose`.
    #[must_use]
    pub fn new(key: &KeyMaterial, purpose: Purpose, study: &Id) -> Self {
        let label = match purpose {
            Purpose::Project => label::KEY_ID,
            Purpose::Link => label::LINK_KEY_ID,
            Purpose::Signing => label::SIGNING_KEY_ID,
            Purpose::Release => label::RELEASE_KEY_ID,
        };
        Self(subkey(key, &[label, study.as_str()]).leftmost(b""))
    }

    /// Returns the 8 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Returns the id as four groups of five decimal digits, for two people who compare it over the telephone. The
    /// digits are the 64 bits as one number in big-endian order.
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
    type Error = KeyIdError;

    fn try_from(text: String) -> Result<Self, KeyIdError> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| KeyIdError)?;
        bytes.try_into().map(Self).map_err(|_| KeyIdError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_another_name_for_each_purpose() {
        let key = KeyMaterial::from_bytes(&std::array::from_fn(|i| i as u8));
        let study = Id::new("example").unwrap();
        let names = Purpose::ALL.map(|purpose| KeyId::new(&key, purpose, &study).to_string());
        // Computed independently with Python's hmac and hashlib.
        assert_eq!(names, ["bb7124ac85a76e6e", "c47fbdfd4e898627", "a90dfb94ff92ca42", "c58def4f43e3bfb1"]);
    }

    #[test]
    fn a_key_id_is_read_aloud_as_twenty_digits() {
        assert_eq!(KeyId([0; 8]).spoken(), "00000 00000 00000 00000");
        assert_eq!(KeyId([0xff; 8]).spoken(), "18446 74407 37095 51615");
        assert_eq!(KeyId::try_from("00000000000000ff".to_owned()).unwrap().spoken(), "00000 00000 00000 00255");
    }

    #[test]
    fn only_sixteen_hexadecimal_digits_are_a_key_id() {
        for bad in ["", "00000000000000f", "00000000000000fff", "00000000000000FF"] {
            assert_eq!(KeyId::try_from(bad.to_owned()), Err(KeyIdError), "{bad}");
        }
    }
}
