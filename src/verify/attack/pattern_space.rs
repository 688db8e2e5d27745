//! Space of the identifiers that a pattern of the contract allows.

use std::ops::Range;

use super::candidates::Batch;
use super::code_space::Part;
use super::language::Language;
use super::share::Share;
use salanimi_core::{Id, TextSyntax};

/// Longest candidate, in bytes. Longer identifiers are not guessed.
const LONGEST: usize = 64;
/// Largest language of which a share is tried. Of a larger one, a share would hit nothing.
const LARGEST: u64 = 10_000_000_000_000;

/// Identifiers of a kind of the contract.
pub(super) struct PatternSpace {
    /// Kind in the contract.
    pub kind: Id,
    syntax: TextSyntax,
    language: Language,
    has_punctuation: bool,
}

impl PatternSpace {
    /// Creates the space of identifiers of `kind` with the syntax `syntax`; `None` if it has no pattern.
    pub fn new(kind: &Id, syntax: &TextSyntax) -> Option<Self> {
        let language = Language::parse(syntax.pattern()?, syntax.folds_case())?;
        let has_punctuation = language.has_punctuation();
        Some(Self { kind: kind.clone(), syntax: syntax.clone(), language, has_punctuation })
    }

    /// Returns the number of candidates in a part.
    pub fn len(&self, part: Part) -> u64 {
        match part {
            _ if self.is_too_large() => 0,
            Part::Pattern => self.language.len(),
            Part::PatternUnmarked if self.has_punctuation => self.language.len(),
            _ => 0,
        }
    }

    /// Returns true if the language is too large to be tried.
    pub fn is_too_large(&self) -> bool {
        self.language.len() > LARGEST
    }

    /// Returns true if the pattern allows more identifiers than the candidates.
    pub fn is_part(&self) -> bool {
        self.language.is_part
    }

    /// Adds to `batch` the candidates of `part` at the positions `chosen` of a share.
    pub fn fill(&self, part: Part, chosen: Range<u64>, share: Share, batch: &mut Batch) {
        let all = self.len(part);
        let mut text = String::new();
        for at in chosen {
            self.language.write(share.pick(at, all), &mut text);
            // Assertions and case folding can exclude a text of the language.
            let is_canonical = self.syntax.canonical(text.as_bytes()).is_ok_and(|canonical| canonical == text);
            if !is_canonical {
                continue;
            }
            if part == Part::PatternUnmarked {
                text.retain(|c| !c.is_ascii_punctuation());
            }
            if (1..=LONGEST).contains(&text.len()) {
                batch.of_length(text.len(), None).push(text.as_bytes());
            }
        }
    }
}
