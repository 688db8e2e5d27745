//! What every hash function of the attack can do.

use data_encoding::HEXLOWER;

use crate::verify::attack::message::Padded;

/// A digest in its first [`Hash::WIDTH`] bytes.
pub(in crate::verify::attack) type Digest = [u8; 64];

/// Most messages that are hashed together.
pub(in crate::verify::attack) const LANES: usize = 8;

/// A hash function as a function of a state and a last message.
pub(in crate::verify::attack) trait Hash {
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

/// Writes a digest of `width` bytes as lower hexadecimal digits.
#[inline]
pub(in crate::verify::attack) fn write_hex(digest: &Digest, width: usize, text: &mut [u8]) {
    HEXLOWER.encode_mut(&digest[..width], &mut text[..width * 2]);
}
