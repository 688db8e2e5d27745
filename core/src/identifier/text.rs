//! Canonical form of textual identifiers.

use std::borrow::Cow;

use regex::Regex;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::reason::Reason;

/// Around a pattern that the whole text must match.
const START: &str = "^(?:";
const END: &str = ")$";

/// Rules of a textual identifier: trimmed, in Unicode normalisation form C (UAX #15), optionally upper case, and
/// matching a pattern.
#[derive(Debug, Clone)]
pub struct TextSyntax {
    pattern: Option<Regex>,
    fold_case: bool,
}

impl TextSyntax {
    /// Returns the syntax of identifiers that match `pattern` from start to end. With `fold_case`, text becomes upper
    /// case before it is matched.
    ///
    /// # Errors
    /// `pattern` is not a regular expression of the `regex` crate.
    pub fn new(pattern: &str, fold_case: bool) -> Result<Self, regex::Error> {
        Ok(Self { pattern: Some(Regex::new(&format!("{START}{pattern}{END}"))?), fold_case })
    }

    /// Returns the syntax of text of any form, in any case: references, such as household numbers.
    #[must_use]
    pub fn unrestricted() -> Self {
        Self { pattern: None, fold_case: false }
    }

    /// Returns true if text becomes upper case before it is matched.
    #[must_use]
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// Returns the same normalisation without the pattern. Canaries use it: their test values are the same for every
    /// pattern.
    #[must_use]
    pub(crate) fn without_pattern(&self) -> Self {
        Self { pattern: None, fold_case: self.fold_case }
    }

    /// Brings `raw` to canonical form. Borrows `raw` if it is in canonical form already.
    ///
    /// # Errors
    /// [`Reason::ForeignCharacter`] if not UTF-8, [`Reason::Missing`] if empty, [`Reason::Pattern`] if no match.
    pub fn canonical<'a>(&self, raw: &'a [u8]) -> Result<Cow<'a, str>, Reason> {
        let trimmed = std::str::from_utf8(raw).map_err(|_| Reason::ForeignCharacter)?.trim();
        if trimmed.is_empty() {
            return Err(Reason::Missing);
        }
        let text = self.normalised(trimmed);
        match &self.pattern {
            Some(pattern) if !pattern.is_match(&text) => Err(Reason::Pattern),
            _ => Ok(text),
        }
    }

    /// Returns the pattern as it was given; `None` if text of any form is an identifier.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_ref()?.as_str().strip_prefix(START)?.strip_suffix(END)
    }

    /// Brings text to the form in which the pattern is matched: form C, and upper case if the case is folded.
    #[must_use]
    pub fn normalised<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match (text.is_ascii() || is_nfc(text), self.fold_case) {
            (true, false) => Cow::Borrowed(text),
            (_, false) => Cow::Owned(text.nfc().collect()),
            // Upper-casing can leave form C, so it comes first.
            (_, true) => Cow::Owned(text.nfc().flat_map(char::to_uppercase).nfc().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_trimmed_composed_and_folded() {
        let syntax = TextSyntax::new("[A-ZÄ]-[0-9]+", true).unwrap();
        assert_eq!(syntax.pattern(), Some("[A-ZÄ]-[0-9]+"));
        assert_eq!(syntax.canonical(" a\u{308}-12 ".as_bytes()).unwrap(), "Ä-12");
        assert_eq!(syntax.canonical(b"AB-12"), Err(Reason::Pattern));
        assert_eq!(syntax.canonical(b"\xFF"), Err(Reason::ForeignCharacter));
        assert_eq!(syntax.canonical(b"  "), Err(Reason::Missing));
    }

    proptest! {
        #[test]
        fn canonical_text_is_a_fixed_point(raw in "\\PC{0,20}", fold_case in any::<bool>()) {
            let syntax = TextSyntax { pattern: None, fold_case };
            if let Ok(once) = syntax.canonical(raw.as_bytes()) {
                prop_assert_eq!(syntax.canonical(once.as_bytes()).unwrap(), once.clone());
            }
        }
    }
}
