//! Fields of a person, normalised.

use std::fmt;

use super::words::{street_key, words};

/// Most given names of a person.
const MOST_GIVEN: usize = 3;
/// Most words of a surname. A surname of more words is one word.
const MOST_SURNAME: usize = 2;
/// Letters of the shortest word of a surname. A surname with a shorter one is one word: af Forselles, Al-Jabiri.
const SHORTEST_SURNAME: usize = 3;
/// Stands between the fields of a person in one text.
const FIELD_MARK: &str = "\u{1f}";
/// Digits of a birth date.
const DIGITS: usize = 8;

/// Birth date as it was typed: year, month and day in eight digits. It need not be a day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDigits([u8; DIGITS]);

impl fmt::Debug for BirthDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDigits(…)")
    }
}

impl BirthDigits {
    /// Returns the birth date of eight digits `yyyymmdd`; `None` for any other text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let digits: [u8; DIGITS] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// Returns the eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match std::str::from_utf8(&self.0) {
            Ok(text) => text,
            Err(_) => unreachable!("digits are ASCII"),
        }
    }

    pub(super) fn year(&self) -> &str {
        &self.as_str()[..4]
    }

    pub(super) fn month(&self) -> &str {
        &self.as_str()[4..6]
    }

    pub(super) fn day(&self) -> &str {
        &self.as_str()[6..]
    }
}

/// Fields of a person as a source writes them. An absent field is empty.
#[derive(Clone, Copy, Default)]
pub struct RawFields<'a> {
    /// Given names, in any order.
    pub given: &'a str,
    /// Surname.
    pub surname: &'a str,
    /// Birth date.
    pub birth: Option<BirthDigits>,
    /// Postcode.
    pub postcode: &'a str,
    /// Street address.
    pub street: &'a str,
}

/// Fields of a person, normalised.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkageFields {
    /// At most three different given names.
    pub(super) given: Vec<String>,
    /// At most two words.
    pub(super) surname: Vec<String>,
    pub(super) birth: Option<BirthDigits>,
    /// First two characters of the postcode; empty if unknown.
    pub(super) area: String,
    /// First letters of the street and the number of the house; empty if unknown.
    pub(super) street: String,
}

impl std::fmt::Debug for LinkageFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkageFields(…)")
    }
}

impl LinkageFields {
    /// Normalises the fields of a person.
    #[must_use]
    pub fn new(raw: &RawFields<'_>) -> Self {
        Self {
            given: given_names(raw.given),
            surname: surname_words(raw.surname),
            birth: raw.birth,
            area: area(raw.postcode),
            street: street_key(raw.street),
        }
    }

    /// Returns true if there is a surname and a birth date: such a person can be told from others.
    #[must_use]
    pub fn identify(&self) -> bool {
        !self.surname.is_empty() && self.birth.is_some()
    }

    /// Returns true if neither name has a letter a–z.
    #[must_use]
    pub fn lack_names(&self) -> bool {
        self.given.is_empty() && self.surname.is_empty()
    }

    /// Returns the fields as one text, which [`LinkageFields::from_text`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        let birth = self.birth.as_ref().map_or("", BirthDigits::as_str);
        let fields = [&self.given.join(" "), &self.surname.join(" "), birth, &self.area, &self.street];
        fields.join(FIELD_MARK)
    }

    /// Reads fields from the text of [`LinkageFields::to_text`]; any other text gives no fields.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let fields: Vec<&str> = text.split(FIELD_MARK).collect();
        let &[given, surname, birth, area, street] = fields.as_slice() else { return Self::default() };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Self {
            given: words(given),
            surname: words(surname),
            birth: BirthDigits::new(birth),
            area: area.to_owned(),
            street: street.to_owned(),
        }
    }

    /// Returns the birth date.
    #[must_use]
    pub fn birth(&self) -> Option<BirthDigits> {
        self.birth
    }

    /// Returns the names and the birth date as one text. It differs between persons who can be told apart.
    #[must_use]
    pub fn names_and_birth(&self) -> String {
        let birth = self.birth.as_ref().map_or("", BirthDigits::as_str);
        [self.given.join(" "), self.surname.join(" "), birth.to_owned()].join("\0")
    }
}

fn given_names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(MOST_GIVEN);
    for word in words(text) {
        if names.len() < MOST_GIVEN && !names.contains(&word) {
            names.push(word);
        }
    }
    names
}

fn surname_words(text: &str) -> Vec<String> {
    let mut words = words(text);
    if words.len() > MOST_SURNAME || words.iter().any(|word| word.len() < SHORTEST_SURNAME) {
        return vec![words.concat()];
    }
    words.dedup();
    words
}

/// Returns the first two letters or digits of a postcode. A postcode of zeros stands for an unknown one.
fn area(postcode: &str) -> String {
    let known = postcode.chars().any(|letter| letter.is_alphanumeric() && letter != '0');
    let letters = postcode.chars().filter(|letter| letter.is_ascii_alphanumeric() && known);
    letters.map(|letter| letter.to_ascii_lowercase()).take(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_date_is_eight_digits() {
        assert_eq!(BirthDigits::new("19800003").map(|birth| birth.as_str().to_owned()), Some("19800003".to_owned()));
        for text in ["", "1980-02-03", "198002", "1980020３", "+1980203"] {
            assert_eq!(BirthDigits::new(text), None, "{text}");
        }
    }

    #[test]
    fn given_names_are_the_first_three_that_differ() {
        assert_eq!(given_names("Anna anna Maria Ilona Sofia"), ["anna", "maria", "ilona"]);
        let many: String = "Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj Kk Ll Mm Nn Oo Pp Qq Rr Ss Tt".to_owned();
        assert_eq!(given_names(&many).len(), 3);
    }

    #[test]
    fn short_and_long_surnames_are_one_word() {
        assert_eq!(surname_words("Virtanen-Äyräpää"), ["virtanen", "ayrapaa"]);
        assert_eq!(surname_words("af Forselles"), ["afforselles"]);
        assert_eq!(surname_words("Aho-Aho"), ["aho"]);
        assert_eq!(surname_words("de la Cruz Moreno"), ["delacruzmoreno"]);
        assert!(surname_words("Иванов").is_empty());
    }

    #[test]
    fn a_postcode_of_zeros_is_unknown() {
        assert_eq!(area("00100"), "00");
        assert_eq!(area("SE-113 45"), "se");
        assert_eq!(area("00000"), "");
        assert_eq!(area(""), "");
    }

    #[test]
    fn fields_are_read_from_their_text() {
        let raw = RawFields {
            given: "Maria Liisa",
            surname: "Virtanen-Äyräpää",
            birth: BirthDigits::new("19800203"),
            postcode: "00100",
            street: "Koivutie 3",
        };
        for fields in [LinkageFields::new(&raw), LinkageFields::default()] {
            assert!(LinkageFields::from_text(&fields.to_text()) == fields);
        }
        assert!(LinkageFields::from_text("") == LinkageFields::default());
    }

    #[test]
    fn nothing_prints_a_name() {
        let fields = LinkageFields::new(&RawFields { given: "Aino", surname: "Virtanen", ..RawFields::default() });
        assert_eq!(format!("{fields:?}"), "LinkageFields(…)");
    }
}
