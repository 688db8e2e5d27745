//! Keys and keyed hashing: key material, key derivation (HKDF) and message authentication (HMAC).

mod derive;
mod key;
mod key_id;
mod keyed_hash;
mod label;
mod material;
mod purpose;
mod release;
mod study;

pub use key::{Key, LinkKey, ProjectKey, ReleaseKey, SigningKey};
pub use key_id::{KeyId, KeyIdError};
pub use keyed_hash::KeyedHash;
pub use label::{SCHEME, SEALED_TABLE};
pub use material::{KEY_BYTES, KeyMaterial, RandomnessError};
pub use purpose::Purpose;
pub use release::DatasetKeys;
pub use study::{JobKey, LinkKeys, ProjectKeys};
