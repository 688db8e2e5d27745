//! Names, addresses and notes of synthetic persons, encoded as one source writes them.

use std::sync::LazyLock;

use serde::Deserialize;

use super::dialect::Dialect;
use super::error::SourceProblem;

/// Addresses of a source.
const ADDRESSES: usize = 600;

/// The texts of `texts.toml`.
static TEXTS: LazyLock<Texts> = LazyLock::new(read_texts);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    women: Vec<String>,
    men: Vec<String>,
    last_names: Vec<String>,
    streets: Vec<String>,
    notes: Vec<String>,
    notes_with_code: Vec<NoteWithCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteWithCode {
    before: String,
    after: String,
}

#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
fn read_texts() -> Texts {
    toml::from_str(include_str!("texts.toml")).expect("texts.toml has the fields of `Texts`")
}

/// Texts in the dialect of one source, quoted where needed.
pub(super) struct TextPools {
    women: Vec<Vec<u8>>,
    men: Vec<Vec<u8>>,
    last_names: Vec<Vec<u8>>,
    addresses: Vec<Vec<u8>>,
    notes: Vec<Vec<u8>>,
    notes_with_code: Vec<EncodedNote>,
}

/// The parts of a quoted note around an identity code.
pub(super) struct EncodedNote {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl TextPools {
    /// Encodes all texts in `dialect`.
    ///
    /// # Errors
    /// A text does not exist in the encoding.
    pub(super) fn new(dialect: &Dialect) -> Result<Self, SourceProblem> {
        let texts = &*TEXTS;
        let addresses: Vec<String> = (0..ADDRESSES).map(|number| address(&texts.streets, number)).collect();
        Ok(Self {
            women: fields(dialect, &texts.women)?,
            men: fields(dialect, &texts.men)?,
            last_names: fields(dialect, &texts.last_names)?,
            addresses: fields(dialect, &addresses)?,
            notes: fields(dialect, &texts.notes)?,
            notes_with_code: texts
                .notes_with_code
                .iter()
                .map(|note| EncodedNote::new(dialect, note))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Returns first names. The lowest bit of `number` is 1 for a man.
    pub(super) fn first_names(&self, number: u32) -> &[u8] {
        text(if number & 1 == 1 { &self.men } else { &self.women }, number >> 1)
    }

    pub(super) fn last_name(&self, number: u32) -> &[u8] {
        text(&self.last_names, number >> 5)
    }

    pub(super) fn address(&self, number: u32) -> &[u8] {
        text(&self.addresses, number >> 2)
    }

    pub(super) fn note(&self, number: u32) -> &[u8] {
        text(&self.notes, number)
    }

    /// Returns a note with room for an identity code.
    pub(super) fn note_with_code(&self, number: u8) -> &EncodedNote {
        &self.notes_with_code[usize::from(number)]
    }
}

impl EncodedNote {
    fn new(dialect: &Dialect, note: &NoteWithCode) -> Result<Self, SourceProblem> {
        Ok(Self { before: dialect.quoted_part(&note.before)?, after: dialect.quoted_part(&note.after)? })
    }
}

/// Returns the number of notes with room for an identity code.
pub(super) fn notes_with_code() -> usize {
    TEXTS.notes_with_code.len()
}

fn address(streets: &[String], number: usize) -> String {
    let street = &streets[number % streets.len()];
    let house = 1 + number / streets.len() % 60;
    let flat = 1 + number % 7;
    format!("{street} {house} A {flat}, 00000 Mallila")
}

fn fields(dialect: &Dialect, texts: &[String]) -> Result<Vec<Vec<u8>>, SourceProblem> {
    texts.iter().map(|text| dialect.field(text)).collect()
}

fn text(texts: &[Vec<u8>], number: u32) -> &[u8] {
    &texts[number as usize % texts.len()]
}

#[cfg(test)]
mod tests {
    use super::super::dialect::tests::dialect;
    use super::*;
    use crate::table::Encoding;

    #[test]
    fn every_text_exists_in_both_encodings() {
        for encoding in [Encoding::Utf8, Encoding::Latin1] {
            let pools = TextPools::new(&dialect(encoding)).unwrap();
            assert!(pools.address(0).starts_with(b"Mallikatu 1 A 1, "));
            assert!(pools.note_with_code(3).before.is_empty());
        }
    }
}
