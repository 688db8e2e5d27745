//! Common hash functions, each as a fast kernel for many short messages.

mod blake2;
mod blocks;
mod library;
mod md5;
mod short;
mod uuid;

use data_encoding::HEXLOWER;

use self::blake2::{Blake2b64, Blake2b128, Blake2b160, Blake2b256, Blake2b384, Blake2b512, Blake2s128, Blake2s256};
use self::blocks::{Sha1, Sha224, Sha256, Sha384, Sha512, Sha512To256};
use self::library::{
    Blake3, Crc32, Fnv1a32, Fnv1a64, JavaHashCode, Keccak256, Murmur3, Sha3To224, Sha3To256, Sha3To384, Sha3To512,
    Sha512To224, Shake128, Shake256, SparkHash, XxHash32, XxHash64, Xxh3To64, Xxh3To128,
};
use self::md5::Md5;
use self::uuid::{UuidV3, UuidV5};
use super::message::Padded;

/// A digest in its first [`Hash::WIDTH`] bytes.
pub(super) type Digest = [u8; 64];

/// Most messages that are hashed together.
pub(super) const LANES: usize = 8;

/// A hash function as a function of a state and a last message.
pub(super) trait Hash {
    /// Bytes of a digest.
    const WIDTH: usize;
    /// Bytes of a block, as HMAC counts them; 0 if HMAC is not defined over it.
    const BLOCK: usize;
    /// State after the absorbed blocks.
    type State: Clone + Send + Sync;

    /// Returns the initial state.
    fn start() -> Self::State;
    /// Absorbs a block of [`Hash::BLOCK`] bytes.
    fn absorb(state: &mut Self::State, block: &[u8]);
    /// Pads a message, once, after `before` absorbed bytes. Its bytes may change afterwards, its length may not.
    fn pad(message: &mut Padded, before: usize);
    /// Computes the digest of the absorbed blocks and each message. The messages are at most [`LANES`], of one length.
    fn finish(state: &Self::State, messages: &[Padded], digests: &mut [Digest]);
}

/// Declares the hash functions with their names and costs.
macro_rules! kinds {
    ($($kind:ident $shown:literal $cost:literal),* $(,)?) => {
        /// A hash function. The most common of a width comes first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Kind {
            $(#[doc = $shown] $kind),*
        }

        impl Kind {
            /// All hash functions, in order.
            pub(super) const ALL: &[Self] = &[$(Self::$kind),*];

            /// Returns the usual name.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $shown),*
                }
            }

            /// Returns the nanoseconds that a short message takes on a core, about. Plans use this constant, not the
            /// clock, so a plan is the same in every run.
            pub(super) fn cost(self) -> u64 {
                match self {
                    $(Self::$kind => $cost),*
                }
            }

            /// Returns the bytes of a digest.
            pub(super) fn width(self) -> usize {
                match self {
                    $(Self::$kind => <$kind as Hash>::WIDTH),*
                }
            }

            /// Returns the bytes of a block, as HMAC counts them; 0 if HMAC is not defined over it.
            pub(super) fn block(self) -> usize {
                match self {
                    $(Self::$kind => <$kind as Hash>::BLOCK),*
                }
            }

            /// Returns true if the digest is a UUID with its version.
            pub(super) fn is_uuid(self) -> bool {
                matches!(self, Self::UuidV3 | Self::UuidV5)
            }

            /// Returns true if codes that resemble each other have neighbouring digests. Dense numbers then meet many
            /// digests or none, by chance.
            pub(super) fn is_clustered(self) -> bool {
                self == Self::JavaHashCode
            }

            /// Runs `task` with the hash as a type.
            pub(super) fn with<T: Task>(self, task: T) -> T::Result {
                match self {
                    $(Self::$kind => task.run::<$kind>()),*
                }
            }
        }
    };
}

/// A task that is compiled for each hash.
pub(super) trait Task {
    /// Result of the task.
    type Result;

    /// Runs the task with the hash `H`.
    fn run<H: Hash>(self) -> Self::Result;
}

kinds! {
    Md5 "MD5" 45,
    Sha256 "SHA-256" 52,
    Sha1 "SHA-1" 50,
    Sha512 "SHA-512" 250,
    Sha3To256 "SHA3-256" 390,
    Blake3 "BLAKE3" 85,
    Blake2b512 "BLAKE2b-512" 90,
    Blake2s256 "BLAKE2s-256" 62,
    Sha224 "SHA-224" 52,
    Sha384 "SHA-384" 240,
    Sha512To256 "SHA-512/256" 240,
    Sha3To512 "SHA3-512" 400,
    Blake2b256 "BLAKE2b-256" 90,
    Blake2b128 "BLAKE2b-128" 90,
    Blake2b160 "BLAKE2b-160" 90,
    Blake2b64 "BLAKE2b-64" 90,
    Blake2b384 "BLAKE2b-384" 90,
    Blake2s128 "BLAKE2s-128" 62,
    Sha512To224 "SHA-512/224" 240,
    Sha3To224 "SHA3-224" 410,
    Sha3To384 "SHA3-384" 400,
    Shake128 "SHAKE128" 400,
    Shake256 "SHAKE256" 400,
    Keccak256 "Keccak-256" 400,
    UuidV3 "UUIDv3" 45,
    UuidV5 "UUIDv5" 52,
    Crc32 "CRC32" 10,
    XxHash32 "xxHash32" 19,
    XxHash64 "xxHash64" 21,
    Xxh3To64 "XXH3-64" 13,
    Xxh3To128 "XXH3-128" 15,
    JavaHashCode "Java hashCode" 12,
    SparkHash "MurmurHash3 of Spark" 15,
    Murmur3 "MurmurHash3" 15,
    Fnv1a32 "FNV-1a-32" 15,
    Fnv1a64 "FNV-1a-64" 15,
}

/// Writes a digest of `width` bytes as lower hexadecimal digits.
#[inline]
pub(super) fn write_hex(digest: &Digest, width: usize, text: &mut [u8]) {
    HEXLOWER.encode_mut(&digest[..width], &mut text[..width * 2]);
}
