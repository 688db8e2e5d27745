use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// What a key is for; a key made for one purpose is refused for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
}
