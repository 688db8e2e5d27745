//! Notes about synthetic persons, encoded as one source writes them.

use std::sync::LazyLock;

use serde::Deserialize;

use super::dialect::Dialect;
use super::error::SourceProblem;

/// The texts of `texts.toml`.
static TEXTS: LazyLock<Texts> = LazyLock::new(read_texts);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
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
        Ok(Self {
            notes: fields(dialect, &texts.notes)?,
            notes_with_code: texts
                .notes_with_code
                .iter()
                .map(|note| EncodedNote::new(dialect, note))
                .collect::<Result<_, _>>()?,
        })
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
            assert!(pools.note_with_code(3).before.is_empty());
        }
    }
}
