//! Slow oracles: keyed hashes by direct calls of the `hkdf`, `hmac` and `sha2` crates, identity codes by the published
//! rule.

use data_encoding::BASE32HEX_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Returns HMAC-SHA-256 under a subkey of `key`.
///
/// The subkey is HKDF-SHA-256 with the scheme's salt; its info is the fields joined by zero bytes.
pub fn hmac(key: &[u8; 32], fields: &[&str], message: &[u8]) -> [u8; 32] {
    let mut subkey = [0; 32];
    Hkdf::<Sha256>::new(Some(b"salanimi/v1"), key).expand(fields.join("\0").as_bytes(), &mut subkey).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&subkey).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Returns the pseudonym of `identifier`: the leftmost 16 bytes, in hexadecimal.
pub fn pseudonym(key: &[u8; 32], fields: &[&str], identifier: &str) -> String {
    data_encoding::HEXLOWER.encode(&hmac(key, fields, identifier.as_bytes())[..16])
}

/// Returns the pseudonym of an identity code in the study `tiny`, at `holder`.
pub fn person(key: &[u8; 32], code: &str, holder: &str) -> String {
    if code.as_bytes()[7] == b'9' {
        pseudonym(key, &["temporary", "tiny", "hetu", holder], code)
    } else {
        pseudonym(key, &["person", "tiny", "hetu"], code)
    }
}

/// Returns the linked id of a pseudonym or reference in hexadecimal.
pub fn linked(key: &[u8; 32], fields: &[&str], shown: &str) -> String {
    let bytes = data_encoding::HEXLOWER.decode(shown.as_bytes()).unwrap();
    BASE32HEX_NOPAD.encode(&hmac(key, fields, &bytes)[..8])
}

/// Returns the synthetic code number `n`. The register never issues its century signs.
pub fn code(n: usize) -> String {
    let day = n % 28 + 1;
    let month = n / 28 % 12 + 1;
    let year = n / 336 % 60 + 40;
    let sign = b"UVW"[n % 3];
    let number = n / 20_160 % 890 + 2;
    let digits = format!("{day:02}{month:02}{year:02}{number:03}");
    let control = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[digits.parse::<usize>().unwrap() % 31];
    format!("{day:02}{month:02}{year:02}{}{number:03}{}", char::from(sign), char::from(control))
}

/// Pseudo-random numbers, the same on every run (Knuth's linear congruential generator).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn synthetic_codes_are_valid_and_differ() {
    let codes: std::collections::BTreeSet<String> = (0..50_000).map(code).collect();
    assert_eq!(codes.len(), 50_000);
    assert!(codes.iter().all(|code| salanimi_core::IdentityCode::parse(code.as_bytes()).is_ok()));
}
