//! BLAKE2 (RFC 7693) of several messages at once.

use super::hash::{Digest, Hash, LANES};
use crate::verify::attack::message::{CAPACITY, Padded};

/// Implements a BLAKE2 by its library. The length of a digest is an input, so a short digest is no part of a longer one
/// (RFC 7693, section 2.5).
macro_rules! by_blake2 {
    ($name:ident, $library:ident, $block:literal, $width:literal) => {
        pub(in crate::verify::attack) struct $name;

        impl Hash for $name {
            const WIDTH: usize = $width;
            const BLOCK: usize = $block;
            /// The absorbed bytes: the library hashes several messages at once from their beginning only.
            type State = Vec<u8>;

            fn start() -> Self::State {
                Vec::new()
            }

            fn absorb(state: &mut Self::State, block: &[u8]) {
                state.extend_from_slice(block);
            }

            fn pad(_: &mut Padded, _: usize) {}

            fn finish(state: &Self::State, messages: &[Padded], digests: &mut [Digest]) {
                use $library::many::{HashManyJob, hash_many};
                let length = state.len() + messages.first().map_or(0, |message| message.length);
                let mut inputs = [[0; $block + CAPACITY]; LANES];
                for (input, message) in inputs.iter_mut().zip(messages) {
                    input[..state.len()].copy_from_slice(state);
                    input[state.len()..length].copy_from_slice(message.message());
                }
                let mut params = $library::Params::new();
                params.hash_length($width);
                let mut jobs = inputs.each_ref().map(|input| HashManyJob::new(&params, &input[..length]));
                let jobs = &mut jobs[..messages.len()];
                hash_many(jobs.iter_mut());
                for (job, digest) in jobs.iter().zip(digests) {
                    digest[..$width].copy_from_slice(job.to_hash().as_bytes());
                }
            }
        }
    };
}

by_blake2!(Blake2b512, blake2b_simd, 128, 64);
by_blake2!(Blake2b64, blake2b_simd, 128, 8);
by_blake2!(Blake2b128, blake2b_simd, 128, 16);
by_blake2!(Blake2b160, blake2b_simd, 128, 20);
by_blake2!(Blake2b256, blake2b_simd, 128, 32);
by_blake2!(Blake2b384, blake2b_simd, 128, 48);
by_blake2!(Blake2s128, blake2s_simd, 64, 16);
by_blake2!(Blake2s256, blake2s_simd, 64, 32);
