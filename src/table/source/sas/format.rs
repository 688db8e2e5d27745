//! How a holder file describes SAS data sets.

use super::super::csv::Encoding;

/// What a SAS data set does not tell itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SasFormat {
    /// Encoding of its texts, in place of the one that it states.
    pub encoding: Option<Encoding>,
    /// Columns of numbers that count days since 1960-01-01, besides those with a display format of dates.
    pub days: Vec<String>,
    /// Columns of numbers that count seconds since 1960-01-01, besides those with a display format of times.
    pub seconds: Vec<String>,
}
