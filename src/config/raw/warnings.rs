//! Sections `[warnings]` and `[[accept]]` of the contract as they are written.

use serde::{Deserialize, Serialize};

use salanimi_core::{Id, Month};

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// A table has rows, and the holder states no covered day for it.
    CoverageMissing,
    /// Rows of an organiser for which the holder states no coverage of the table.
    OrganiserNotDeclared,
    /// Rows on days that are not covered for their organiser.
    OutsideCoverage,
    /// Records with a code that is not in force on their day.
    NotInForce,
    /// Records with a code that would be known with zeros before it.
    ZerosLost,
    /// Rejected records.
    Rejects,
    /// Records rejected for one reason.
    RejectsOfOneReason,
    /// Invalid values of one column that were emptied.
    Emptied,
    /// Rows that repeat a unique key.
    Repeats,
    /// Rows of one person.
    OnePerson,
    /// Rows with one reference.
    OneReference,
    /// Rows of persons with temporary codes.
    Temporary,
    /// Rows on the first day of a month.
    FirstDays,
    /// A month with many more or fewer rows than the months around it.
    MonthSpike,
    /// Three months with many more or fewer rows than the three before.
    MonthStep,
    /// A code that is absent for half a year or longer.
    CodeAbsent,
    /// Rows with a code that the contract does not expect in the table.
    UnexpectedCode,
    /// Answers on the very day of what they answer.
    SameDay,
    /// Persons of a holder who are in the population.
    Overlap,
    /// References that no table of the population has.
    ReferencesNotFound,
}

/// Thresholds of one warning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Beyond this the run warns. Default: that of the code.
    pub warn: Option<f64>,
    /// Beyond this the run stops. Default: that of the code.
    pub stop: Option<f64>,
}

impl Threshold {
    /// Thresholds that warn and never stop.
    #[must_use]
    pub fn warning(warn: f64) -> Self {
        Self { warn: Some(warn), stop: None }
    }

    /// Thresholds that warn and stop.
    #[must_use]
    pub fn both(warn: f64, stop: f64) -> Self {
        Self { warn: Some(warn), stop: Some(stop) }
    }
}

/// A warning that is known and explained. It neither warns nor stops.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Code of the warning.
    pub code: WarningCode,
    /// Optional: only warnings about this table.
    pub table: Option<Id>,
    /// Optional: only warnings about this column.
    pub column: Option<Id>,
    /// Optional: only warnings about this month, `yyyy-mm`.
    pub month: Option<Month>,
    /// The explanation, which the linkage report prints.
    pub reason: String,
}
