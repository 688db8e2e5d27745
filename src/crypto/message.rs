//! Messages that processes with one key leave for each other, or for themselves: encrypted and authenticated.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use salanimi_core::{KEY_BYTES, KeyMaterial, RandomnessError};

/// Bytes of a nonce: enough that random ones, and hashes, never repeat.
pub const NONCE_BYTES: usize = 24;

/// Cipher of messages: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). The nonce stands before each message.
pub struct MessageCipher(XChaCha20Poly1305);

impl MessageCipher {
    /// Returns the cipher of a key, which the caller must wipe.
    #[must_use]
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Returns the cipher of a fresh key that is kept nowhere else.
    ///
    /// # Errors
    /// [`RandomnessError`] if the operating system provides none.
    pub fn generate() -> Result<Self, RandomnessError> {
        Ok(Self::new(KeyMaterial::generate()?.expose()))
    }

    /// Encrypts a message under a random nonce. It opens only in the same `context`, which is not in it.
    ///
    /// # Errors
    /// [`RandomnessError`] if the operating system provides none.
    pub fn seal(&self, context: &[u8], message: &[u8]) -> Result<Vec<u8>, RandomnessError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        Ok(self.seal_with(&nonce, context, message))
    }

    /// Encrypts a message under this nonce, which no other message of the key may have: a keyed hash of the message.
    #[must_use]
    pub fn seal_with(&self, nonce: &[u8; NONCE_BYTES], context: &[u8], message: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: message, aad: context };
        let Ok(sealed) = self.0.encrypt(XNonce::from_slice(nonce), payload) else {
            unreachable!("the cipher takes messages of up to 2^38 bytes, more than memory holds")
        };
        [nonce.as_slice(), &sealed].concat()
    }

    /// Decrypts a message; `None` if it was not sealed with this key in this context, or was changed.
    #[must_use]
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        self.0.decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: context }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_opens_only_unchanged_with_its_key_and_context() {
        let cipher = MessageCipher::generate().unwrap();
        for message in [&b""[..], b"rows"] {
            let sealed = cipher.seal(b"here", message).unwrap();
            assert_ne!(sealed, cipher.seal(b"here", message).unwrap());
            assert_eq!(cipher.open(b"here", &sealed).as_deref(), Some(message));
            assert!(cipher.open(b"there", &sealed).is_none());
            assert!(MessageCipher::generate().unwrap().open(b"here", &sealed).is_none());
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(cipher.open(b"here", &changed).is_none() && cipher.open(b"here", &sealed[..at]).is_none());
            }
        }
    }
}
