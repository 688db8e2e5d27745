use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key_id::{KeyId, Purpose};
use super::keyed_hash::KeyedHash;
use super::labels;
use super::material::{KEY_BYTES, Material, expose};
use salanimi_core::Id;

/// HKDF-SHA-256 (RFC 5869) of `key` with the fixed salt; info is the fields joined by one zero byte.
///
/// No field can hold a zero byte ([`Id`] forbids it), so different fields never give the same info.
pub(super) fn subkey(key: &Material, fields: &[&str]) -> KeyedHash {
    let info = fields.join("\0");
    let mut okm = Zeroizing::new([0; KEY_BYTES]);
    let expanded = Hkdf::<Sha256>::new(Some(labels::SALT), expose(key)).expand(info.as_bytes(), okm.as_mut());
    // RFC 5869 section 2.3 allows up to 255 blocks of 32 bytes; this asks for one.
    expanded.unwrap_or_else(|_| unreachable!("one block is always allowed"));
    KeyedHash::new(&okm)
}

/// The public name of a key in `study`.
pub(super) fn key_id(key: &Material, purpose: Purpose, study: &Id) -> KeyId {
    let label = match purpose {
        Purpose::Project => labels::KEY_ID,
        Purpose::Link => labels::LINK_KEY_ID,
        Purpose::Signing => labels::SIGNING_KEY_ID,
    };
    KeyId(subkey(key, &[label, study.as_str()]).leftmost(b""))
}

/// The keyed hash that binds the text of a key file to its key.
pub(super) fn key_file(key: &Material, purpose: Purpose, study: &Id) -> KeyedHash {
    subkey(key, &[labels::KEY_FILE, purpose.name(), study.as_str()])
}

/// The seed of the Ed25519 key pair (RFC 8032 section 5.1.5) of a signing key in `study`.
pub(super) fn signing_seed(key: &Material, study: &Id) -> Zeroizing<[u8; KEY_BYTES]> {
    Zeroizing::new(subkey(key, &[labels::SIGNING, study.as_str()]).leftmost(b""))
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::super::material::material;
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

    #[test]
    fn one_key_for_two_purposes_has_two_names_and_no_common_subkey() {
        let (key, study) = (material(&[1; KEY_BYTES]), Id::new("toituavain").unwrap());
        let names = Purpose::ALL.map(|purpose| key_id(&key, purpose, &study));
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
        let files = Purpose::ALL.map(|purpose| key_file(&key, purpose, &study).leftmost::<8>(b"x"));
        assert!(files[0] != files[1] && files[1] != files[2] && files[0] != files[2]);
    }
}
