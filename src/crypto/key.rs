use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Length of every key in bytes (SP 800-107r1: at least the security strength; 256 bits here).
pub const KEY_BYTES: usize = 32;

/// Key material: wiped when dropped; never printed, copied or serialised.
pub(super) type Material = Zeroizing<[u8; KEY_BYTES]>;

/// The key of a study's pseudonyms. Holders have it; the research environment never does.
pub struct ProjectKey(pub(super) Material);

/// The key of one linked dataset's persons. Only the linker has it.
pub struct LinkKey(pub(super) Material);

impl ProjectKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gave none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        random().map(Self)
    }

    /// A key from its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl LinkKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// The operating system gave none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        random().map(Self)
    }

    /// A key from its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

fn random() -> Result<Material, getrandom::Error> {
    let mut material = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(material.as_mut())?;
    Ok(material)
}

/// The public name of a key: leftmost 8 bytes of HMAC(subkey `key-id`, ""). Written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(pub(super) [u8; 8]);

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
