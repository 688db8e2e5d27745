use secrecy::SecretBox;

use super::derive;
use super::key_id::{KeyId, Purpose};
use super::material::{KEY_BYTES, Material, RandomnessError, material, random};
use salanimi_core::Id;

/// The key of a study's pseudonyms. Holders have it; the research environment never does.
pub struct ProjectKey(pub(super) Material);

/// The key of one linked dataset's persons. Only the linker has it.
pub struct LinkKey(pub(super) Material);

/// The key with which one party signs what it hands over.
pub struct SigningKey(pub(super) Material);

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
