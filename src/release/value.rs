//! Values of linked tables, and the texts that stand for missing, total and suppressed ones.

/// Stands for an empty cell in released tables.
pub(super) const NO_VALUE: &str = "(none)";
/// Stands for the total over a dimension.
pub(super) const TOTAL: &str = "(all)";
/// Stands for every value at the last level of a hierarchy.
pub(super) const ALL: &str = "*";

/// A value of a column. Numbers sort as numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    Number(i64),
    Text(String),
}

impl Value {
    /// Returns the value as released tables show it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
