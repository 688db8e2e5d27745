//! Short hashes that are not cryptographic, each over bytes: those of Java, Spark, and hash tables.

/// Constants of `MurmurHash3_x86_32`.
const MURMUR: [u32; 2] = [0xcc9e_2d51, 0x1b87_3593];

/// Computes `String.hashCode` of Java for ASCII text: s₀·31ⁿ⁻¹ + … + sₙ₋₁, modulo 2³².
pub(super) fn java_hash_code(text: &[u8]) -> u32 {
    text.iter().fold(0, |hash: u32, &byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)))
}

/// Computes `MurmurHash3_x86_32` with `seed`.
pub(super) fn murmur3(text: &[u8], seed: u32) -> u32 {
    let (words, rest) = text.as_chunks::<4>();
    let mut hash = words.iter().fold(seed, |hash, &word| mixed(hash, u32::from_le_bytes(word)));
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
        hash ^= scrambled(last);
    }
    finished(hash, text.len())
}

/// Computes `hash()` of Spark for text: `MurmurHash3` with the seed 42, and each byte after the last whole word as a
/// signed word of its own (`Murmur3_x86_32.hashUnsafeBytes`).
pub(super) fn spark(text: &[u8]) -> u32 {
    let (words, rest) = text.as_chunks::<4>();
    let hash = words.iter().fold(42, |hash, &word| mixed(hash, u32::from_le_bytes(word)));
    let hash = rest.iter().fold(hash, |hash, &byte| mixed(hash, i32::from(byte as i8) as u32));
    finished(hash, text.len())
}

fn scrambled(word: u32) -> u32 {
    word.wrapping_mul(MURMUR[0]).rotate_left(15).wrapping_mul(MURMUR[1])
}

fn mixed(hash: u32, word: u32) -> u32 {
    (hash ^ scrambled(word)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

fn finished(hash: u32, length: usize) -> u32 {
    let hash = hash ^ length as u32;
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// Computes FNV-1a of 32 bits.
pub(super) fn fnv1a_32(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash: u32, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Computes FNV-1a of 64 bits.
pub(super) fn fnv1a_64(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
