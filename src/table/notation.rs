//! How a source writes what it holds.

use serde::{Deserialize, Serialize};

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO 8859-1, read as its superset Windows-1252 (WHATWG Encoding Standard).
    #[serde(rename = "latin-1")]
    Latin1,
}

/// A form in which a source writes dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum DateForm {
    /// `2020-03-01`.
    #[serde(rename = "yyyy-mm-dd")]
    Iso,
    /// `1.3.2020`.
    #[serde(rename = "d.m.yyyy")]
    Finnish,
}

/// How a source writes numbers, dates and absence.
#[derive(Debug, Clone)]
pub struct Notation {
    /// The decimal mark.
    pub decimal: char,
    /// The forms of dates, tried in order.
    pub dates: Vec<DateForm>,
    /// Texts that mean "no value", besides empty text.
    pub missing: Vec<String>,
}

impl Notation {
    /// Whether `text`, without white space at its ends, means "no value".
    #[must_use]
    pub fn is_missing(&self, text: &str) -> bool {
        text.is_empty() || self.missing.iter().any(|missing| missing == text)
    }
}

impl Default for Notation {
    fn default() -> Self {
        Self { decimal: '.', dates: vec![DateForm::Iso], missing: Vec::new() }
    }
}
