//! The bytes of keys.

use secrecy::{ExposeSecret, SecretBox};

/// Length of every key in bytes: 256 bits, the security strength of SHA-256 (SP 800-107r1 section 5.3.2).
pub const KEY_BYTES: usize = 32;

/// Bytes of a key that has no purpose yet, for code that stores keys.
///
/// They lie in one place on the heap, so moving a key leaves no copy behind. They are wiped when dropped, and never
/// printed or serialised.
pub struct KeyMaterial(SecretBox<[u8; KEY_BYTES]>);

/// Error of the operating system's source of randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: {0}; a key cannot be made on this machine now")]
pub struct RandomnessError(#[from] getrandom::Error);

impl KeyMaterial {
    /// Generates a key from the operating system's randomness.
    ///
    /// # Errors
    /// [`RandomnessError`] if the operating system provides none.
    pub fn generate() -> Result<Self, RandomnessError> {
        let mut filled = Ok(());
        let material = SecretBox::init_with_mut(|bytes: &mut [u8; KEY_BYTES]| filled = getrandom::fill(bytes));
        filled?;
        Ok(Self(material))
    }

    /// Copies a key from `bytes`, which the caller must wipe.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        Self(SecretBox::init_with_mut(|material: &mut [u8; KEY_BYTES]| material.copy_from_slice(bytes)))
    }

    /// Copies a key from `bytes`, which the caller must wipe. Returns `None` unless there are [`KEY_BYTES`] of them.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }

    /// Returns the bytes. The caller must wipe every copy.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_has_the_length_of_a_key() {
        assert!(KeyMaterial::from_slice(&[7; KEY_BYTES]).is_some_and(|key| *key.expose() == [7; KEY_BYTES]));
        for length in [0, KEY_BYTES - 1, KEY_BYTES + 1] {
            assert!(KeyMaterial::from_slice(&vec![7; length]).is_none(), "{length}");
        }
    }

    #[test]
    fn generated_keys_differ() {
        let [a, b] = [(); 2].map(|()| KeyMaterial::generate().unwrap());
        assert!(a.expose() != b.expose());
    }
}
