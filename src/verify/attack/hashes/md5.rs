//! MD5 (RFC 1321) of several messages at once.
//!
//! Each step of MD5 waits for the one before it, so one message leaves most of a processor idle. Eight messages of one
//! length take a quarter of the time when each word is a vector with a lane for each of them.

use wide::u32x8;

use super::blocks::pad;
use super::hash::{Digest, Hash, LANES};
use crate::verify::attack::message::Padded;

/// Bytes of a block.
const BLOCK: usize = 64;
/// Initial state.
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
/// Constant of each step: the first 32 bits of the fraction of |sin i|.
#[expect(clippy::unreadable_literal, reason = "as RFC 1321 writes them")]
const SINES: [u32; 64] = [
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
    0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
    0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
    0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
    0xeb86d391,
];

pub(in crate::verify::attack) struct Md5;

impl Hash for Md5 {
    const WIDTH: usize = 16;
    const BLOCK: usize = BLOCK;
    type State = [u32; 4];

    #[inline]
    fn start() -> Self::State {
        START
    }

    fn absorb(state: &mut Self::State, block: &[u8]) {
        let mut lanes = state.map(u32x8::splat);
        compress(&mut lanes, &words([block]));
        *state = lanes.map(|lane| lane.to_array()[0]);
    }

    fn pad(message: &mut Padded, before: usize) {
        let bits = (before + message.length) as u64 * 8;
        pad(message, BLOCK, 8, bits.to_le_bytes());
    }

    fn finish(state: &Self::State, messages: &[Padded], digests: &mut [Digest]) {
        let mut lanes = state.map(u32x8::splat);
        let end = messages.first().map_or(0, |message| message.end);
        assert!(messages.iter().all(|message| message.end == end), "messages of one length");
        for at in (0..end).step_by(BLOCK) {
            compress(&mut lanes, &words(messages.iter().map(|message| &message.bytes[at..at + BLOCK])));
        }
        let [a, b, c, d] = lanes.map(u32x8::to_array);
        for (lane, digest) in digests.iter_mut().enumerate() {
            for (bytes, word) in digest.chunks_exact_mut(4).zip([a[lane], b[lane], c[lane], d[lane]]) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
        }
    }
}

/// Returns the words of at most [`LANES`] blocks.
#[inline]
fn words<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> [u32x8; 16] {
    let mut words = [[0; LANES]; 16];
    for (lane, block) in blocks.into_iter().enumerate() {
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            word[lane] = u32::from_le_bytes(*bytes);
        }
    }
    let mut vectors = [u32x8::ZERO; 16];
    vectors.iter_mut().zip(words).for_each(|(vector, word)| *vector = u32x8::new(word));
    vectors
}

/// Compresses the block of each lane.
fn compress(state: &mut [u32x8; 4], words: &[u32x8; 16]) {
    let [mut a, mut b, mut c, mut d] = *state;
    // A step with a function of the state, a word of the block, the number of the step, and bits of rotation.
    macro_rules! step {
        ($function:expr, $word:expr, $step:expr, $bits:literal) => {{
            let sum = a + $function + words[$word % 16] + u32x8::splat(SINES[$step]);
            let rotated = sum << $bits | sum >> (32 - $bits);
            (a, b, c, d) = (d, b + rotated, b, c);
        }};
    }
    for i in (0..16).step_by(4) {
        step!(d ^ (b & (c ^ d)), i, i, 7);
        step!(d ^ (b & (c ^ d)), i + 1, i + 1, 12);
        step!(d ^ (b & (c ^ d)), i + 2, i + 2, 17);
        step!(d ^ (b & (c ^ d)), i + 3, i + 3, 22);
    }
    for i in (16..32).step_by(4) {
        step!(c ^ (d & (b ^ c)), 5 * i + 1, i, 5);
        step!(c ^ (d & (b ^ c)), 5 * i + 6, i + 1, 9);
        step!(c ^ (d & (b ^ c)), 5 * i + 11, i + 2, 14);
        step!(c ^ (d & (b ^ c)), 5 * i + 16, i + 3, 20);
    }
    for i in (32..48).step_by(4) {
        step!(b ^ c ^ d, 3 * i + 5, i, 4);
        step!(b ^ c ^ d, 3 * i + 8, i + 1, 11);
        step!(b ^ c ^ d, 3 * i + 11, i + 2, 16);
        step!(b ^ c ^ d, 3 * i + 14, i + 3, 23);
    }
    for i in (48..64).step_by(4) {
        step!(c ^ (b | !d), 7 * i, i, 6);
        step!(c ^ (b | !d), 7 * i + 7, i + 1, 10);
        step!(c ^ (b | !d), 7 * i + 14, i + 2, 15);
        step!(c ^ (b | !d), 7 * i + 21, i + 3, 21);
    }
    for (state, last) in state.iter_mut().zip([a, b, c, d]) {
        *state += last;
    }
}

#[cfg(test)]
mod tests {
    use md5::Digest as _;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_messages_of_one_length_have_the_digests_of_the_library(
            (count, length) in (1..=LANES, 0..200_usize),
            seed in any::<u64>(),
        ) {
            let mut state = seed;
            let mut messages = vec![Padded::zeros(length); count];
            for message in &mut messages {
                for byte in &mut message.bytes[..length] {
                    state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                    *byte = (state >> 56) as u8;
                }
                Md5::pad(message, 0);
            }
            let mut digests = [[0; 64]; LANES];
            Md5::finish(&Md5::start(), &messages, &mut digests[..count]);
            for (message, digest) in messages.iter().zip(&digests) {
                prop_assert_eq!(&digest[..16], &md5::Md5::digest(message.message())[..]);
            }
        }

        #[test]
        fn a_state_that_absorbed_a_block_goes_on_in_every_lane(block in proptest::array::uniform32(any::<u8>())) {
            let block = [block, block].concat();
            let mut state = Md5::start();
            Md5::absorb(&mut state, &block);
            let mut message = Padded::of(b"message");
            Md5::pad(&mut message, BLOCK);
            let mut digests = [[0; 64]; LANES];
            Md5::finish(&state, &vec![message; LANES], &mut digests);
            let expected = md5::Md5::digest([&block[..], b"message"].concat());
            prop_assert!(digests.iter().all(|digest| digest[..16] == expected[..]));
        }
    }
}
