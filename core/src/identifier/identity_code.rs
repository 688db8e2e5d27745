//! Finnish personal identity codes (henkilötunnus).

use std::fmt;

use super::reason::Reason;
use crate::calendar::Day;

/// Length of the canonical form, `DDMMYY` + sign + `NNN` + control.
const LENGTH: usize = 11;
/// Position of the century sign.
const SIGN: usize = 6;
/// Control characters by remainder of `DDMMYYNNN` modulo 31 (Government Decree 690/2022).
const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
/// Lowest individual number that is issued.
const FIRST_NUMBER: u16 = 2;
/// Lowest individual number of a temporary code, issued by an organisation for its own use.
const FIRST_TEMPORARY: u16 = 900;

/// A valid Finnish personal identity code (henkilötunnus) in canonical form: `DDMMYY`, sign, `NNN`, control character
/// (Government Decree 690/2022).
///
/// The sign is part of the identity: codes that differ in the sign alone belong to different persons. The type never
/// prints its value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityCode([u8; LENGTH]);

/// Legal sex, as the individual number encodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Even individual number.
    Female,
    /// Odd individual number.
    Male,
}

impl IdentityCode {
    /// Parses any bytes as an identity code: normalises, then validates.
    ///
    /// Normalisation trims Unicode white space. It folds dashes to `-`, full-width letters and digits to ASCII, and
    /// lower case to upper case. It never guesses.
    ///
    /// # Errors
    /// The first [`Reason`] that applies, in the order characters, length, form, sign, date, individual number, control
    /// character.
    pub fn parse(raw: &[u8]) -> Result<Self, Reason> {
        if let Ok(bytes) = <[u8; LENGTH]>::try_from(raw)
            && bytes.iter().all(u8::is_ascii_graphic)
        {
            return Self::validate(bytes.map(|b| b.to_ascii_uppercase()));
        }
        Self::validate(normalise(raw)?)
    }

    fn validate(code: [u8; LENGTH]) -> Result<Self, Reason> {
        let number = digits(&code).ok_or(Reason::Form)?;
        let century = century(code[SIGN]).ok_or(Reason::Sign)?;
        birth_day(&code, century).ok_or(Reason::Date)?;
        if individual_number(&code) < FIRST_NUMBER {
            return Err(Reason::IndividualNumber);
        }
        if code[LENGTH - 1] != CONTROL[(number % 31) as usize] {
            return Err(Reason::ControlCharacter);
        }
        Ok(Self(code))
    }

    /// Returns the canonical bytes: 11 ASCII characters, the message of the keyed hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the birth date that the code encodes.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "validation checks the sign and the date")]
    pub fn birth_day(&self) -> Day {
        century(self.0[SIGN]).and_then(|century| birth_day(&self.0, century)).expect("a valid code has a birth date")
    }

    /// Returns the legal sex that the code encodes.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if individual_number(&self.0) % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// Returns true for a temporary code (individual numbers 900–999). One organisation issues it for its own use, so
    /// it has no meaning elsewhere.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        individual_number(&self.0) >= FIRST_TEMPORARY
    }

    /// Composes the code of `birth`, `sign` and `number`, and computes its control character. Returns `None` if the
    /// result is not a valid code.
    ///
    /// Serves synthetic registers and the dictionary attack. Real codes are only parsed.
    #[must_use]
    pub fn compose(birth: Day, sign: u8, number: u16) -> Option<Self> {
        let text = birth.to_string();
        let year = text.as_bytes();
        let mut code = [0; LENGTH];
        code[..2].copy_from_slice(&year[8..10]);
        code[2..4].copy_from_slice(&year[5..7]);
        code[4..6].copy_from_slice(&year[2..4]);
        code[SIGN] = sign;
        code[7] = b'0' + u8::try_from(number / 100).ok()?;
        code[8] = b'0' + (number / 10 % 10) as u8;
        code[9] = b'0' + (number % 10) as u8;
        code[LENGTH - 1] = CONTROL[(digits(&code)? % 31) as usize];
        Self::validate(code).ok().filter(|c| c.birth_day() == birth)
    }
}

/// Returns the number `DDMMYYNNN`, if these characters are digits.
fn digits(code: &[u8; LENGTH]) -> Option<u32> {
    let characters = code[..SIGN].iter().chain(&code[SIGN + 1..LENGTH - 1]);
    characters.copied().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

fn century(sign: u8) -> Option<i32> {
    match sign {
        b'+' => Some(1800),
        b'-' | b'U'..=b'Y' => Some(1900),
        b'A'..=b'F' => Some(2000),
        _ => None,
    }
}

fn birth_day(code: &[u8; LENGTH], century: i32) -> Option<Day> {
    Day::new(century + two_digits(code, 4), two_digits(code, 2), two_digits(code, 0))
}

fn two_digits(code: &[u8; LENGTH], at: usize) -> i32 {
    i32::from(code[at] - b'0') * 10 + i32::from(code[at + 1] - b'0')
}

fn individual_number(code: &[u8; LENGTH]) -> u16 {
    code[7..10].iter().fold(0, |value, &b| value * 10 + u16::from(b - b'0'))
}

/// Folds the variants of data entry and nothing else; see [`IdentityCode::parse`].
fn normalise(raw: &[u8]) -> Result<[u8; LENGTH], Reason> {
    let text = std::str::from_utf8(raw).map_err(|_| Reason::ForeignCharacter)?.trim();
    if text.is_empty() {
        return Err(Reason::Missing);
    }
    let mut code = [0; LENGTH];
    let mut length = 0;
    for character in text.chars() {
        if character.is_whitespace() {
            return Err(Reason::InteriorSpace);
        }
        let folded = fold(character).ok_or(Reason::ForeignCharacter)?;
        if let Some(slot) = code.get_mut(length) {
            *slot = folded;
        }
        length += 1;
    }
    match length {
        LENGTH => Ok(code),
        10 if code[..9].iter().all(u8::is_ascii_digit) => Err(Reason::MissingSign),
        _ => Err(Reason::Length),
    }
}

fn fold(character: char) -> Option<u8> {
    let ascii = match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            char::from_u32(u32::from(character) - 0xFEE0)?
        }
        other => other,
    };
    u8::try_from(ascii).ok().filter(u8::is_ascii).map(|b| b.to_ascii_uppercase())
}

impl fmt::Debug for IdentityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The published test codes of the 900-series.
    const TEMPORARY: [&str; 21] = [
        "010594Y9032",
        "010594Y9021",
        "020594X903P",
        "020594X902N",
        "030594W903B",
        "030694W9024",
        "040594V9030",
        "040594V902Y",
        "050594U903M",
        "050594U902L",
        "010516B903X",
        "010516B902W",
        "020516C903K",
        "020516C902J",
        "030516D9037",
        "030516D9026",
        "010501E9032",
        "020502E902X",
        "020503F9037",
        "020504A902E",
        "020504B904H",
    ];
    const REGISTERED: [&str; 5] = ["131052-308T", "290296-7808", "010101-0101", "290200A248A", "010195+433X"];

    fn parse(text: &str) -> Result<IdentityCode, Reason> {
        IdentityCode::parse(text.as_bytes())
    }

    #[test]
    fn the_published_codes_are_valid() {
        for code in TEMPORARY {
            assert!(parse(code).is_ok_and(|c| c.is_temporary() && c.as_bytes() == code.as_bytes()), "{code}");
        }
        for code in REGISTERED {
            assert!(parse(code).is_ok_and(|c| !c.is_temporary()), "{code}");
        }
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        let cases = [
            ("", Reason::Missing),
            (" \u{a0} ", Reason::Missing),
            ("131052-308U", Reason::ControlCharacter),
            ("310252-308Y", Reason::Date),
            ("131052-000V", Reason::IndividualNumber),
            ("131052T308T", Reason::Sign),
            ("10101-0101", Reason::Length),
            ("131052308T", Reason::MissingSign),
            ("131052 308T", Reason::InteriorSpace),
            ("131052 -308T", Reason::InteriorSpace),
            ("1310A2-308T", Reason::Form),
            ("131052-3Å8T", Reason::ForeignCharacter),
            ("290200-248A", Reason::Date),
            ("131052-308T1", Reason::Length),
            ("131052𝟎308T", Reason::ForeignCharacter),
        ];
        for (text, reason) in cases {
            assert_eq!(parse(text).err(), Some(reason), "{text}");
        }
    }

    #[test]
    fn all_thirteen_signs_differ() {
        let codes: std::collections::HashSet<_> =
            "+-YXWVUABCDEF".chars().map(|sign| parse(&format!("131052{sign}308T")).unwrap()).collect();
        assert_eq!(codes.len(), 13);
    }

    #[test]
    fn variants_of_data_entry_are_folded() {
        let canonical = parse("131052-308T").unwrap();
        let dashes = [
            '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}', '\u{FE63}', '\u{FF0D}',
        ];
        for dash in dashes {
            assert_eq!(parse(&format!("131052{dash}308t")), Ok(canonical), "{dash:?}");
        }
        assert_eq!(parse("\u{2003}１３１０５２-３０８ｔ\t"), Ok(canonical));
        assert_eq!(parse("010594y9032"), parse("010594Y9032"));
    }

    #[test]
    fn a_code_encodes_birth_and_sex() {
        let code = parse("290296-7808").unwrap();
        assert_eq!(code.birth_day(), Day::parse("1996-02-29").unwrap());
        assert_eq!((code.sex(), parse("010101-0101").unwrap().sex()), (Sex::Female, Sex::Female));
        assert_eq!(parse("010195+433X").unwrap().birth_day().year(), 1895);
    }

    #[test]
    fn a_code_never_prints_its_value() {
        assert_eq!(format!("{:?}", parse("131052-308T").unwrap()), "IdentityCode(…)");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = IdentityCode::parse(&bytes);
        }

        #[test]
        fn a_composed_code_parses_to_itself(days in -25_000_i32..20_000, number in 2_u16..1000, sign in 0_usize..13) {
            let birth = Day::from_epoch_days(days).unwrap();
            if let Some(code) = IdentityCode::compose(birth, b"+-YXWVUABCDEF"[sign], number) {
                prop_assert_eq!(IdentityCode::parse(code.as_bytes()), Ok(code));
                prop_assert_eq!(code.birth_day(), birth);
            }
        }

        #[test]
        fn a_single_wrong_digit_is_always_caught(index in 0_usize..5, position in 0_usize..9, shift in 1_u8..10) {
            let mut code = REGISTERED[index].as_bytes().to_vec();
            let at = if position < 6 { position } else { position + 1 };
            code[at] = b'0' + (code[at] - b'0' + shift) % 10;
            prop_assert!(IdentityCode::parse(&code).is_err());
        }
    }
}
