//! Bank accounts: ISO 13616, check digits by ISO 7064 MOD 97-10.

use super::found::Found;
use super::kind::Kind;

/// Length of an account by its country.
const LENGTHS: [(&[u8; 2], usize); 40] = [
    (b"FI", 18),
    (b"SE", 24),
    (b"EE", 20),
    (b"NO", 15),
    (b"DK", 18),
    (b"DE", 22),
    (b"LV", 21),
    (b"LT", 20),
    (b"PL", 28),
    (b"GB", 22),
    (b"NL", 18),
    (b"BE", 16),
    (b"FR", 27),
    (b"ES", 24),
    (b"IT", 27),
    (b"PT", 25),
    (b"AT", 20),
    (b"CH", 21),
    (b"IE", 22),
    (b"LU", 20),
    (b"IS", 26),
    (b"CZ", 24),
    (b"SK", 24),
    (b"HU", 28),
    (b"RO", 24),
    (b"BG", 22),
    (b"GR", 27),
    (b"HR", 21),
    (b"SI", 19),
    (b"MT", 31),
    (b"CY", 28),
    (b"LI", 21),
    (b"MC", 27),
    (b"SM", 27),
    (b"TR", 26),
    (b"UA", 29),
    (b"RS", 22),
    (b"AL", 28),
    (b"XK", 20),
    (b"GI", 23),
];

/// Notes the accounts in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    for (at, start) in bytes.windows(4).enumerate() {
        let [first, second, d1, d2] = *start else { continue };
        if !(d1.is_ascii_digit() && d2.is_ascii_digit() && first.is_ascii_alphabetic() && second.is_ascii_alphabetic())
        {
            continue;
        }
        // In lower case behind a hyphen it may be a group of a UUID.
        if at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'-' && first.is_ascii_lowercase()) {
            continue;
        }
        let country = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        let length = LENGTHS.iter().find(|(known, _)| **known == country).map(|(_, length)| *length);
        if let Some(account) = length.and_then(|length| account(&bytes[at..], length)) {
            let finnish = &country != b"FI" || account[4..].iter().all(u8::is_ascii_digit);
            if finnish {
                found.note(Kind::Iban, &account, remainder(&account) == 1);
            }
        }
    }
}

/// The `length` characters of an account, of which spaces part the groups of four.
fn account(bytes: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut account = Vec::with_capacity(length);
    let mut at = 0;
    while account.len() < length {
        match *bytes.get(at)? {
            b' ' | b'-' if account.len() % 4 == 0 => {}
            byte if byte.is_ascii_alphanumeric() => account.push(byte.to_ascii_uppercase()),
            _ => return None,
        }
        at += 1;
    }
    let digits = account.iter().filter(|b| b.is_ascii_digit()).count();
    let apart = !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (apart && digits * 2 > length && (b"02".as_slice()..=b"98".as_slice()).contains(&&account[2..4])).then_some(account)
}

fn remainder(account: &[u8]) -> u32 {
    account[4..].iter().chain(&account[..4]).fold(0, |rest, &b| match char::from(b).to_digit(36) {
        Some(value) if value < 10 => (rest * 10 + value) % 97,
        Some(value) => (rest * 100 + value) % 97,
        None => rest,
    })
}
