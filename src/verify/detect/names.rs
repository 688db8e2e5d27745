//! Personal names: a first name or its initial beside a surname, and columns of either.

use super::foreign_names;
use super::kind::Kind;
use super::sightings::{Sightings, feature, fingerprint};
use super::words::{LowerCase, NameParts, is_capital, is_municipality, name_parts, words};

/// Most words of a cell that is no more than a name. A longer text is prose, where names have capitals.
const MOST_WORDS_OF_A_NAME: usize = 4;
/// Most parts of a name in a column of names.
const MOST_PARTS: usize = 3;

struct Word {
    start: usize,
    end: usize,
    parts: NameParts,
}

/// Adds the persons named in `bytes`. Names in small letters count only if `any_case` is set, in short texts, or joined
/// as in user names.
pub(super) fn find(bytes: &[u8], any_case: bool, found: &mut Sightings) {
    let is_prose = !any_case && words(bytes).take(MOST_WORDS_OF_A_NAME + 1).count() > MOST_WORDS_OF_A_NAME;
    let mut before: Option<Word> = None;
    for (start, end) in words(bytes) {
        let has_case = !is_prose || is_capital(&bytes[start..end]);
        let joins_before = start.checked_sub(1).is_some_and(|at| is_joint(bytes, at));
        if !has_case && !is_joint(bytes, end) && !joins_before {
            before = None;
            continue;
        }
        let parts = parts_in_text(LowerCase::new(&bytes[start..end]).bytes());
        let here = Word { start, end, parts };
        if let Some(before) = &before {
            let both_have_case = has_case && (!is_prose || is_capital(&bytes[before.start..before.end]));
            if (both_have_case || is_joint(bytes, before.end)) && is_full_name(bytes, before, &here) {
                found.note(Kind::FullName, LowerCase::new(&bytes[before.start..end]).bytes(), true);
            }
        }
        before = Some(here);
    }
}

/// Returns the parts of a name that a word can be, in Finnish, Swedish or another language of Finland.
fn parts_in_text(word: &[u8]) -> NameParts {
    let mut parts = name_parts(word);
    parts.is_first |= foreign_names::is_given(word);
    parts.is_last |= foreign_names::is_surname(word);
    parts
}

/// Returns true if a dot or an underscore joins two words, as in `matti.virtanen`.
fn is_joint(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b'.' | b'_'))
        && bytes.get(at + 1).is_some_and(|&b| b.is_ascii_alphabetic() || b >= 0x80)
}

fn is_full_name(bytes: &[u8], before: &Word, here: &Word) -> bool {
    let between = &bytes[before.end..here.start];
    let is_adjacent = matches!(between, b" " | b", " | b"," | b"_" | b"." | b"  " | b"\t" | b";" | b"|");
    is_adjacent && is_first_and_last(bytes, before, here) || is_initial_and_last(bytes, before, here)
}

/// Returns true for `M. Virtanen`, `Virtanen M.` or `Virtanen, M.`, with a typical surname.
fn is_initial_and_last(bytes: &[u8], before: &Word, here: &Word) -> bool {
    match &bytes[before.end..here.start] {
        b". " | b"." => is_initial(bytes, before) && is_typical_surname(bytes, here),
        b" " | b", " => is_typical_surname(bytes, before) && is_initial(bytes, here),
        _ => false,
    }
}

fn is_initial(bytes: &[u8], word: &Word) -> bool {
    word.end - word.start == 1 && bytes[word.start].is_ascii_uppercase() && bytes.get(word.end) == Some(&b'.')
}

fn is_typical_surname(bytes: &[u8], word: &Word) -> bool {
    word.parts.is_typical && is_capital(&bytes[word.start..word.end])
}

fn is_first_and_last(bytes: &[u8], before: &Word, here: &Word) -> bool {
    let has_comma = bytes[before.end] == b',';
    if before.parts.is_first && here.parts.is_last {
        // With a comma it may be a street of that name, or a list of first names.
        let is_list = has_comma && before.parts.is_last && !here.parts.is_typical;
        if !is_list {
            return true;
        }
    }
    let is_place = is_municipality(LowerCase::new(&bytes[before.start..before.end]).bytes());
    before.parts.is_last && here.parts.is_first && (has_comma || !is_place)
}

/// Adds a whole cell to the counts of first names and of surnames in its column.
pub(super) fn find_cell(cell: &[u8], found: &mut Sightings) {
    if !(3..=40).contains(&cell.len()) || !cell.iter().all(|&b| is_name_byte(b)) {
        return;
    }
    let lower = LowerCase::new(cell);
    let name = lower.bytes();
    let parts: Vec<&[u8]> = name.split(|&b| is_gap(b)).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return;
    }
    let is_first = parts.iter().all(|part| name_parts(part).is_first);
    found.note_with(Kind::FirstName, name, is_first, feature(fingerprint(name).max(1)));
    if parts.len() == 1 {
        let parts = name_parts(name);
        let typical = if parts.is_typical { fingerprint(name) | 1 } else { 0 };
        found.note_with(Kind::Surname, name, parts.is_last && !is_municipality(name), feature(typical));
    }
}

fn is_gap(byte: u8) -> bool {
    byte == b' ' || byte == b','
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'-' | b'\'') || is_gap(byte)
}
