//! Keys, what is derived from them, and what is done with them. Every primitive comes from a vetted crate.

mod canary;
mod data_key;
mod derive;
mod digest;
mod key;
mod key_file;
mod keyed_hash;
mod labels;
mod sealing;
mod signature;

pub use canary::Canary;
pub use data_key::{DataKey, TableSeal};
pub use derive::{LinkKeys, ProjectKeys};
pub use digest::{Digest, DigestWriter, Hasher};
pub use key::{KEY_BYTES, Key, KeyId, LinkKey, ProjectKey, Purpose, RandomnessError, SigningKey};
pub use key_file::{
    KeyDescription, KeyFile, KeyFileError, Lifetime, Secrecy, ShareNumber, combine, destroy_file, read_key, split,
    write_key,
};
pub use keyed_hash::KeyedHash;
pub use labels::SCHEME;
pub use sealing::{
    AGE_HEADER, Identity, Passphrase, Protection, Recipient, RecipientError, SealingError, SealingWriter, Unlock, seal,
};
pub use signature::{
    MAX_SIGNATURE_BYTES, SIGNATURE_ENDING, Signatory, Signature, SignatureError, SignedReader, SigningWriter,
    VerifyingKey, VerifyingKeyError,
};
