//! Syntax of a kind of identifier, and identifiers in canonical form.

use std::borrow::Cow;
use std::fmt;

use super::identity_code::IdentityCode;
use super::reason::Reason;
use super::text::TextSyntax;

/// Syntax of a kind of identifier: the rules that bring it to canonical form.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Syntax {
    /// Finnish personal identity codes.
    Hetu,
    /// Any other identifier.
    Text(TextSyntax),
}

/// An identifier in canonical form: the message of the keyed hash. Never prints its value.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// The [`Reason`] for which `raw` is not an identifier of this kind.
    pub fn canonical<'a>(&self, raw: &'a [u8]) -> Result<Identifier<'a>, Reason> {
        match self {
            Self::Hetu => IdentityCode::parse(raw).map(Identifier::Hetu),
            Self::Text(syntax) => syntax.canonical(raw).map(Identifier::Text),
        }
    }
}

impl Identifier<'_> {
    /// Returns the canonical bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hetu(code) => code.as_bytes(),
            Self::Text(text) => text.as_bytes(),
        }
    }

    /// Returns the identity code, if the identifier is one.
    #[must_use]
    pub fn identity_code(&self) -> Option<&IdentityCode> {
        match self {
            Self::Hetu(code) => Some(code),
            Self::Text(_) => None,
        }
    }

    /// Returns true for a temporary identity code, which has no meaning at another holder.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_never_prints_its_value() {
        let text = Syntax::Text(TextSyntax::unrestricted());
        assert_eq!(format!("{:?}", text.canonical(b"secret").unwrap()), "Identifier(…)");
    }
}
