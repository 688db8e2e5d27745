//! Notation of a source: decimal mark, forms of dates, texts for a missing value.

use serde::{Deserialize, Serialize};

/// The decimal mark of a source that names none.
pub const DECIMAL_MARK: char = '.';
/// The form of dates of a source that names none.
pub const DATE_FORM: DateForm = DateForm::Iso;

/// A form of dates in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum DateForm {
    /// `2020-03-01` (ISO 8601).
    #[serde(rename = "yyyy-mm-dd")]
    Iso,
    /// `1.3.2020`.
    #[serde(rename = "d.m.yyyy")]
    Finnish,
}

/// Notation of numbers, dates and missing values in a source.
#[derive(Debug, Clone)]
pub struct Notation {
    /// The decimal mark.
    pub decimal: char,
    /// The forms of dates, tried in order.
    pub dates: Vec<DateForm>,
    /// Texts for a missing value, besides empty text.
    pub missing: Vec<String>,
}

impl Notation {
    /// Returns true if `text`, without white space at its ends, stands for a missing value.
    #[must_use]
    pub fn is_missing(&self, text: &str) -> bool {
        text.is_empty() || self.missing.iter().any(|missing| missing == text)
    }
}

impl Default for Notation {
    fn default() -> Self {
        Self { decimal: DECIMAL_MARK, dates: vec![DATE_FORM], missing: Vec::new() }
    }
}
