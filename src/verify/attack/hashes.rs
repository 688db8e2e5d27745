//! Common hash functions, each as a fast kernel for many short messages.
//!
//! A block hash gets blocks that are padded once and then changed in place.

use data_encoding::HEXLOWER;

use super::message::Padded;
use super::short_hashes::{fnv1a_32, fnv1a_64, java_hash_code, murmur3, spark};

/// A digest in its first [`Hash::WIDTH`] bytes.
pub(super) type Digest = [u8; 64];

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
    /// Computes the digest of the absorbed blocks and `message`.
    fn finish(state: &Self::State, message: &Padded, digest: &mut Digest);
}

/// Implements a hash by its compression function, word type and number, block and digest width, byte order and start.
macro_rules! by_blocks {
    (
        $name:ident, $compress:path, $word:ty, $words:literal, $block:literal, $width:literal, $order:ident,
        $start:expr
    ) => {
        pub(super) struct $name;

        impl Hash for $name {
            const WIDTH: usize = $width;
            const BLOCK: usize = $block;
            type State = [$word; $words];

            #[inline]
            fn start() -> Self::State {
                $start
            }

            #[inline]
            fn absorb(state: &mut Self::State, block: &[u8]) {
                $compress(state, block.as_chunks::<$block>().0);
            }

            fn pad(message: &mut Padded, before: usize) {
                const LENGTH: usize = if $block == 128 { 16 } else { 8 };
                let end = (message.length + 1 + LENGTH).next_multiple_of($block);
                let bits = ((before + message.length) as u64 * 8).$order();
                message.bytes[message.length] = 0x80;
                message.bytes[message.length + 1..end].fill(0);
                message.bytes[end - 8..end].copy_from_slice(&bits);
                message.end = end;
            }

            #[inline]
            fn finish(state: &Self::State, message: &Padded, digest: &mut Digest) {
                const WORD: usize = size_of::<$word>();
                let mut state = *state;
                $compress(&mut state, message.bytes[..message.end].as_chunks::<$block>().0);
                for (bytes, word) in digest.chunks_exact_mut(WORD).zip(state) {
                    bytes.copy_from_slice(&word.$order());
                }
            }
        }
    };
}

const SHA1_START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
const SHA224_START: [u32; 8] =
    [0xc105_9ed8, 0x367c_d507, 0x3070_dd17, 0xf70e_5939, 0xffc0_0b31, 0x6858_1511, 0x64f9_8fa7, 0xbefa_4fa4];
const SHA256_START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
const SHA384_START: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];
const SHA512_START: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];
const SHA512_256_START: [u64; 8] = [
    0x2231_2194_fc2b_f72c,
    0x9f55_5fa3_c84c_64c2,
    0x2393_b86b_6f53_b151,
    0x9638_7719_5940_eabd,
    0x9628_3ee2_a88e_ffe3,
    0xbe5e_1e25_5386_3992,
    0x2b01_99fc_2c85_b8aa,
    0x0eb7_2ddc_81c5_2ca2,
];

by_blocks!(
    Md5,
    md5::block_api::compress,
    u32,
    4,
    64,
    16,
    to_le_bytes,
    [SHA1_START[0], SHA1_START[1], SHA1_START[2], SHA1_START[3]]
);
by_blocks!(Sha1, sha1::block_api::compress, u32, 5, 64, 20, to_be_bytes, SHA1_START);
by_blocks!(Sha224, sha2::block_api::compress256, u32, 8, 64, 28, to_be_bytes, SHA224_START);
by_blocks!(Sha256, sha2::block_api::compress256, u32, 8, 64, 32, to_be_bytes, SHA256_START);
by_blocks!(Sha384, sha2::block_api::compress512, u64, 8, 128, 48, to_be_bytes, SHA384_START);
by_blocks!(Sha512, sha2::block_api::compress512, u64, 8, 128, 64, to_be_bytes, SHA512_START);
by_blocks!(Sha512To256, sha2::block_api::compress512, u64, 8, 128, 32, to_be_bytes, SHA512_256_START);

/// Implements a hash by the interface of its library.
macro_rules! by_library {
    ($name:ident, $library:ty, $digest:path, $block:literal, $width:literal) => {
        pub(super) struct $name;

        impl Hash for $name {
            const WIDTH: usize = $width;
            const BLOCK: usize = $block;
            type State = $library;

            fn start() -> Self::State {
                <$library>::default()
            }

            fn absorb(state: &mut Self::State, block: &[u8]) {
                use $digest as _;
                state.update(block);
            }

            fn pad(_: &mut Padded, _: usize) {}

            #[inline]
            fn finish(state: &Self::State, message: &Padded, digest: &mut Digest) {
                use $digest as _;
                let mut state = state.clone();
                state.update(message.message());
                digest[..$width].copy_from_slice(state.finalize().as_ref());
            }
        }
    };
}

by_library!(Sha3To224, sha3::Sha3_224, sha3::Digest, 144, 28);
by_library!(Sha3To256, sha3::Sha3_256, sha3::Digest, 136, 32);
by_library!(Sha3To384, sha3::Sha3_384, sha3::Digest, 104, 48);
by_library!(Sha3To512, sha3::Sha3_512, sha3::Digest, 72, 64);
by_library!(Keccak256, sha3::Keccak256, sha3::Digest, 136, 32);
by_library!(Blake2b512, blake2::Blake2b512, blake2::Digest, 128, 64);
by_library!(Sha512To224, sha2::Sha512_224, sha2::Digest, 128, 28);
// The length of a BLAKE2 digest is an input, so a short digest is no part of a longer one (RFC 7693, section 2.5).
by_library!(Blake2b64, blake2::Blake2b<blake2::digest::consts::U8>, blake2::Digest, 128, 8);
by_library!(Blake2b128, blake2::Blake2b<blake2::digest::consts::U16>, blake2::Digest, 128, 16);
by_library!(Blake2b160, blake2::Blake2b<blake2::digest::consts::U20>, blake2::Digest, 128, 20);
by_library!(Blake2b256, blake2::Blake2b<blake2::digest::consts::U32>, blake2::Digest, 128, 32);
by_library!(Blake2b384, blake2::Blake2b<blake2::digest::consts::U48>, blake2::Digest, 128, 48);
by_library!(Blake2s128, blake2::Blake2s<blake2::digest::consts::U16>, blake2::Digest, 64, 16);
by_library!(Blake2s256, blake2::Blake2s256, blake2::Digest, 64, 32);

/// Implements a hash by one call, without HMAC.
macro_rules! by_call {
    ($name:ident, $width:literal, $call:expr) => {
        pub(super) struct $name;

        impl Hash for $name {
            const WIDTH: usize = $width;
            const BLOCK: usize = 0;
            type State = ();

            fn start() -> Self::State {}

            fn absorb((): &mut Self::State, _: &[u8]) {}

            fn pad(_: &mut Padded, _: usize) {}

            #[inline]
            fn finish((): &Self::State, message: &Padded, digest: &mut Digest) {
                let call: fn(&[u8]) -> [u8; $width] = $call;
                digest[..$width].copy_from_slice(&call(message.message()));
            }
        }
    };
}

/// Returns the first 64 bytes of a SHAKE. A shorter output is a prefix of a longer one (FIPS 202, appendix A.2).
fn shake<X: Default + sha3::digest::Update + sha3::digest::ExtendableOutput>(message: &[u8]) -> [u8; 64] {
    let mut hash = X::default();
    let mut digest = [0; 64];
    hash.update(message);
    hash.finalize_xof_into(&mut digest);
    digest
}

by_call!(Shake128, 64, shake::<sha3::Shake128>);
by_call!(Shake256, 64, shake::<sha3::Shake256>);
by_call!(Blake3, 32, |message| *blake3::hash(message).as_bytes());
by_call!(Crc32, 4, |message| crc32fast::hash(message).to_be_bytes());
by_call!(XxHash32, 4, |message| twox_hash::XxHash32::oneshot(0, message).to_be_bytes());
by_call!(XxHash64, 8, |message| twox_hash::XxHash64::oneshot(0, message).to_be_bytes());
by_call!(Xxh3To64, 8, |message| twox_hash::XxHash3_64::oneshot(message).to_be_bytes());
by_call!(Xxh3To128, 16, |message| twox_hash::XxHash3_128::oneshot(message).to_be_bytes());

by_call!(JavaHashCode, 4, |message| java_hash_code(message).to_be_bytes());
by_call!(Murmur3, 4, |message| murmur3(message, 0).to_be_bytes());
by_call!(SparkHash, 4, |message| spark(message).to_be_bytes());
by_call!(Fnv1a32, 4, |message| fnv1a_32(message).to_be_bytes());
by_call!(Fnv1a64, 8, |message| fnv1a_64(message).to_be_bytes());

/// Implements a UUID that is made from a hash (RFC 9562, sections 5.3 and 5.5), without HMAC.
macro_rules! uuid {
    ($name:ident, $hash:ident, $version:literal) => {
        pub(super) struct $name;

        impl Hash for $name {
            const WIDTH: usize = 16;
            const BLOCK: usize = 0;
            type State = <$hash as Hash>::State;

            fn start() -> Self::State {
                $hash::start()
            }

            fn absorb(_: &mut Self::State, _: &[u8]) {}

            fn pad(message: &mut Padded, before: usize) {
                $hash::pad(message, before);
            }

            #[inline]
            fn finish(state: &Self::State, message: &Padded, digest: &mut Digest) {
                $hash::finish(state, message, digest);
                digest[6] = digest[6] & 0x0f | $version << 4;
                digest[8] = digest[8] & 0x3f | 0x80;
            }
        }
    };
}

uuid!(UuidV3, Md5, 3);
uuid!(UuidV5, Sha1, 5);

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
    Md5 "MD5" 113,
    Sha256 "SHA-256" 52,
    Sha1 "SHA-1" 50,
    Sha512 "SHA-512" 250,
    Sha3To256 "SHA3-256" 390,
    Blake3 "BLAKE3" 85,
    Blake2b512 "BLAKE2b-512" 155,
    Blake2s256 "BLAKE2s-256" 125,
    Sha224 "SHA-224" 52,
    Sha384 "SHA-384" 240,
    Sha512To256 "SHA-512/256" 240,
    Sha3To512 "SHA3-512" 400,
    Blake2b256 "BLAKE2b-256" 165,
    Blake2b128 "BLAKE2b-128" 165,
    Blake2b160 "BLAKE2b-160" 165,
    Blake2b64 "BLAKE2b-64" 165,
    Blake2b384 "BLAKE2b-384" 165,
    Blake2s128 "BLAKE2s-128" 125,
    Sha512To224 "SHA-512/224" 240,
    Sha3To224 "SHA3-224" 410,
    Sha3To384 "SHA3-384" 400,
    Shake128 "SHAKE128" 400,
    Shake256 "SHAKE256" 400,
    Keccak256 "Keccak-256" 400,
    UuidV3 "UUIDv3" 115,
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
