//! Runs all finders on one text. The profile of its bytes excludes most of them.

use super::kind::Kind;
use super::sightings::Sightings;
use super::{
    addresses, codes, coordinates, decode, documents, emails, fold, foreign_names, ibans, ip_addresses, names, numbers,
    numeric, person_numbers, phones, plates, secrets,
};

/// Fewest digits of an identity code, its control character aside.
const CODE_DIGITS: usize = 9;
/// Fewest digits of a payment card.
const CARD_DIGITS: usize = 13;
/// Fewest digits of any other number: those of an address on the internet.
const SHORTEST_NUMBER: usize = 3;
/// Shortest run that can hold an encoded code.
const ENCODED_RUN: usize = 14;

/// Context of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// A whole cell: a text that is an identifier only on its own.
    Cell,
    /// A whole cell of bytes, which can be random.
    Bytes,
    /// Part of a file.
    Prose,
    /// Name of a file, folder or column.
    Name,
}

/// Counts and classes of a text's bytes.
#[derive(Debug, Default)]
struct Profile {
    digits: usize,
    letters: usize,
    /// Union of the classes of all bytes.
    classes: u8,
    longest_run: usize,
}

impl Profile {
    fn of(bytes: &[u8]) -> Self {
        let mut profile = Self::default();
        let mut run = 0;
        for &byte in bytes {
            let class = CLASSES[byte as usize];
            profile.classes |= class;
            profile.digits += usize::from(class & DIGIT);
            profile.letters += usize::from(class & LETTER != 0);
            run = if class & RUN == 0 { 0 } else { run + 1 };
            profile.longest_run = profile.longest_run.max(run);
        }
        profile
    }

    fn has(&self, class: u8) -> bool {
        self.classes & class != 0
    }
}

const DIGIT: u8 = 1;
const LETTER: u8 = 2;
const RUN: u8 = 4;
const ESCAPE: u8 = 8;
const AT: u8 = 16;
const DASH: u8 = 32;
const DEGREE: u8 = 64;
const SEPARATOR: u8 = 128;

/// Classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT | RUN,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER | RUN,
            b'-' => DASH | RUN,
            b'_' => RUN | SEPARATOR,
            b' ' | b',' | b'.' | b';' | b'|' | b'\t' => SEPARATOR,
            b'+' | b'/' => RUN,
            b'%' | b'&' | b'\\' | b'=' => ESCAPE,
            b'@' | b'(' | b'[' | b'{' | b'<' => AT,
            0xC2 => DEGREE,
            0x80.. => LETTER,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// Adds the identifiers in `text` to `found`.
pub(crate) fn find_in_text(text: &str, context: Context, found: &mut Sightings) {
    found.begin();
    let original = Profile::of(text.as_bytes());
    find_codes(text.as_bytes(), &original, found);
    let Some(folded) = fold::fold(text) else {
        return find_in_folded(text, &original, &original, context, found);
    };
    if original.letters + original.digits >= CODE_DIGITS {
        codes::find(folded.text.as_bytes(), folded.disguise, found);
    }
    find_in_folded(&folded.text, &original, &Profile::of(folded.text.as_bytes()), context, found);
}

/// Runs the finders of folded text. `original` is the profile before folding.
fn find_in_folded(text: &str, original: &Profile, profile: &Profile, context: Context, found: &mut Sightings) {
    if original.has(ESCAPE) {
        find_escaped(text, context, found);
    }
    find_others(text, context, profile, found);
    match context {
        Context::Cell | Context::Bytes => find_whole(text.trim(), profile, found),
        Context::Prose => {
            codes::find_adjoining(text.as_bytes(), found);
            secrets::find(text, found);
        }
        Context::Name => {}
    }
}

/// Runs the finders of codes that need no folding.
fn find_codes(bytes: &[u8], profile: &Profile, found: &mut Sightings) {
    if profile.digits >= CODE_DIGITS {
        let has_six_digits = codes::find(bytes, None, found);
        if has_six_digits {
            let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
            codes::find(&reversed, Some(Kind::Reversed), found);
        }
    }
    if profile.longest_run >= ENCODED_RUN {
        decode::find(bytes, found);
    }
    if profile.digits >= 16 && profile.longest_run < bytes.len() {
        decode::find_spaced_hex(bytes, found);
    }
}

/// Undoes escapes and runs the finders on each result.
fn find_escaped(text: &str, context: Context, found: &mut Sightings) {
    let unescaped: Vec<String> = fold::MARKS.iter().flat_map(|marks| fold::unescape(text, marks)).collect();
    for plain in &unescaped {
        let folded = fold::fold(plain);
        let bytes = folded.as_ref().map_or(plain.as_bytes(), |folded| folded.text.as_bytes());
        codes::find(bytes, Some(Kind::Escaped), found);
    }
    for plain in &unescaped {
        find_others(plain, context, &Profile::of(plain.as_bytes()), found);
    }
}

/// Runs the finders of all other identifiers inside longer text.
fn find_others(text: &str, context: Context, profile: &Profile, found: &mut Sightings) {
    let bytes = text.as_bytes();
    if profile.has(AT) {
        emails::find(bytes, context == Context::Bytes, found);
    }
    if profile.digits >= SHORTEST_NUMBER {
        find_other_numbers(bytes, profile, found);
    }
    // A phone number in one unbroken run is the whole of it.
    let can_start = profile.longest_run < bytes.len() || matches!(bytes.first(), Some(b'0' | b'+'));
    if profile.digits >= 8 && can_start {
        phones::find(bytes, found);
    }
    if profile.digits >= 10 && profile.letters >= 2 {
        ibans::find(bytes, found);
    }
    if profile.digits >= 10 && profile.has(SEPARATOR) || profile.has(DEGREE) && profile.digits >= 4 {
        coordinates::find(bytes, found);
    }
    if profile.has(DASH) && profile.digits >= 1 && profile.letters >= 5 {
        plates::find(bytes, found);
    }
    if profile.letters >= 5 && profile.has(SEPARATOR) {
        names::find(bytes, context == Context::Name, found);
        if profile.digits >= 1 {
            addresses::find(bytes, found);
        }
    }
}

/// Runs the finders of numbers of persons, documents, cards and devices.
fn find_other_numbers(bytes: &[u8], profile: &Profile, found: &mut Sightings) {
    if profile.digits >= CODE_DIGITS - 1 {
        person_numbers::find(bytes, found);
    }
    if profile.digits >= CARD_DIGITS {
        documents::find_cards(bytes, found);
    }
    if profile.letters >= 3 {
        documents::find_passports(bytes, found);
    }
    ip_addresses::find(bytes, found);
}

/// Runs the finders of whole cells.
fn find_whole(cell: &str, profile: &Profile, found: &mut Sightings) {
    let bytes = cell.as_bytes();
    if profile.digits == 0 && profile.letters > 2 {
        names::find_cell(bytes, found);
        foreign_names::find_cell(cell, found);
    }
    if profile.digits == CODE_DIGITS && bytes.len() == CODE_DIGITS + 1 {
        codes::find_signless(bytes, found);
    }
    if let Some(value) = codes::without_control(bytes) {
        numbers::find_cut(value, found);
    }
    if profile.digits == bytes.len() {
        find_number(cell, found);
    } else if matches!(bytes.first(), Some(b'{' | b'[')) {
        find_in_record(cell, found);
    } else if profile.digits >= CODE_DIGITS - 1 {
        find_numeric(cell, found);
    }
    if profile.digits >= 12 {
        coordinates::find_cell(bytes, found);
    }
    plates::find_cell(bytes, found);
    documents::find_passport_cell(bytes, found);
}

/// Runs the finders of numbers on a cell that is a number in another notation than digits alone.
fn find_numeric(cell: &str, found: &mut Sightings) {
    if let Some(digits) = numeric::without_decimals(cell)
        && digits.starts_with('0')
    {
        phones::find(digits.as_bytes(), found);
    } else if let Some(value) = numeric::whole_number(cell) {
        find_in_number(value, found);
    }
}

/// Adds the identifiers that a whole number is.
pub(crate) fn find_in_number(value: i64, found: &mut Sightings) {
    numbers::find(value, found);
    let digits = value.to_string();
    person_numbers::find(digits.as_bytes(), found);
    if digits.len() >= CARD_DIGITS {
        documents::find_cards(digits.as_bytes(), found);
    }
}

/// Runs the finders of a list or record, as JSON and nested columns are written.
fn find_in_record(record: &str, found: &mut Sightings) {
    let fields = record.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_')));
    fields.for_each(|field| find_number(field, found));
    names::find(values(record).as_bytes(), false, found);
}

/// Returns the values of a record, separated by spaces, without the names of the fields.
fn values(record: &str) -> String {
    let fields = record.split(',').map(|field| field.rsplit_once(':').map_or(field, |(_, value)| value));
    let marks = ['{', '}', '[', ']', '"', '\'', ' '];
    fields.map(|value| value.trim_matches(marks)).collect::<Vec<_>>().join(" ")
}

fn find_number(text: &str, found: &mut Sightings) {
    let is_number = (8..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if is_number && let Ok(value) = text.parse() {
        numbers::find(value, found);
    }
}
