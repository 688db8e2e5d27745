//! Hashes by the interface of their library, one message at a time.

use super::hash::{Digest, Hash};
use super::short::{fnv1a_32, fnv1a_64, java_hash_code, murmur3, spark};
use crate::verify::attack::message::Padded;

/// Implements a hash by the interface of its library.
macro_rules! by_library {
    ($name:ident, $library:ty, $digest:path, $block:literal, $width:literal) => {
        pub(in crate::verify::attack) struct $name;

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
            fn finish(state: &Self::State, messages: &[Padded], digests: &mut [Digest]) {
                use $digest as _;
                for (message, digest) in messages.iter().zip(digests) {
                    let mut state = state.clone();
                    state.update(message.message());
                    digest[..$width].copy_from_slice(state.finalize().as_ref());
                }
            }
        }
    };
}

by_library!(Sha3To224, sha3::Sha3_224, sha3::Digest, 144, 28);
by_library!(Sha3To256, sha3::Sha3_256, sha3::Digest, 136, 32);
by_library!(Sha3To384, sha3::Sha3_384, sha3::Digest, 104, 48);
by_library!(Sha3To512, sha3::Sha3_512, sha3::Digest, 72, 64);
by_library!(Keccak256, sha3::Keccak256, sha3::Digest, 136, 32);
by_library!(Sha512To224, sha2::Sha512_224, sha2::Digest, 128, 28);

/// Implements a hash by one call, without HMAC.
macro_rules! by_call {
    ($name:ident, $width:literal, $call:expr) => {
        pub(in crate::verify::attack) struct $name;

        impl Hash for $name {
            const WIDTH: usize = $width;
            const BLOCK: usize = 0;
            type State = ();

            fn start() -> Self::State {}

            fn absorb((): &mut Self::State, _: &[u8]) {}

            fn pad(_: &mut Padded, _: usize) {}

            #[inline]
            fn finish((): &Self::State, messages: &[Padded], digests: &mut [Digest]) {
                let call: fn(&[u8]) -> [u8; $width] = $call;
                for (message, digest) in messages.iter().zip(digests) {
                    digest[..$width].copy_from_slice(&call(message.message()));
                }
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
