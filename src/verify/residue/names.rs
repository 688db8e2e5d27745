//! Personal names: a first name or its initial beside a surname, and columns of either.

use super::found::{Found, feature, fingerprint};
use super::kind::Kind;
use super::words::{Lower, Sort, is_capital, is_municipality, sort, words};

/// A cell of more words is prose, where names have capitals.
const MOST_WORDS_OF_A_NAME: usize = 4;

struct Word {
    start: usize,
    end: usize,
    sort: Sort,
}

/// Notes the persons that are named in `bytes`; those in small letters only where `any_case` says so, where there is little
/// else, or where they are glued together as in the names of users.
pub(super) fn find(bytes: &[u8], any_case: bool, found: &mut Found) {
    let prose = !any_case && words(bytes).take(MOST_WORDS_OF_A_NAME + 1).count() > MOST_WORDS_OF_A_NAME;
    let mut before: Option<Word> = None;
    let capital = |start: usize, end: usize| !prose || is_capital(&bytes[start..end]);
    for (start, end) in words(bytes) {
        if !capital(start, end) && !is_glued(bytes, end) && !start.checked_sub(1).is_some_and(|at| is_glued(bytes, at))
        {
            before = None;
            continue;
        }
        let here = Word { start, end, sort: sort(Lower::new(&bytes[start..end]).bytes()) };
        if let Some(before) = &before
            && (capital(before.start, before.end) && capital(start, end) || is_glued(bytes, before.end))
            && (beside(&bytes[before.end..start]) && is_person(bytes, before, &here)
                || is_initial_beside_surname(bytes, before, &here))
        {
            found.note(Kind::FullName, Lower::new(&bytes[before.start..end]).bytes(), true);
        }
        before = Some(here);
    }
}

/// Whether a dot or an underscore glues two words together, as in `matti.virtanen`, which nobody writes with capitals.
fn is_glued(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), Some(b'.' | b'_'))
        && bytes.get(at + 1).is_some_and(|&b| b.is_ascii_alphabetic() || b >= 0x80)
}

fn beside(between: &[u8]) -> bool {
    matches!(between, b" " | b", " | b"," | b"_" | b"." | b"  " | b"\t" | b";" | b"|")
}

/// `M. Virtanen`, `Virtanen M.` or `Virtanen, M.`; of surnames that are nothing else.
fn is_initial_beside_surname(bytes: &[u8], before: &Word, here: &Word) -> bool {
    let is_initial = |word: &Word| {
        word.end - word.start == 1 && bytes[word.start].is_ascii_uppercase() && bytes.get(word.end) == Some(&b'.')
    };
    let surname = |word: &Word| word.sort.typical && is_capital(&bytes[word.start..word.end]);
    match &bytes[before.end..here.start] {
        b". " | b"." => is_initial(before) && surname(here),
        b" " | b", " => surname(before) && is_initial(here),
        _ => false,
    }
}

fn is_person(bytes: &[u8], before: &Word, here: &Word) -> bool {
    let first_last = before.sort.first && here.sort.last;
    let comma = bytes[before.end] == b',';
    let place = is_municipality(Lower::new(&bytes[before.start..before.end]).bytes());
    let last_first = before.sort.last && here.sort.first && (comma || !place);
    // A street of that name, or a list of first names.
    first_last && !(comma && before.sort.last && !here.sort.typical) || last_first
}

/// Notes what a whole cell says of a column of first names or of surnames.
pub(super) fn find_cell(cell: &[u8], found: &mut Found) {
    let apart = |b: u8| b == b' ' || b == b',';
    let formed = |b: u8| b.is_ascii_alphabetic() || b >= 0x80 || b == b'-' || b == b'\'' || apart(b);
    if !(3..=40).contains(&cell.len()) || !cell.iter().all(|&b| formed(b)) {
        return;
    }
    let lower = Lower::new(cell);
    let parts = || lower.bytes().split(|&b| apart(b)).filter(|part| !part.is_empty());
    let count = parts().count();
    if count == 0 || count > 3 {
        return;
    }
    let first = parts().all(|part| sort(part).first);
    found.note_with(Kind::FirstName, lower.bytes(), first, feature(fingerprint(lower.bytes()).max(1)));
    if count == 1 {
        let sort = sort(lower.bytes());
        let typical = if sort.typical { fingerprint(lower.bytes()) | 1 } else { 0 };
        found.note_with(Kind::Surname, lower.bytes(), sort.last && !is_municipality(lower.bytes()), feature(typical));
    }
}
