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

/// Notes the persons that are named in `bytes`; those in small letters only where `any_case` says so, or where there is
/// little else.
pub(super) fn find(bytes: &[u8], any_case: bool, found: &mut Found) {
    let prose = !any_case && words(bytes).take(MOST_WORDS_OF_A_NAME + 1).count() > MOST_WORDS_OF_A_NAME;
    let mut before: Option<Word> = None;
    for (start, end) in words(bytes) {
        let word = &bytes[start..end];
        if prose && !is_capital(word) {
            before = None;
            continue;
        }
        let here = Word { start, end, sort: sort(Lower::new(word).bytes()) };
        if let Some(before) = &before
            && (beside(&bytes[before.end..start]) && is_person(bytes, before, &here)
                || is_initial_beside_surname(bytes, before, &here))
        {
            found.note(Kind::FullName, Lower::new(&bytes[before.start..end]).bytes(), true);
        }
        before = Some(here);
    }
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
    found.note(Kind::FirstName, lower.bytes(), parts().all(|part| sort(part).first));
    if count == 1 {
        let sort = sort(lower.bytes());
        let typical = if sort.typical { fingerprint(lower.bytes()) | 1 } else { 0 };
        found.note_with(Kind::Surname, lower.bytes(), sort.last && !is_municipality(lower.bytes()), feature(typical));
    }
}
