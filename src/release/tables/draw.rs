//! Reproducible draws: pseudo-random numbers from SHA-256.

use crate::crypto::Digest;

/// Returns the first 64 bits of the SHA-256 digest of `numbers`, each as 8 bytes in big-endian order.
pub(super) fn draw(numbers: &[u64]) -> u64 {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let mut first = [0; 8];
    first.copy_from_slice(&Digest::of(&bytes).as_bytes()[..8]);
    u64::from_be_bytes(first)
}
