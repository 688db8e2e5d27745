//! Codes that are merely written in another way: reversed, shifted, encoded, or character by character exchanged.

use super::substitution::is_substituted;
use super::targets::Column;
use crate::text::Text;
use crate::verify::statistics::at_least;
use salanimi_core::IdentityCode;

/// Values by which a way of writing is judged before it is tried on all.
const SAMPLE: usize = 64;
/// Values that must become codes, of a hundred.
const OF_A_HUNDRED: usize = 95;
/// A bound on the chance that a text of the right length and sort of characters is a code.
const CHANCE: f64 = 0.04;
/// Ways of writing that are tried, about.
const WAYS: f64 = 1e4;
const BELOW: f64 = 1e-9;

/// How a whole value is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outer {
    Same,
    Hex,
    Base64,
    Base32,
    /// The code's bytes as one whole number.
    Number,
    /// The code as a number in base 36.
    Base36,
    /// The nine digits as a number in base 16.
    DigitsInHex,
    /// The nine digits as a number, without leading zeros.
    Digits,
}

/// How single characters are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Same,
    /// Digits and letters moved along their alphabets.
    Shifted(u8, u8),
    /// Every byte moved.
    Moved(u8),
    Mixed(u8),
    Mirrored,
    Rotated(usize),
}

const OUTER: [(Outer, &str, &str); 8] = [
    (Outer::Same, "", ""),
    (Outer::Hex, ", in hex", ", heksamuodossa"),
    (Outer::Base64, ", in base64", ", base64-muodossa"),
    (Outer::Base32, ", in base32", ", base32-muodossa"),
    (Outer::Number, ", its bytes as one number", ", tavut yhtenä lukuna"),
    (Outer::Base36, ", as a number of base 36", ", 36-kantaisena lukuna"),
    (Outer::DigitsInHex, ", its digits as a hexadecimal number", ", numerot heksalukuna"),
    (Outer::Digits, ", its digits as a number", ", numerot lukuna"),
];

/// How many of a column's distinct values are codes, written how; none if they are not.
pub(super) fn reverse(column: &Column) -> Option<(Text, u64)> {
    let sample: Vec<&[u8]> = column.values.iter().take(SAMPLE).map(AsRef::as_ref).collect();
    for (outer, en, fi) in OUTER {
        let opened: Vec<Vec<u8>> = sample.iter().filter_map(|value| open(outer, value)).collect();
        if opened.len() * 100 < sample.len() * OF_A_HUNDRED {
            continue;
        }
        for inner in inners() {
            for backwards in [false, true] {
                if !most(&opened, |value| is_written(inner, backwards, value)) {
                    continue;
                }
                let all = column.values.iter().filter_map(|value| open(outer, value));
                let found = all.filter(|value| is_written(inner, backwards, value)).count() as u64;
                let enough = found as usize * 100 >= column.values.len() * OF_A_HUNDRED;
                if enough && at_least(found, column.values.len() as u64, CHANCE) * WAYS < BELOW {
                    return Some((words(inner, backwards, en, fi), found));
                }
            }
        }
    }
    is_substituted(&column.values).then(|| {
        let words = Text::new(
            "the code with each character exchanged for another",
            "tunnus, jonka jokainen merkki on vaihdettu toiseksi",
        );
        (words, column.values.len() as u64)
    })
}

/// Whether `test` holds of nearly all; given up as soon as it cannot.
fn most(values: &[Vec<u8>], test: impl Fn(&[u8]) -> bool) -> bool {
    let mut failures = 0;
    values.iter().all(|value| {
        failures += usize::from(!test(value));
        failures * 100 <= values.len() * (100 - OF_A_HUNDRED)
    })
}

fn open(outer: Outer, value: &[u8]) -> Option<Vec<u8>> {
    use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
    let number = || std::str::from_utf8(value).ok()?.parse::<u128>().ok();
    let unpadded = || value.split(|&byte| byte == b'=').next().unwrap_or(value);
    match outer {
        Outer::Same => Some(value.to_vec()),
        Outer::Hex => HEXLOWER_PERMISSIVE.decode(value).ok(),
        Outer::Base64 => BASE64_NOPAD.decode(unpadded()).or_else(|_| BASE64URL_NOPAD.decode(unpadded())).ok(),
        Outer::Base32 => BASE32_NOPAD.decode(&unpadded().to_ascii_uppercase()).ok(),
        Outer::Number => {
            let bytes = number()?.to_be_bytes();
            Some(bytes.into_iter().skip_while(|&byte| byte == 0).collect())
        }
        Outer::Base36 => number().map(in_base36),
        Outer::DigitsInHex => {
            let number = u64::from_str_radix(std::str::from_utf8(value).ok()?, 16).ok()?;
            nine_digits(number)
        }
        Outer::Digits => nine_digits(u64::try_from(number()?).ok()?),
    }
}

/// A number of the size of a code's digits; small numbers are none, whatever zeros were put before them.
fn nine_digits(number: u64) -> Option<Vec<u8>> {
    (10_000_000..1_000_000_000).contains(&number).then(|| format!("{number:09}").into_bytes())
}

fn in_base36(mut number: u128) -> Vec<u8> {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(number % 36) as usize]);
        number /= 36;
    }
    // A code begins with a day, whose first zero is lost in a number.
    digits.resize(digits.len().max(11).min(digits.len() + 1), b'0');
    digits.reverse();
    digits
}

fn inners() -> impl Iterator<Item = Inner> {
    let shifted = (0..10).flat_map(|digits| (0..26).map(move |letters| Inner::Shifted(digits, letters)));
    let moved = (1..=255).flat_map(|by| [Inner::Moved(by), Inner::Mixed(by)]);
    std::iter::once(Inner::Same)
        .chain(shifted.skip(1))
        .chain([Inner::Mirrored])
        .chain((1..11).map(Inner::Rotated))
        .chain(moved)
}

/// Whether a value is a code after the exchange is undone.
fn is_written(inner: Inner, backwards: bool, value: &[u8]) -> bool {
    if !(9..=11).contains(&value.len()) {
        return false;
    }
    let mut code = [0; 11];
    let code = &mut code[..value.len()];
    code.copy_from_slice(value);
    match inner {
        Inner::Same => {}
        Inner::Shifted(digits, letters) => code.iter_mut().for_each(|byte| *byte = shifted(*byte, digits, letters)),
        Inner::Moved(by) => code.iter_mut().for_each(|byte| *byte = byte.wrapping_add(by)),
        Inner::Mixed(by) => code.iter_mut().for_each(|byte| *byte ^= by),
        Inner::Mirrored => code.iter_mut().for_each(|byte| *byte = mirrored(*byte)),
        Inner::Rotated(by) => code.rotate_left(by % value.len()),
    }
    if backwards {
        code.reverse();
    }
    is_code(code)
}

fn shifted(byte: u8, digits: u8, letters: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0' + (byte - b'0' + digits) % 10,
        b'A'..=b'Z' => b'A' + (byte - b'A' + letters) % 26,
        b'a'..=b'z' => b'A' + (byte - b'a' + letters) % 26,
        other => other,
    }
}

fn mirrored(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'9' - (byte - b'0'),
        b'A'..=b'Z' => b'Z' - (byte - b'A'),
        b'a'..=b'z' => b'Z' - (byte - b'a'),
        other => other,
    }
}

/// Whether a text is a code, a code without its sign, or one without sign and control character.
fn is_code(text: &[u8]) -> bool {
    if !text.iter().all(u8::is_ascii_graphic) {
        return false;
    }
    match text.len() {
        11 => IdentityCode::parse(text).is_ok(),
        10 => [b'-', b'A'].iter().any(|&sign| {
            let code: Vec<u8> = text[..6].iter().copied().chain([sign]).chain(text[6..].iter().copied()).collect();
            IdentityCode::parse(&code).is_ok()
        }),
        9 => super::substitution::is_date_and_number(text),
        _ => false,
    }
}

fn words(inner: Inner, backwards: bool, outer_en: &str, outer_fi: &str) -> Text {
    let (en, fi) = match inner {
        Inner::Same if !backwards && outer_en.is_empty() => ("as it is", "sellaisenaan"),
        Inner::Same => ("itself", "itse"),
        Inner::Shifted(..) => ("with its digits or letters shifted", "numerot tai kirjaimet siirrettyinä"),
        Inner::Moved(_) | Inner::Mixed(_) => ("with each byte changed alike", "jokainen tavu samoin muutettuna"),
        Inner::Mirrored => ("with its alphabet mirrored", "aakkosto peilattuna"),
        Inner::Rotated(_) => ("with its characters rotated", "merkit kierrettyinä"),
    };
    let (back_en, back_fi) = if backwards { (", backwards", ", takaperin") } else { ("", "") };
    Text::new(format!("the code {en}{back_en}{outer_en}"), format!("tunnus {fi}{back_fi}{outer_fi}"))
}
