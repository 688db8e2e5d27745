//! Canonical form of textual identifiers.

use std::borrow::Cow;

use regex::Regex;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::reason::Reason;

/// Around a pattern that the whole text must match.
const START: &str = "^(?:";
const END: &str = ")$";

/// Rules that bring text to canonical form, besides trimming and Unicode normalisation form C (UAX #15).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextForm {
    /// `true` if text becomes upper case.
    pub fold_case: bool,
    /// Characters that are removed wherever they stand, such as spaces and hyphens.
    pub remove: String,
    /// Number of characters to which text of digits is padded with zeros from the left.
    pub width: usize,
}

/// Rules of a textual identifier: its canonical form, and a pattern that this form matches.
#[derive(Debug, Clone)]
pub struct TextSyntax {
    pattern: Option<Regex>,
    form: TextForm,
}

impl TextSyntax {
    /// Returns the syntax of identifiers whose canonical form matches `pattern` from start to end.
    ///
    /// # Errors
    /// `pattern` is not a regular expression of the `regex` crate.
    pub fn new(pattern: &str, form: TextForm) -> Result<Self, regex::Error> {
        Ok(Self { pattern: Some(Regex::new(&format!("{START}{pattern}{END}"))?), form })
    }

    /// Returns the syntax of text of any form, in any case: references, such as household numbers.
    #[must_use]
    pub fn unrestricted() -> Self {
        Self { pattern: None, form: TextForm::default() }
    }

    /// Returns true if text becomes upper case before it is matched.
    #[must_use]
    pub fn folds_case(&self) -> bool {
        self.form.fold_case
    }

    /// Returns the same normalisation without the pattern. Canaries use it: their test values are the same for every
    /// pattern.
    #[must_use]
    pub(crate) fn without_pattern(&self) -> Self {
        Self { pattern: None, form: self.form.clone() }
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
        let text = self.padded(self.without_removed(self.normalised(trimmed)));
        if text.is_empty() {
            return Err(Reason::Missing);
        }
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

    /// Brings text to form C and, if the case is folded, to upper case. Identifiers inside longer text are sought in
    /// it.
    #[must_use]
    pub fn normalised<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match (text.is_ascii() || is_nfc(text), self.form.fold_case) {
            (true, false) => Cow::Borrowed(text),
            (_, false) => Cow::Owned(text.nfc().collect()),
            // Upper-casing can leave form C, so it comes first.
            (_, true) => Cow::Owned(text.nfc().flat_map(char::to_uppercase).nfc().collect()),
        }
    }

    fn without_removed<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let is_removed = |character: char| self.form.remove.contains(character);
        if self.form.remove.is_empty() || !text.contains(is_removed) {
            return text;
        }
        // Without characters between them, letters and marks could compose, and spaces stand at the ends.
        let rest: String = text.chars().filter(|&character| !is_removed(character)).nfc().collect();
        Cow::Owned(rest.trim().to_owned())
    }

    fn padded<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let is_short = text.len() < self.form.width && !text.is_empty();
        if !is_short || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text;
        }
        Cow::Owned(format!("{text:0>width$}", width = self.form.width))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded() -> TextForm {
        TextForm { fold_case: true, ..TextForm::default() }
    }

    #[test]
    fn characters_are_removed_and_digits_padded() {
        let form = TextForm { fold_case: true, remove: " -".to_owned(), width: 6 };
        let syntax = TextSyntax::new("[0-9]{6}|[A-Z]{2}[0-9]+", form).unwrap();
        for (raw, expected) in
            [("12-3 4", "001234"), ("1234567", "1234567"), ("ab - 12", "AB12"), (" 001234", "001234")]
        {
            let found = syntax.without_pattern().canonical(raw.as_bytes()).unwrap().into_owned();
            assert_eq!(found, expected, "{raw}");
        }
        assert_eq!(syntax.canonical(b"1234567"), Err(Reason::Pattern));
        assert_eq!(syntax.canonical(b" - "), Err(Reason::Missing));
    }

    #[test]
    fn text_is_trimmed_composed_and_folded() {
        let syntax = TextSyntax::new("[A-ZÄ]-[0-9]+", folded()).unwrap();
        assert_eq!(syntax.pattern(), Some("[A-ZÄ]-[0-9]+"));
        assert_eq!(syntax.canonical(" a\u{308}-12 ".as_bytes()).unwrap(), "Ä-12");
        assert_eq!(syntax.canonical(b"AB-12"), Err(Reason::Pattern));
        assert_eq!(syntax.canonical(b"\xFF"), Err(Reason::ForeignCharacter));
        assert_eq!(syntax.canonical(b"  "), Err(Reason::Missing));
    }

    proptest! {
        #[test]
        fn canonical_text_is_a_fixed_point(
            raw in "\\PC{0,20}|[0-9 \u{301}e-]{0,8}",
            fold_case in any::<bool>(),
            remove in "|[ -]{1,2}|[a\u{301}]{1,2}",
            width in 0_usize..12,
        ) {
            let syntax = TextSyntax { pattern: None, form: TextForm { fold_case, remove, width } };
            if let Ok(once) = syntax.canonical(raw.as_bytes()) {
                prop_assert_eq!(syntax.canonical(once.as_bytes()).unwrap(), once.clone());
            }
        }
    }
}
