//! Reversible transforms of codes: reversal, shifts, encodings, masks and simple substitution.

use std::io::Read as _;

use super::base85::{ascii85, rfc1924};
use super::masks::masked;
use super::substitution::{is_date_and_number, is_substituted};
use super::targets::Column;
use crate::text::Text;
use crate::verify::statistics::{FAILS_BELOW, at_least};
use salanimi_core::IdentityCode;

/// Values on which a transform is tried before all values.
const SAMPLE: usize = 64;
/// Per cent of the values that must become codes.
const ENOUGH_PERCENT: usize = 95;
/// Bound on the probability that a text of the right length and characters is a code by chance.
const CHANCE: f64 = 0.04;
/// Number of transforms that are tried, rounded up.
const TRANSFORMS: f64 = 1e4;
/// Most bytes that are decompressed: a code and one more.
const LONGEST_CONTENT: u64 = 12;

/// Encoding of a whole value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outer {
    /// None.
    Same,
    /// Hexadecimal digits of the bytes.
    Hex,
    /// Base64 of the bytes.
    Base64,
    /// Base32 of the bytes.
    Base32,
    /// Base85 of the bytes, in the alphabet of Ascii85.
    Ascii85,
    /// Base85 of the bytes, in the alphabet of RFC 1924.
    Base85,
    /// Base64 or hexadecimal digits of the bytes compressed with zlib.
    Zlib,
    /// The bytes as one whole number.
    Number,
    /// The code as a number in base 36.
    Base36,
    /// The nine digits as a number in base 16.
    DigitsInHex,
    /// The nine digits as a number, without leading zeros.
    Digits,
}

/// Transform of single characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    /// None.
    Same,
    /// Digits and letters shifted along their alphabets.
    Shifted(u8, u8),
    /// A constant added to every byte.
    Added(u8),
    /// Every byte combined with a constant by exclusive or.
    Xored(u8),
    /// Alphabets reversed (Atbash).
    Mirrored,
    /// Characters rotated.
    Rotated(usize),
}

impl Outer {
    const ALL: [Self; 11] = [
        Self::Same,
        Self::Hex,
        Self::Base64,
        Self::Base32,
        Self::Ascii85,
        Self::Base85,
        Self::Zlib,
        Self::Number,
        Self::Base36,
        Self::DigitsInHex,
        Self::Digits,
    ];

    /// Describes the encoding, to follow the description of a code.
    fn describe(self) -> Text {
        match self {
            Self::Same => Text::same(""),
            Self::Hex => Text::new(", in hex", ", heksamuodossa", ", i hexadecimal form"),
            Self::Base64 => Text::new(", in base64", ", base64-muodossa", ", i base64"),
            Self::Base32 => Text::new(", in base32", ", base32-muodossa", ", i base32"),
            Self::Ascii85 => Text::new(", in Ascii85", ", Ascii85-muodossa", ", i Ascii85"),
            Self::Base85 => Text::new(", in base85", ", base85-muodossa", ", i base85"),
            Self::Zlib => {
                Text::new(", compressed with zlib", ", zlib-menetelmällä pakattuna", ", komprimerad med zlib")
            }
            Self::Number => Text::new(", its bytes as one number", ", tavut yhtenä lukuna", ", dess byte som ett tal"),
            Self::Base36 => Text::new(", as a number of base 36", ", 36-kantaisena lukuna", ", som ett tal i bas 36"),
            Self::DigitsInHex => Text::new(
                ", its digits as a hexadecimal number",
                ", numerot heksalukuna",
                ", dess siffror som ett hexadecimalt tal",
            ),
            Self::Digits => Text::new(", its digits as a number", ", numerot lukuna", ", dess siffror som ett tal"),
        }
    }
}

/// Codes in a column, under a reversible transform.
pub(super) struct ReversibleCodes {
    /// Description of the transform, as a noun.
    pub transform: Text,
    /// Distinct values that are codes.
    pub found: u64,
}

/// Searches for a transform under which the values of a column are codes.
pub(super) fn reverse(column: &Column) -> Option<ReversibleCodes> {
    let sample: Vec<&[u8]> = column.values.iter().take(SAMPLE).map(AsRef::as_ref).collect();
    for outer in Outer::ALL {
        let opened: Vec<Vec<u8>> = sample.iter().filter_map(|value| open(outer, value)).collect();
        if opened.len() * 100 < sample.len() * ENOUGH_PERCENT {
            continue;
        }
        for inner in inners() {
            for backwards in [false, true] {
                if !holds_for_most(&opened, |value| is_code_under(inner, backwards, value)) {
                    continue;
                }
                let all = column.values.iter().filter_map(|value| open(outer, value));
                let found = all.filter(|value| is_code_under(inner, backwards, value)).count() as u64;
                let enough = found as usize * 100 >= column.values.len() * ENOUGH_PERCENT;
                if enough && at_least(found, column.values.len() as u64, CHANCE) * TRANSFORMS < FAILS_BELOW {
                    return Some(ReversibleCodes { transform: describe(inner, backwards, outer), found });
                }
            }
        }
    }
    let substituted = is_substituted(&column.values).then(|| {
        Text::new(
            "the code with each character replaced by another",
            "tunnus, jonka jokainen merkki on vaihdettu toiseksi",
            "beteckningen med varje tecken utbytt mot ett annat",
        )
    });
    let transform = masked(&column.values).or(substituted)?;
    Some(ReversibleCodes { transform, found: column.values.len() as u64 })
}

/// Returns true if `test` holds for nearly all values. Stops at too many failures.
fn holds_for_most(values: &[Vec<u8>], test: impl Fn(&[u8]) -> bool) -> bool {
    let mut failures = 0;
    values.iter().all(|value| {
        failures += usize::from(!test(value));
        failures * 100 <= values.len() * (100 - ENOUGH_PERCENT)
    })
}

/// Decodes a whole value.
fn open(outer: Outer, value: &[u8]) -> Option<Vec<u8>> {
    use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
    match outer {
        Outer::Same => Some(value.to_vec()),
        Outer::Hex => HEXLOWER_PERMISSIVE.decode(value).ok(),
        Outer::Base64 => {
            let text = unpadded(value);
            BASE64_NOPAD.decode(text).or_else(|_| BASE64URL_NOPAD.decode(text)).ok()
        }
        Outer::Ascii85 => ascii85(value),
        Outer::Base85 => rfc1924(value),
        Outer::Zlib => {
            let encoded = [Outer::Hex, Outer::Base64, Outer::Same].into_iter().filter_map(|outer| open(outer, value));
            encoded.into_iter().find_map(|bytes| inflated(&bytes))
        }
        Outer::Base32 => BASE32_NOPAD.decode(&unpadded(value).to_ascii_uppercase()).ok(),
        Outer::Number => {
            let bytes = number(value)?.to_be_bytes();
            Some(bytes.into_iter().skip_while(|&byte| byte == 0).collect())
        }
        Outer::Base36 => number(value).map(in_base36),
        Outer::DigitsInHex => {
            let number = u64::from_str_radix(std::str::from_utf8(value).ok()?, 16).ok()?;
            nine_digits(number)
        }
        Outer::Digits => nine_digits(u64::try_from(number(value)?).ok()?),
    }
}

/// Decompresses zlib; `None` if the content is longer than a code.
fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(bytes).take(LONGEST_CONTENT);
    decoder.read_to_end(&mut content).ok()?;
    Some(content)
}

fn number(value: &[u8]) -> Option<u128> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Returns the value up to the padding of base32 or base64.
fn unpadded(value: &[u8]) -> &[u8] {
    let end = value.iter().take_while(|byte| **byte != b'=').count();
    &value[..end]
}

/// Writes a number with the nine digits of a code. Small numbers are no codes, even with leading zeros.
fn nine_digits(number: u64) -> Option<Vec<u8>> {
    (10_000_000..1_000_000_000).contains(&number).then(|| format!("{number:09}").into_bytes())
}

fn in_base36(mut number: u128) -> Vec<u8> {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(number % 36) as usize]);
        number /= 36;
    }
    // A code may begin with a zero, which a number loses.
    if digits.len() < 11 {
        digits.push(b'0');
    }
    digits.reverse();
    digits
}

/// Returns every transform of single characters.
fn inners() -> impl Iterator<Item = Inner> {
    let shifted = (0..10).flat_map(|digits| (0..26).map(move |letters| Inner::Shifted(digits, letters)));
    let constants = (1..=255).flat_map(|by| [Inner::Added(by), Inner::Xored(by)]);
    std::iter::once(Inner::Same)
        .chain(shifted.skip(1))
        .chain([Inner::Mirrored])
        .chain((1..11).map(Inner::Rotated))
        .chain(constants)
}

/// Returns true if a value is a code after the transform is undone.
fn is_code_under(inner: Inner, backwards: bool, value: &[u8]) -> bool {
    if !(9..=11).contains(&value.len()) {
        return false;
    }
    let mut code = [0; 11];
    let code = &mut code[..value.len()];
    code.copy_from_slice(value);
    match inner {
        Inner::Same => {}
        Inner::Shifted(digits, letters) => code.iter_mut().for_each(|byte| *byte = shifted(*byte, digits, letters)),
        Inner::Added(by) => code.iter_mut().for_each(|byte| *byte = byte.wrapping_add(by)),
        Inner::Xored(by) => code.iter_mut().for_each(|byte| *byte ^= by),
        Inner::Mirrored => code.iter_mut().for_each(|byte| *byte = mirrored(*byte)),
        Inner::Rotated(by) => code.rotate_left(by % value.len()),
    }
    if backwards {
        code.reverse();
    }
    is_code(code)
}

/// Shifts a digit or letter along its alphabet.
fn shifted(byte: u8, digits: u8, letters: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0' + (byte - b'0' + digits) % 10,
        b'A'..=b'Z' => b'A' + (byte - b'A' + letters) % 26,
        b'a'..=b'z' => b'A' + (byte - b'a' + letters) % 26,
        other => other,
    }
}

/// Reverses the alphabet of a digit or letter.
fn mirrored(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'9' - (byte - b'0'),
        b'A'..=b'Z' => b'Z' - (byte - b'A'),
        b'a'..=b'z' => b'Z' - (byte - b'a'),
        other => other,
    }
}

/// Returns true if a text is a code, a code without its sign, or a code without sign and control character.
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
        9 => is_date_and_number(text),
        _ => false,
    }
}

fn describe(inner: Inner, backwards: bool, outer: Outer) -> Text {
    let transform = match inner {
        Inner::Same if !backwards && outer == Outer::Same => Text::new("as it is", "sellaisenaan", "som sådan"),
        Inner::Same => Text::new("itself", "itse", "i sig"),
        Inner::Shifted(..) => Text::new(
            "with its digits or letters shifted",
            "numerot tai kirjaimet siirrettyinä",
            "med siffrorna eller bokstäverna förskjutna",
        ),
        Inner::Added(_) | Inner::Xored(_) => Text::new(
            "with each byte changed by a constant",
            "jokainen tavu samoin muutettuna",
            "med varje byte ändrad på samma sätt",
        ),
        Inner::Mirrored => Text::new("with its alphabet reversed", "aakkosto peilattuna", "med omvänt alfabet"),
        Inner::Rotated(_) => Text::new("with its characters rotated", "merkit kierrettyinä", "med tecknen roterade"),
    };
    let outer = outer.describe();
    let order = if backwards { Text::new(", reversed", ", takaperin", ", baklänges") } else { Text::same("") };
    Text::new(
        format!("the code {}{}{}", transform.en, order.en, outer.en),
        format!("tunnus {}{}{}", transform.fi, order.fi, outer.fi),
        format!("beteckningen {}{}{}", transform.sv, order.sv, outer.sv),
    )
}
