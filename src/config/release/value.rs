//! Values of linked columns.

use crate::config::raw::release::Bound;

/// A value of a column. Numbers sort as numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// Any other value, as released tables show it.
    Text(String),
}

impl Value {
    /// Returns the value as released tables show it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Returns the value that a bound stands for.
pub(super) fn value_of(bound: &Bound) -> Value {
    match bound {
        Bound::Number(number) => Value::Number(*number),
        Bound::Text(text) => Value::Text(text.clone()),
    }
}
