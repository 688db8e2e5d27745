//! Key derivation: HKDF-SHA-256 (RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::keyed_hash::KeyedHash;
use super::label;
use super::material::{KEY_BYTES, KeyMaterial};

/// Derives a subkey:
///
/// ```text
/// subkey = HKDF-SHA-256(IKM = key, salt = "salanimi/v1", info = fields joined by one zero byte, L = 32)
/// ```
///
/// RFC 5869 sections 2.2 and 2.3. No field can hold a zero byte ([`Id`](crate::Id) forbids it), so different fields
/// never give the same info.
#[expect(clippy::expect_used, reason = "RFC 5869 section 2.3 allows 255 blocks of 32 bytes; this asks for one")]
pub(super) fn subkey(key: &KeyMaterial, fields: &[&str]) -> KeyedHash {
    let info = fields.join("\0");
    let mut okm = Zeroizing::new([0; KEY_BYTES]);
    let extracted = Hkdf::<Sha256>::new(Some(label::SALT), key.expose());
    extracted.expand(info.as_bytes(), okm.as_mut()).expect("one block is always allowed");
    KeyedHash::new(&okm)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn rfc_5869_test_case_1_holds() {
        let ikm = [0x0b; 22];
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let mut okm = [0; 42];
        Hkdf::<Sha256>::new(Some(&salt), &ikm).expand(&info, &mut okm).unwrap();
        assert_eq!(
            HEXLOWER.encode(&okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
    }
}
