//! Digests, key files, sealing, signatures and data keys. Every primitive comes from a vetted crate; keys and keyed
//! hashing come from `salanimi-core`.

mod compare;
mod data_key;
mod digest;
mod key_file;
mod message;
mod sealing;
mod signature;

pub use data_key::{DataKey, TableName, TableSeal};
pub use digest::{Digest, DigestError, Hasher, HashingWriter, IncrementalHash};
pub use key_file::{
    KIND as KEY_FILE_KIND, KeyDescription, KeyFile, KeyFileError, Lifetime, ProtectionKind, ShareNumber, combine,
    destroy_file, read_key, split, write_key,
};
pub use message::{MessageCipher, NONCE_BYTES};
pub use sealing::{
    AGE_HEADER, Identity, Passphrase, Protection, Recipient, RecipientError, SealingError, SealingWriter, Unlock, seal,
};
pub use signature::{
    MAX_SIGNATURE_BYTES, MessageHasher, SIGNATURE_ENDING, Signatory, Signature, SignatureError, SignedReader,
    VerifyingKey, VerifyingKeyError,
};
