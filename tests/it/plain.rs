//! What the tool computes, computed again in the plainest way: keyed hashes by direct calls of the `hkdf`, `hmac` and
//! `sha2` crates, identity codes by the published rule.

use data_encoding::BASE32HEX_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA-256 under a subkey of `key`: HKDF-SHA-256 with the scheme's salt, info the fields joined by a zero byte.
pub fn hmac(key: &[u8; 32], fields: &[&str], message: &[u8]) -> [u8; 32] {
    let mut subkey = [0; 32];
    Hkdf::<Sha256>::new(Some(b"salanimi/v1"), key).expand(fields.join("\0").as_bytes(), &mut subkey).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&subkey).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The leftmost 16 bytes, as they are shown: in hexadecimal.
pub fn pseudonym(key: &[u8; 32], fields: &[&str], identifier: &str) -> String {
    data_encoding::HEXLOWER.encode(&hmac(key, fields, identifier.as_bytes())[..16])
}

/// The pseudonym of an identity code in the study `tiny`, at `holder`.
pub fn person(key: &[u8; 32], code: &str, holder: &str) -> String {
    if code.as_bytes()[7] == b'9' {
        pseudonym(key, &["temporary", "tiny", "hetu", holder], code)
    } else {
        pseudonym(key, &["person", "tiny", "hetu"], code)
    }
}

/// The linked id of a pseudonym or reference that is shown in hexadecimal.
pub fn linked(key: &[u8; 32], fields: &[&str], shown: &str) -> String {
    let bytes = data_encoding::HEXLOWER.decode(shown.as_bytes()).unwrap();
    BASE32HEX_NOPAD.encode(&hmac(key, fields, &bytes)[..8])
}

/// The synthetic code number `n`: registered numbers under signs that the register does not give out.
pub fn code(n: usize) -> String {
    let (day, month, year) = (n % 28 + 1, n / 28 % 12 + 1, n / 336 % 60 + 40);
    let (sign, number) = (b"UVW"[n % 3], n / 20_160 % 890 + 2);
    let digits = format!("{day:02}{month:02}{year:02}{number:03}");
    let control = b"0123456789ABCDEFHJKLMNPRSTUVWXY"[digits.parse::<usize>().unwrap() % 31];
    format!("{day:02}{month:02}{year:02}{}{number:03}{}", char::from(sign), char::from(control))
}

/// Pseudo-random numbers that are the same on every run (a linear congruential generator of Knuth's).
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
