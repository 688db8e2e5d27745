//! The bytes of keys.

use secrecy::{ExposeSecret, SecretBox};
use subtle::ConstantTimeEq;

/// Length of every key in bytes (SP 800-107r1: at least the security strength; 256 bits here).
pub const KEY_BYTES: usize = 32;

/// Key material: in one place on the heap, so that moving a key leaves no copy behind; wiped when dropped; never printed
/// or serialised.
pub(super) type Material = SecretBox<[u8; KEY_BYTES]>;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same(b"abc", b"abc") && !same(b"abc", b"abd") && !same(b"abc", b"ab"));
    }

    #[test]
    fn material_has_the_length_of_a_key() {
        assert!(material_of(&[7; KEY_BYTES]).is_some_and(|material| *expose(&material) == [7; KEY_BYTES]));
        assert!(material_of(&[7; KEY_BYTES - 1]).is_none() && material_of(&[7; KEY_BYTES + 1]).is_none());
    }
}
