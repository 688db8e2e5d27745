//! SHA-1 and SHA-2 (FIPS 180-4) by their compression functions. A message is padded once and then changed in place.

use super::hash::{Digest, Hash};
use crate::verify::attack::message::Padded;

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

/// Pads a message to whole blocks of `block` bytes. Its number of bits has `length` bytes at the end, the last of which
/// are `bits`.
pub(super) fn pad(message: &mut Padded, block: usize, length: usize, bits: [u8; 8]) {
    let end = (message.length + 1 + length).next_multiple_of(block);
    message.bytes[message.length] = 0x80;
    message.bytes[message.length + 1..end].fill(0);
    message.bytes[end - 8..end].copy_from_slice(&bits);
    message.end = end;
}

/// Implements a hash by its compression function, word type and number, block and digest width, and start.
macro_rules! by_blocks {
    ($name:ident, $compress:path, $word:ty, $words:literal, $block:literal, $width:literal, $start:expr) => {
        pub(in crate::verify::attack) struct $name;

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
                let bits = (before + message.length) as u64 * 8;
                pad(message, $block, LENGTH, bits.to_be_bytes());
            }

            #[inline]
            fn finish(state: &Self::State, messages: &[Padded], digests: &mut [Digest]) {
                const WORD: usize = size_of::<$word>();
                for (message, digest) in messages.iter().zip(digests) {
                    let mut state = *state;
                    $compress(&mut state, message.bytes[..message.end].as_chunks::<$block>().0);
                    for (bytes, word) in digest.chunks_exact_mut(WORD).zip(state) {
                        bytes.copy_from_slice(&word.to_be_bytes());
                    }
                }
            }
        }
    };
}

by_blocks!(Sha1, sha1::block_api::compress, u32, 5, 64, 20, SHA1_START);
by_blocks!(Sha224, sha2::block_api::compress256, u32, 8, 64, 28, SHA224_START);
by_blocks!(Sha256, sha2::block_api::compress256, u32, 8, 64, 32, SHA256_START);
by_blocks!(Sha384, sha2::block_api::compress512, u64, 8, 128, 48, SHA384_START);
by_blocks!(Sha512, sha2::block_api::compress512, u64, 8, 128, 64, SHA512_START);
by_blocks!(Sha512To256, sha2::block_api::compress512, u64, 8, 128, 32, SHA512_256_START);
