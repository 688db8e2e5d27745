//! Keys, what is derived from them, and what is done with them. Every primitive comes from a vetted crate.

mod canary;
mod data_key;
mod derive;
mod digest;
mod key;
mod key_file;
mod key_id;
mod keyed_hash;
mod labels;
mod material;
mod sealing;
mod signature;
mod subkeys;

pub use canary::Canary;
pub use data_key::{DataKey, TableName, TableSeal};
pub use digest::{Absorb, Digest, Hasher, HashingWriter};
pub use key::{Key, LinkKey, ProjectKey, SigningKey};
pub use key_file::{
    KIND as KEY_FILE_KIND, KeyDescription, KeyFile, KeyFileError, Lifetime, Secrecy, ShareNumber, combine,
    destroy_file, read_key, split, write_key,
};
pub use key_id::{KeyId, Purpose};
pub use keyed_hash::KeyedHash;
pub use labels::SCHEME;
pub use material::{KEY_BYTES, RandomnessError};
pub use sealing::{
    AGE_HEADER, Identity, Passphrase, Protection, Recipient, RecipientError, SealingError, SealingWriter, Unlock, seal,
};
pub use signature::{
    MAX_SIGNATURE_BYTES, Message, SIGNATURE_ENDING, Signatory, Signature, SignatureError, SignedReader, VerifyingKey,
    VerifyingKeyError,
};
pub use subkeys::{LinkKeys, ProjectKeys};
