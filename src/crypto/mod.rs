//! Keys, what is derived from them, and the hashes. Every primitive comes from a vetted crate.

mod canary;
mod derive;
mod digest;
mod key;
mod key_file;
mod keyed_hash;
mod labels;

pub use canary::Canary;
pub use derive::{LinkKeys, ProjectKeys};
pub use digest::{Digest, DigestWriter, Hasher};
pub use key::{KEY_BYTES, KeyId, LinkKey, ProjectKey};
pub use key_file::{Key, KeyDescription, KeyFileError, Purpose, describe_key, read_key, write_key};
pub use keyed_hash::KeyedHash;
pub use labels::SCHEME;
