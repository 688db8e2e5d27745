use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that parties agree on: a study, holder, table, column, label or kind.
///
/// Matches `[a-z0-9_-]{1,64}`, so it is safe as a file name and never holds the zero byte that separates
/// the fields of a key derivation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

/// The text is no [`Id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name must be 1 to 64 characters of a-z, 0-9, '_' and '-'")]
pub struct IdError;

impl Id {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 64;

    /// Accepts `text` if it is a name.
    ///
    /// # Errors
    /// [`IdError`] for any other text.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        if fits && text.bytes().all(allowed) { Ok(Self(text.to_owned())) } else { Err(IdError) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        Self::new(&text)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl std::borrow::Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for good in ["a", "kela_social_assistance", "091-helsinki", &"x".repeat(64)] {
            assert!(Id::new(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "å", "a b", "../x", "a\0b", &"x".repeat(65)] {
            assert_eq!(Id::new(bad), Err(IdError), "{bad:?}");
        }
    }
}
