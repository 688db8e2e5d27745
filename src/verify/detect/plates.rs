//! Registration plates of vehicles.

use std::sync::LazyLock;

use super::data;
use super::kind::Kind;
use super::sightings::{Sightings, feature, fingerprint};

static WORDS: LazyLock<Vec<String>> =
    LazyLock::new(|| data::lines(include_str!("plate_words.txt")).map(|word| word.replace('_', " ")).collect());

/// Bytes before a plate in which a word announces it.
const CONTEXT: usize = 40;

/// Adds the plates that a word before them announces.
pub(super) fn find(bytes: &[u8], found: &mut Sightings) {
    for dash in memchr::memchr_iter(b'-', bytes) {
        let Some((start, end)) = plate(bytes, dash) else { continue };
        let before = bytes[start.saturating_sub(CONTEXT)..start].to_ascii_lowercase();
        if WORDS.iter().any(|word| memchr::memmem::find(&before, word.as_bytes()).is_some()) {
            found.note(Kind::Plate, &bytes[start..end], true);
        }
    }
}

/// Adds a whole cell to the counts of plates in its column. The letters are the feature: they vary among real plates.
pub(super) fn find_cell(cell: &[u8], found: &mut Sightings) {
    if !(4..=12).contains(&cell.len()) || !cell.iter().any(u8::is_ascii_digit) {
        return;
    }
    let dash = cell.iter().position(|&b| b == b'-').filter(|&dash| plate(cell, dash) == Some((0, cell.len())));
    let letters = dash.map_or(0, |dash| fingerprint(&cell[..dash]) | 1 << 63);
    found.note_with(Kind::PlateCell, cell, dash.is_some(), feature(letters));
}

/// Returns the start and end of the plate around `dash`: two or three capitals and up to three digits.
fn plate(bytes: &[u8], dash: usize) -> Option<(usize, usize)> {
    let letters = bytes[..dash].iter().rev().take(4).take_while(|b| b.is_ascii_uppercase()).count();
    let digits = bytes[dash + 1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let start = dash.checked_sub(letters)?;
    let end = dash + 1 + digits;
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let is_apart = !before.is_some_and(joins) && !bytes.get(end).copied().is_some_and(joins);
    let is_plate = matches!(letters, 2 | 3) && matches!(digits, 1..=3) && bytes[dash + 1] != b'0' && is_apart;
    is_plate.then_some((start, end))
}

fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte >= 0x80
}
