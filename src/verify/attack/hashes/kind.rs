//! The hash functions by name, with their costs.

use super::blake2::{Blake2b64, Blake2b128, Blake2b160, Blake2b256, Blake2b384, Blake2b512, Blake2s128, Blake2s256};
use super::blocks::{Sha1, Sha224, Sha256, Sha384, Sha512, Sha512To256};
use super::hash::Hash;
use super::library::{
    Blake3, Crc32, Fnv1a32, Fnv1a64, JavaHashCode, Keccak256, Murmur3, Sha3To224, Sha3To256, Sha3To384, Sha3To512,
    Sha512To224, Shake128, Shake256, SparkHash, XxHash32, XxHash64, Xxh3To64, Xxh3To128,
};
use super::md5::Md5;
use super::uuid::{UuidV3, UuidV5};

/// Declares the hash functions with their names and costs.
macro_rules! kinds {
    ($($kind:ident $shown:literal $cost:literal),* $(,)?) => {
        /// A hash function. The most common of a width comes first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(in crate::verify::attack) enum Kind {
            $(#[doc = $shown] $kind),*
        }

        impl Kind {
            /// All hash functions, in order.
            pub(in crate::verify::attack) const ALL: &[Self] = &[$(Self::$kind),*];

            /// Returns the usual name.
            pub(in crate::verify::attack) fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $shown),*
                }
            }

            /// Returns the nanoseconds that a short message takes on a core, about. Plans use this constant, not the
            /// clock, so a plan is the same in every run.
            pub(in crate::verify::attack) fn cost(self) -> u64 {
                match self {
                    $(Self::$kind => $cost),*
                }
            }

            /// Returns the bytes of a digest.
            pub(in crate::verify::attack) fn width(self) -> usize {
                match self {
                    $(Self::$kind => <$kind as Hash>::WIDTH),*
                }
            }

            /// Returns the bytes of a block, as HMAC counts them; 0 if HMAC is not defined over it.
            pub(in crate::verify::attack) fn block(self) -> usize {
                match self {
                    $(Self::$kind => <$kind as Hash>::BLOCK),*
                }
            }

            /// Returns true if the digest is a UUID with its version.
            pub(in crate::verify::attack) fn is_uuid(self) -> bool {
                matches!(self, Self::UuidV3 | Self::UuidV5)
            }

            /// Returns true if codes that resemble each other have neighbouring digests. Dense numbers then meet many
            /// digests or none, by chance.
            pub(in crate::verify::attack) fn is_clustered(self) -> bool {
                self == Self::JavaHashCode
            }

            /// Runs `task` with the hash as a type.
            pub(in crate::verify::attack) fn with<T: Task>(self, task: T) -> T::Result {
                match self {
                    $(Self::$kind => task.run::<$kind>()),*
                }
            }
        }
    };
}

/// A task that is compiled for each hash.
pub(in crate::verify::attack) trait Task {
    /// Result of the task.
    type Result;

    /// Runs the task with the hash `H`.
    fn run<H: Hash>(self) -> Self::Result;
}

kinds! {
    Md5 "MD5" 42,
    Sha256 "SHA-256" 46,
    Sha1 "SHA-1" 44,
    Sha512 "SHA-512" 210,
    Sha3To256 "SHA3-256" 345,
    Blake3 "BLAKE3" 85,
    Blake2b512 "BLAKE2b-512" 80,
    Blake2s256 "BLAKE2s-256" 58,
    Sha224 "SHA-224" 46,
    Sha384 "SHA-384" 210,
    Sha512To256 "SHA-512/256" 215,
    Sha3To512 "SHA3-512" 345,
    Blake2b256 "BLAKE2b-256" 82,
    Blake2b128 "BLAKE2b-128" 82,
    Blake2b160 "BLAKE2b-160" 82,
    Blake2b64 "BLAKE2b-64" 82,
    Blake2b384 "BLAKE2b-384" 84,
    Blake2s128 "BLAKE2s-128" 56,
    Sha512To224 "SHA-512/224" 220,
    Sha3To224 "SHA3-224" 345,
    Sha3To384 "SHA3-384" 345,
    Shake128 "SHAKE128" 670,
    Shake256 "SHAKE256" 670,
    Keccak256 "Keccak-256" 370,
    UuidV3 "UUIDv3" 42,
    UuidV5 "UUIDv5" 45,
    Crc32 "CRC32" 14,
    XxHash32 "xxHash32" 13,
    XxHash64 "xxHash64" 11,
    Xxh3To64 "XXH3-64" 8,
    Xxh3To128 "XXH3-128" 8,
    JavaHashCode "Java hashCode" 11,
    SparkHash "MurmurHash3 of Spark" 10,
    Murmur3 "MurmurHash3" 10,
    Fnv1a32 "FNV-1a-32" 10,
    Fnv1a64 "FNV-1a-64" 10,
}
