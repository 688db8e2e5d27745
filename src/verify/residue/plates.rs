//! Plates of vehicles.

use super::found::{Found, feature, fingerprint};
use super::kind::Kind;

/// How far before a plate the word stands that says so.
const CONTEXT: usize = 40;
/// Words that say so.
const SAYING: [&[u8]; 8] = [b"auto", b"rekister", b"rek.", b"ajoneuvo", b"reg.", b"registrerings", b"vehicle", b"bil "];

/// Notes the plates in text that is said to have them.
pub(super) fn find(bytes: &[u8], found: &mut Found) {
    for dash in memchr::memchr_iter(b'-', bytes) {
        let Some((start, end)) = plate(bytes, dash) else { continue };
        let before = bytes[start.saturating_sub(CONTEXT)..start].to_ascii_lowercase();
        if SAYING.iter().any(|word| memchr::memmem::find(&before, word).is_some()) {
            found.note(Kind::Plate, &bytes[start..end], true);
        }
    }
}

/// Notes whether a whole cell is a plate; letters vary among real ones.
pub(super) fn find_cell(cell: &[u8], found: &mut Found) {
    if !(4..=12).contains(&cell.len()) || !cell.iter().any(u8::is_ascii_digit) {
        return;
    }
    let dash = cell.iter().position(|&b| b == b'-').filter(|&dash| plate(cell, dash) == Some((0, cell.len())));
    let letters = dash.map_or(0, |dash| fingerprint(&cell[..dash]) | 1 << 63);
    found.note_with(Kind::PlateCell, cell, dash.is_some(), feature(letters));
}

/// Where the plate begins and ends whose hyphen stands at `dash`: two or three capitals, up to three digits.
fn plate(bytes: &[u8], dash: usize) -> Option<(usize, usize)> {
    let letters = bytes[..dash].iter().rev().take(4).take_while(|b| b.is_ascii_uppercase()).count();
    let digits = bytes[dash + 1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let (start, end) = (dash.checked_sub(letters)?, dash + 1 + digits);
    let joins = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b >= 0x80;
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let apart = !before.is_some_and(joins) && !bytes.get(end).copied().is_some_and(joins);
    (matches!(letters, 2 | 3) && matches!(digits, 1..=3) && bytes[dash + 1] != b'0' && apart).then_some((start, end))
}
