//! Warnings about runs that may have gone wrong, as manifests and accounting files hold them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::{Column, Consequence, Contract, WarningCode, Warnings};
use salanimi_core::{Id, Month, Reason};

/// A measured value beyond its threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// What it is about.
    pub code: WarningCode,
    /// Consequence.
    pub level: Level,
    /// Data holder; `None` for all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Id>,
    /// Table.
    pub table: Id,
    /// Column of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Id>,
    /// Month; the first of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// Code of the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Reason for which records were rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Number that is compared: rows, records, persons or references, as the code says.
    pub part: u64,
    /// Number that it is compared with.
    pub whole: u64,
}

/// Consequence of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// None: the contract explains it.
    Accepted,
    /// The run goes on.
    Warns,
    /// The run stops.
    Stops,
}

impl Warning {
    /// Returns a measured value without a consequence yet.
    #[must_use]
    pub fn measured(code: WarningCode, table: &Id, part: u64, whole: u64) -> Self {
        Self {
            code,
            level: Level::Accepted,
            holder: None,
            table: table.clone(),
            column: None,
            month: None,
            value: None,
            reason: None,
            part,
            whole,
        }
    }

    /// Returns the warning with rounded numbers, for a screen.
    #[must_use]
    pub fn with_numbers(&self, round: impl Fn(u64) -> u64) -> Self {
        Self { part: round(self.part), whole: round(self.whole), ..self.clone() }
    }

    /// Returns the explanation that the contract gives, if any.
    #[must_use]
    pub fn explanation<'a>(&self, warnings: &'a Warnings) -> Option<&'a str> {
        warnings.explanation(self.code, &self.table, self.column.as_ref(), self.month)
    }

    /// Returns the warning if its value is beyond a threshold. With `strict`, a warning stops the run.
    fn judged(self, warnings: &Warnings, strict: bool) -> Option<Self> {
        let consequence = warnings.consequence(self.code, self.part, self.whole)?;
        let level = match (self.explanation(warnings), consequence) {
            (Some(_), _) => Level::Accepted,
            (None, Consequence::Warns) if !strict => Level::Warns,
            (None, _) => Level::Stops,
        };
        Some(Self { level, ..self })
    }

    /// Returns what was measured, which no two warnings of a holder's run share.
    pub(super) fn measure(&self) -> impl Ord {
        let Self { code, table, column, month, value, reason, .. } = self;
        (*code, table, column, *month, value, *reason)
    }

    /// Returns true if every name is the contract's, so that no free text travels.
    pub(super) fn is_of(&self, contract: &Contract) -> bool {
        let Some((_, table)) = contract.table(self.table.as_str()) else { return false };
        let column = self.column.as_ref().map(|name| table.column(name.as_str()).map(|at| &table.columns[at]));
        let has_code = |code: &String| {
            let codes = column.flatten().and_then(Column::value);
            codes.is_some_and(|value| value.codes().is_some_and(|codes| codes.position(code).is_some()))
        };
        let window = contract.study.window;
        let months = Month::of(window.first)..=Month::of(window.last);
        column.is_none_or(|column| column.is_some())
            && self.value.as_ref().is_none_or(has_code)
            && self.month.is_none_or(|month| months.contains(&month))
    }
}

/// Returns the measured values that are beyond a threshold, each with its consequence. With `strict`, every warning
/// that the contract does not explain stops the run.
#[must_use]
pub fn judged(measured: Vec<Warning>, warnings: &Warnings, strict: bool) -> Vec<Warning> {
    measured.into_iter().filter_map(|warning| warning.judged(warnings, strict)).collect()
}

/// Returns the warnings that the contract does not explain, those that stop the run first; `None` if none stops it.
#[must_use]
pub fn reasons_to_stop(warnings: &[Warning]) -> Option<String> {
    let stops = of_level(warnings, Level::Stops);
    let others = of_level(warnings, Level::Warns);
    (!stops.is_empty()).then(|| [stops, others].concat().join(" | "))
}

fn of_level(warnings: &[Warning], level: Level) -> Vec<String> {
    warnings.iter().filter(|warning| warning.level == level).map(ToString::to_string).collect()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: table '{}'", self.code.name(), self.table)?;
        if let Some(column) = &self.column {
            write!(f, ", column '{column}'")?;
        }
        if let Some(value) = &self.value {
            write!(f, ", code '{value}'")?;
        }
        if let Some(month) = &self.month {
            write!(f, ", {month}")?;
        }
        let Self { part, whole, .. } = self;
        match self.code {
            WarningCode::CoverageMissing => {
                write!(f, ": {whole} rows, but no covered day; add [[coverage]] to the holder file")
            }
            WarningCode::OrganiserNotDeclared => write!(
                f,
                ": {part} of {whole} rows name an organiser without [[coverage]]; add it, or check the codes (a \
                 spreadsheet turns 091 into 91)"
            ),
            WarningCode::OutsideCoverage => {
                write!(
                    f,
                    ": {part} of {whole} rows lie on days that are not covered; check [[coverage]] and the source"
                )
            }
            WarningCode::NotInForce => write!(
                f,
                ": {part} of {whole} records have a code that is not in force on their day; check the codes (a \
                 spreadsheet turns 091 into 91) and the dates"
            ),
            WarningCode::ZerosLost => write!(
                f,
                ": {part} of {whole} records have a code that is known only with zeros before it (91 may be 091); \
                 export codes as text"
            ),
            WarningCode::Rejects => write!(f, ": {part} of {whole} records were rejected; see the ledger for reasons"),
            WarningCode::RejectsOfOneReason => {
                let reason = self.reason.map_or("", Reason::name);
                write!(f, ": {part} of {whole} records were rejected for one reason, {reason}; see the ledger")
            }
            WarningCode::Emptied => {
                write!(f, ": {part} of {whole} values are invalid and were emptied; see the reasons with --dry-run")
            }
            WarningCode::Repeats => {
                write!(f, ": {part} of {whole} records repeat a unique key; was a file exported or listed twice?")
            }
            WarningCode::OnePerson => {
                write!(f, ": about {part} of {whole} rows are of one person; is the identifier a placeholder?")
            }
            WarningCode::OneReference => write!(
                f,
                ": about {part} of {whole} rows have one reference; if it is a placeholder, add it to `missing` in the \
                 holder file"
            ),
            WarningCode::Temporary => {
                write!(f, ": {part} of {whole} rows are of persons with temporary codes, who link to no other holder")
            }
            WarningCode::FirstDays => {
                write!(f, ": {part} of {whole} rows are on the first day of a month; does the source know the days?")
            }
            WarningCode::MonthSpike => {
                write!(
                    f,
                    ": {part} rows, against {whole} in the median of the months around it; is the export complete?"
                )
            }
            WarningCode::MonthStep => {
                write!(f, ": {part} rows from this month in three months, {whole} in the three before; explain it")
            }
            WarningCode::CodeAbsent => write!(
                f,
                ": absent from this month on for half a year or longer, though {part} of {whole} rows have it; did the \
                 source's layout change?"
            ),
            WarningCode::UnexpectedCode => write!(
                f,
                ": {part} of {whole} rows have a code that the contract does not expect here; check the source's codes"
            ),
            WarningCode::SameDay => write!(
                f,
                ": {part} of {whole} answers are on the same day as the record that they answer; do they record its \
                 arrival?"
            ),
            WarningCode::Overlap => {
                let holder = self.holder.as_ref().map_or("", Id::as_str);
                write!(
                    f,
                    ": {part} of {whole} persons of '{holder}' are in the population; do both sides write identifiers \
                     alike and mean the same people?"
                )
            }
            WarningCode::ReferencesNotFound => write!(
                f,
                ": {part} of {whole} references are in no table of the population; do both sides write them alike?"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_of_every_code_says_where_and_how_much() {
        for code in WarningCode::ALL {
            let warning = Warning {
                column: Some(Id::new("ward").unwrap()),
                month: Some(Month::try_from("2018-03".to_owned()).unwrap()),
                holder: Some(Id::new("north").unwrap()),
                reason: Some(Reason::Date),
                ..Warning::measured(code, &Id::new("visits").unwrap(), 17, 4_321)
            };
            let text = warning.to_string();
            assert!(text.starts_with(code.name()) && text.contains("'visits'") && text.contains("4321"), "{text}");
            assert!(text.contains("17") || code == WarningCode::CoverageMissing, "{text}");
        }
    }
}
