//! Warnings about runs that may have gone wrong: their thresholds and the explained ones.

use std::collections::BTreeMap;

use super::error::Problem;
use super::raw::warnings::{Accept, Threshold, WarningCode};
use super::table::{Located, Table};
use salanimi_core::{Id, Month};

/// Thresholds of all warnings, and those that are accepted.
#[derive(Debug)]
pub struct Warnings {
    changed: BTreeMap<WarningCode, Threshold>,
    accepted: Vec<Accept>,
}

/// Consequence of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// The run goes on.
    Warns,
    /// The run stops.
    Stops,
}

/// Comparison of a measured value with a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// A share of the whole, which must not be above the threshold.
    Share,
    /// A share of the whole, which must be above the threshold.
    Overlap,
    /// A number of records, which must be below the threshold.
    Count,
    /// A ratio to another number, which must not be above the threshold or below its inverse.
    Ratio,
}

impl WarningCode {
    /// Every code, in the order of the declaration.
    pub const ALL: [Self; 20] = [
        Self::CoverageMissing,
        Self::OrganiserNotDeclared,
        Self::OutsideCoverage,
        Self::NotInForce,
        Self::ZerosLost,
        Self::Rejects,
        Self::RejectsOfOneReason,
        Self::Emptied,
        Self::Repeats,
        Self::OnePerson,
        Self::OneReference,
        Self::Temporary,
        Self::FirstDays,
        Self::MonthSpike,
        Self::MonthStep,
        Self::CodeAbsent,
        Self::UnexpectedCode,
        Self::SameDay,
        Self::Overlap,
        Self::ReferencesNotFound,
    ];

    /// Returns the name, as contracts and reports write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CoverageMissing => "coverage_missing",
            Self::OrganiserNotDeclared => "organiser_not_declared",
            Self::OutsideCoverage => "outside_coverage",
            Self::NotInForce => "not_in_force",
            Self::ZerosLost => "zeros_lost",
            Self::Rejects => "rejects",
            Self::RejectsOfOneReason => "rejects_of_one_reason",
            Self::Emptied => "emptied",
            Self::Repeats => "repeats",
            Self::OnePerson => "one_person",
            Self::OneReference => "one_reference",
            Self::Temporary => "temporary",
            Self::FirstDays => "first_days",
            Self::MonthSpike => "month_spike",
            Self::MonthStep => "month_step",
            Self::CodeAbsent => "code_absent",
            Self::UnexpectedCode => "unexpected_code",
            Self::SameDay => "same_day",
            Self::Overlap => "overlap",
            Self::ReferencesNotFound => "references_not_found",
        }
    }

    /// Returns the thresholds that apply if the contract sets none.
    #[must_use]
    pub fn default_threshold(self) -> Threshold {
        match self {
            Self::CoverageMissing => Threshold { warn: None, stop: Some(0.0) },
            Self::OrganiserNotDeclared | Self::NotInForce => Threshold::both(0.0, 0.01),
            Self::OutsideCoverage | Self::Repeats => Threshold::warning(0.05),
            Self::ZerosLost => Threshold::warning(10.0),
            Self::Rejects => Threshold::warning(0.02),
            Self::RejectsOfOneReason | Self::Emptied | Self::CodeAbsent => Threshold::warning(0.01),
            Self::OnePerson => Threshold::both(0.1, 0.5),
            Self::OneReference => Threshold::warning(0.1),
            Self::Temporary => Threshold::warning(0.03),
            Self::FirstDays | Self::ReferencesNotFound => Threshold::warning(0.2),
            Self::UnexpectedCode => Threshold::warning(0.0),
            Self::SameDay => Threshold::warning(0.3),
            Self::MonthSpike => Threshold::warning(1.5),
            Self::MonthStep => Threshold::warning(1.33),
            Self::Overlap => Threshold::both(0.05, 0.0),
        }
    }

    fn measure(self) -> Measure {
        match self {
            Self::Overlap => Measure::Overlap,
            Self::ZerosLost => Measure::Count,
            Self::MonthSpike | Self::MonthStep => Measure::Ratio,
            _ => Measure::Share,
        }
    }

    /// Returns true if `part` of `whole` is beyond `threshold`.
    fn is_beyond(self, threshold: f64, part: u64, whole: u64) -> bool {
        let part = part as f64;
        let whole = whole as f64;
        match self.measure() {
            Measure::Share => part > threshold * whole,
            Measure::Overlap => part <= threshold * whole,
            Measure::Count => part >= threshold,
            Measure::Ratio => whole > 0.0 && (part > threshold * whole || part * threshold < whole),
        }
    }
}

impl Warnings {
    /// Returns the thresholds of the contract.
    pub(super) fn new(
        changed: &BTreeMap<WarningCode, Threshold>,
        accepted: &[Accept],
        tables: &[Table],
    ) -> Result<Self, Located> {
        for (code, threshold) in changed {
            check(*code, *threshold).map_err(|problem| (format!("warnings, {}", code.name()), problem))?;
        }
        for accept in accepted {
            let table = accept.table.as_ref().filter(|name| tables.iter().all(|table| table.name != **name));
            if let Some(name) = table {
                return Err(("accept".to_owned(), Problem::Unknown { name: name.to_string() }));
            }
        }
        Ok(Self { changed: changed.clone(), accepted: accepted.to_vec() })
    }

    /// Returns the consequence of `part` of `whole` being so, or `None` within the thresholds.
    #[must_use]
    pub fn consequence(&self, code: WarningCode, part: u64, whole: u64) -> Option<Consequence> {
        let default = code.default_threshold();
        let changed = self.changed.get(&code).map_or_else(Threshold::default, |changed| *changed);
        let is_beyond = |threshold: Option<f64>| threshold.is_some_and(|limit| code.is_beyond(limit, part, whole));
        if is_beyond(changed.stop.or(default.stop)) {
            return Some(Consequence::Stops);
        }
        is_beyond(changed.warn.or(default.warn)).then_some(Consequence::Warns)
    }

    /// Returns the explanation of a warning, if it is accepted.
    #[must_use]
    pub fn explanation(
        &self,
        code: WarningCode,
        table: &Id,
        column: Option<&Id>,
        month: Option<Month>,
    ) -> Option<&str> {
        let matches = |accept: &&Accept| {
            accept.code == code
                && accept.table.as_ref().is_none_or(|name| name == table)
                && accept.column.as_ref().is_none_or(|name| Some(name) == column)
                && accept.month.is_none_or(|accepted| Some(accepted) == month)
        };
        self.accepted.iter().find(matches).map(|accept| accept.reason.as_str())
    }
}

/// Refuses thresholds that cannot apply.
fn check(code: WarningCode, threshold: Threshold) -> Result<(), Problem> {
    // A limit of the contract stops these.
    if code == WarningCode::Rejects && threshold.stop.is_some() {
        return Err(Problem::StopOfRejects);
    }
    let given = [threshold.warn, threshold.stop].into_iter().flatten();
    if given.into_iter().any(|number| !number.is_finite() || number < 0.0) {
        return Err(Problem::Threshold);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(changed: &[(WarningCode, Threshold)], accepted: &[Accept]) -> Warnings {
        Warnings::new(&changed.iter().copied().collect(), accepted, &[]).unwrap()
    }

    #[test]
    fn the_written_name_is_the_serialised_one() {
        for code in WarningCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }

    #[test]
    fn a_share_warns_above_its_threshold_and_an_overlap_at_or_below() {
        let found = warnings(&[], &[]);
        let cases = [
            (WarningCode::Repeats, 5, 100, None),
            (WarningCode::Repeats, 6, 100, Some(Consequence::Warns)),
            (WarningCode::NotInForce, 1, 1_000, Some(Consequence::Warns)),
            (WarningCode::NotInForce, 11, 1_000, Some(Consequence::Stops)),
            (WarningCode::NotInForce, 0, 1_000, None),
            (WarningCode::Overlap, 6, 100, None),
            (WarningCode::Overlap, 5, 100, Some(Consequence::Warns)),
            (WarningCode::Overlap, 0, 100, Some(Consequence::Stops)),
            (WarningCode::ZerosLost, 9, 1_000_000, None),
            (WarningCode::ZerosLost, 10, 1_000_000, Some(Consequence::Warns)),
            (WarningCode::MonthSpike, 150, 100, None),
            (WarningCode::MonthSpike, 151, 100, Some(Consequence::Warns)),
            (WarningCode::MonthSpike, 66, 100, Some(Consequence::Warns)),
            (WarningCode::MonthSpike, 5, 0, None),
        ];
        for (code, part, whole, expected) in cases {
            assert_eq!(found.consequence(code, part, whole), expected, "{code:?} {part} of {whole}");
        }
    }

    #[test]
    fn a_contract_changes_one_threshold_and_keeps_the_other() {
        let changed = Threshold { warn: None, stop: Some(0.5) };
        let found = warnings(&[(WarningCode::Repeats, changed)], &[]);
        assert_eq!(found.consequence(WarningCode::Repeats, 6, 100), Some(Consequence::Warns));
        assert_eq!(found.consequence(WarningCode::Repeats, 51, 100), Some(Consequence::Stops));
    }

    #[test]
    fn an_accepted_warning_is_found_by_what_it_names() {
        let january = Month::try_from("2018-01".to_owned()).unwrap();
        let accept = Accept {
            code: WarningCode::MonthStep,
            table: None,
            column: None,
            month: Some(january),
            reason: "a new law".to_owned(),
        };
        let found = warnings(&[], &[accept]);
        let table = Id::new("visits").unwrap();
        assert_eq!(found.explanation(WarningCode::MonthStep, &table, None, Some(january)), Some("a new law"));
        assert_eq!(found.explanation(WarningCode::MonthStep, &table, None, Some(january.plus(1))), None);
        assert_eq!(found.explanation(WarningCode::MonthSpike, &table, None, Some(january)), None);
    }
}
