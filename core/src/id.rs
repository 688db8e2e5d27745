//! Names that parties agree on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name that parties agree on: a study, holder, table, column, label or kind.
///
/// Matches `[a-z0-9_-]{1,64}`, so it is safe as a file name. It never holds the zero byte that separates the fields
/// of a key derivation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

/// Error for a text that is not an [`Id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name must be 1 to 64 characters of a-z, 0-9, '_' and '-'")]
pub struct IdError;

impl Id {
    /// Length of the longest name, in bytes.
    pub const MAX_LENGTH: usize = 64;

    /// Accepts `text` if it is a name.
    ///
    /// # Errors
    /// [`IdError`] for any other text.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        if fits && text.bytes().all(is_allowed) { Ok(Self(text.to_owned())) } else { Err(IdError) }
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
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
        for good in ["a", "hospital_visits", "091-north", &"x".repeat(64)] {
            assert!(Id::new(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "å", "a b", "../x", "a\0b", &"x".repeat(65)] {
            assert_eq!(Id::new(bad), Err(IdError), "{bad:?}");
        }
    }
}
