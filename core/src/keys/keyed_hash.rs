//! Keyed hashing: HMAC-SHA-256 (FIPS 198-1).

use hmac::KeyInit;
use hmac::block_api::HmacCore;
use hmac::digest::Output;
use hmac::digest::block_api::{Buffer, FixedOutputCore, UpdateCore};
use sha2::Sha256;

use super::material::KEY_BYTES;

/// Keyed hash under one subkey:
///
/// ```text
/// leftmost N bytes of HMAC-SHA-256(subkey, message)
/// ```
///
/// FIPS 198-1 section 4; truncation as in SP 800-107r1 section 5.1. Holds the two key-dependent hash states, so a short
/// message costs two compressions.
///
/// Calls the core of the library's HMAC with a buffer of its own: `Hmac` copies a buffer too, a fifth of the time.
pub struct KeyedHash(HmacCore<Sha256>);

impl Drop for KeyedHash {
    /// Overwrites the states, because anyone can compute pseudonyms from them. The library's own wiping would also
    /// clear the copy made for each message, at a twentieth of an extract's time.
    fn drop(&mut self) {
        self.0 = keyed(&[0; KEY_BYTES]);
        std::hint::black_box(&mut self.0);
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 section 2)")]
fn keyed(key: &[u8]) -> HmacCore<Sha256> {
    HmacCore::new_from_slice(key).expect("any length is allowed")
}

impl KeyedHash {
    /// Returns the keyed hash under the subkey `key`.
    pub(super) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(keyed(key))
    }

    /// Returns the leftmost `N` bytes of HMAC-SHA-256(subkey, `message`). `N` is at most 32, checked at compile time.
    #[must_use]
    pub fn leftmost<const N: usize>(&self, message: &[u8]) -> [u8; N] {
        const { assert!(N <= 32) };
        let mut mac = self.0.clone();
        let mut buffer = Buffer::<HmacCore<Sha256>>::default();
        buffer.digest_blocks(message, |blocks| mac.update_blocks(blocks));
        let mut full = Output::<HmacCore<Sha256>>::default();
        mac.finalize_fixed_core(&mut buffer, &mut full);
        std::array::from_fn(|i| full[i])
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;
    use hmac::{Hmac, Mac};
    use proptest::prelude::*;

    use super::*;

    /// RFC 4231 sections 4.2, 4.3, 4.4, 4.5, 4.7 and 4.8: key, message and full output.
    #[test]
    fn rfc_4231_vectors_hold() {
        let long_key = vec![0xaa; 131];
        let cases: [(&[u8], &[u8], &str); 6] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &(1..=25).collect::<Vec<u8>>(),
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                &long_key,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &long_key,
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, message, expected) in cases {
            assert_eq!(HEXLOWER.encode(&KeyedHash(keyed(key)).leftmost::<32>(message)), expected);
        }
    }

    /// RFC 4231 section 4.6.
    #[test]
    fn the_truncated_vector_holds() {
        let hash = KeyedHash(keyed(&[0x0c; 20]));
        assert_eq!(HEXLOWER.encode(&hash.leftmost::<16>(b"Test With Truncation")), "a3b6167473100ee06e0c796c2955552b");
    }

    proptest! {
        #[test]
        fn a_message_of_any_length_has_the_hash_of_the_whole_library(
            key in any::<[u8; KEY_BYTES]>(),
            message in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut whole = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            whole.update(&message);
            let expected = whole.finalize().into_bytes();
            prop_assert_eq!(&KeyedHash::new(&key).leftmost::<32>(&message)[..], &expected[..]);
        }
    }
}
