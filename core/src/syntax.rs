use std::borrow::Cow;
use std::fmt;

use regex::Regex;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{IdentityCode, Reason};

/// How the identifiers of a kind are written, and so how they are brought to canonical form.
#[derive(Debug, Clone)]
pub enum Syntax {
    /// Finnish personal identity codes.
    Hetu,
    /// Any other identifier.
    Text(TextSyntax),
}

/// An identifier in canonical form: what is hashed. Never prints its value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identifier<'a> {
    /// A Finnish personal identity code.
    Hetu(IdentityCode),
    /// Normalised text.
    Text(Cow<'a, str>),
}

impl Syntax {
    /// Brings `raw` to canonical form.
    ///
    /// # Errors
    /// The [`Reason`] why `raw` is no identifier of this kind.
    pub fn canonical<'a>(&self, raw: &'a [u8]) -> Result<Identifier<'a>, Reason> {
        match self {
            Self::Hetu => IdentityCode::parse(raw).map(Identifier::Hetu),
            Self::Text(syntax) => syntax.canonical(raw).map(Identifier::Text),
        }
    }
}

impl Identifier<'_> {
    /// The canonical bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hetu(code) => code.as_bytes(),
            Self::Text(text) => text.as_bytes(),
        }
    }

    /// The identity code, where the identifier is one.
    #[must_use]
    pub fn identity_code(&self) -> Option<&IdentityCode> {
        match self {
            Self::Hetu(code) => Some(code),
            Self::Text(_) => None,
        }
    }

    /// Whether the identifier means nothing at another holder.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.identity_code().is_some_and(IdentityCode::is_temporary)
    }
}

impl fmt::Debug for Identifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifier(…)")
    }
}

/// The rules of a textual identifier: trimmed, Unicode NFC, upper-cased when folding, and matching a pattern.
#[derive(Debug, Clone)]
pub struct TextSyntax {
    pattern: Option<Regex>,
    fold_case: bool,
}

impl TextSyntax {
    /// Identifiers must match all of `pattern`, after folding to upper case if `fold_case`.
    ///
    /// # Errors
    /// The pattern is no regular expression.
    pub fn new(pattern: &str, fold_case: bool) -> Result<Self, regex::Error> {
        Ok(Self { pattern: Some(Regex::new(&format!("^(?:{pattern})$"))?), fold_case })
    }

    /// Normalised text of any form: references, such as household numbers.
    #[must_use]
    pub fn unrestricted() -> Self {
        Self { pattern: None, fold_case: false }
    }

    /// The same normalisation without the pattern: for canaries, which are the same for every pattern.
    #[must_use]
    pub fn without_pattern(&self) -> Self {
        Self { pattern: None, fold_case: self.fold_case }
    }

    /// Brings `raw` to canonical form.
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

    fn normalised<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match (text.is_ascii() || is_nfc(text), self.fold_case) {
            (true, false) => Cow::Borrowed(text),
            (_, false) => Cow::Owned(text.nfc().collect()),
            // Upper-casing can leave NFC, so it comes first.
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
        assert_eq!(syntax.canonical(" a\u{308}-12 ".as_bytes()).unwrap(), "Ä-12");
        assert_eq!(syntax.canonical(b"AB-12"), Err(Reason::Pattern));
        assert_eq!(syntax.canonical(b"\xFF"), Err(Reason::ForeignCharacter));
        assert_eq!(syntax.canonical(b"  "), Err(Reason::Missing));
    }

    #[test]
    fn an_identifier_never_prints_its_value() {
        let text = Syntax::Text(TextSyntax::unrestricted());
        assert_eq!(format!("{:?}", text.canonical(b"secret").unwrap()), "Identifier(…)");
    }

    proptest! {
        #[test]
        fn canonical_text_is_a_fixed_point(raw in "\\PC{0,20}", fold in any::<bool>()) {
            let syntax = TextSyntax { pattern: None, fold_case: fold };
            if let Ok(once) = syntax.canonical(raw.as_bytes()) {
                prop_assert_eq!(syntax.canonical(once.as_bytes()).unwrap(), once.clone());
            }
        }
    }
}
