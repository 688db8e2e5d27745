//! Notation of a source: marks in numbers, forms of dates, texts for a missing value.

use super::dates::{DATE_FORM, DateForm};

/// The decimal mark of a source that names none.
pub const DECIMAL_MARK: char = '.';
/// Notation of numbers, dates and missing values in a source.
#[derive(Debug, Clone)]
pub struct Notation {
    /// The decimal mark.
    pub decimal: char,
    /// The mark between thousands, if the source has one.
    pub thousands: Option<char>,
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
        Self { decimal: DECIMAL_MARK, thousands: None, dates: vec![DATE_FORM], missing: Vec::new() }
    }
}
