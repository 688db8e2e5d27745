//! Kaplan-Meier curves, on a grid whose every step has enough persons.
//!
//! The estimate at a step uses all event times up to it. Bands are at 95 %, by the complementary log-log transform with
//! Greenwood's variance (Kalbfleisch and Prentice 2002, section 1.4).

use std::collections::BTreeMap;

use super::column::{Column, persons};
use super::dataset::Dataset;
use super::error::ReleaseError;
use super::value::{NO_VALUE, TOTAL};
use crate::config::raw::release::Curve as Spec;
use crate::config::{CurveRow, CurveSource};
use crate::text::{COUNT_BASE, rounded};
use salanimi_core::Id;

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Follow-up of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FollowUp {
    /// Time of the event, or of the end of follow-up, in the unit of the curve.
    pub(super) time: u32,
    /// `true` if the event happened, `false` if the follow-up is censored.
    pub(super) happened: bool,
}

/// A point of a curve.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// Value of the grouping column.
    pub(super) group: String,
    pub(super) time: u32,
    /// Persons at risk just before, rounded to base 5.
    pub(super) at_risk: u64,
    /// Events since the step before, rounded to base 5.
    pub(super) events: u64,
    /// Share of persons without the event, from 0 to 1.
    pub(super) survival: f64,
    /// Standard error of the share.
    pub(super) error: f64,
    /// 95 % confidence band of the share.
    pub(super) band: Band,
}

/// A confidence band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub(super) lower: f64,
    pub(super) upper: f64,
}

/// A curve that may leave.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) name: Id,
    /// Title of the grouping column.
    pub(super) by: String,
    pub(super) steps: Vec<Step>,
    /// Description of the protection.
    pub(super) done: Vec<String>,
}

/// Returns the curve of a specification.
pub(super) fn curve(dataset: &Dataset<'_>, spec: &Spec, min_cell: u32) -> Result<Curve, ReleaseError> {
    let source = dataset.curve_source(spec)?;
    let groups = first_of_each(dataset, spec, &source)?;
    let mut steps = Vec::new();
    let mut suppressed = 0;
    for (group, followed) in groups {
        let found = grid(&group, followed, u64::from(min_cell));
        suppressed += usize::from(found.is_empty());
        steps.extend(found);
    }
    let mut done = vec![format!(
        "each person is counted once, from the first {}; a step is shown if at least {min_cell} persons are still \
         followed and at least {min_cell} had the event since the step before; numbers of persons are rounded to \
         multiples of {COUNT_BASE}",
        source.counted_by
    )];
    if suppressed > 0 {
        done.push(format!("{suppressed} groups are suppressed, because no step has that many persons"));
    }
    let by = spec.by.as_ref().map_or_else(|| "group".to_owned(), Id::to_string);
    Ok(Curve { name: spec.name.clone(), by, steps, done })
}

/// Returns the points of a curve that may be shown.
///
/// The estimate is `S(t) = Π (1 - d / n)` over event times up to `t`, with `d` events among `n` persons at risk. A
/// point needs
/// `min_cell` events since the point before and `min_cell` persons who stay at risk.
pub(super) fn grid(group: &str, mut followed: Vec<FollowUp>, min_cell: u64) -> Vec<Step> {
    followed.sort_unstable();
    let mut survival = 1.0;
    let mut variance = 0.0;
    let mut events_since = 0;
    let mut at_risk = followed.len() as u64;
    let mut steps = Vec::new();
    for at_time in followed.chunk_by(|a, b| a.time == b.time) {
        let events = at_time.iter().filter(|person| person.happened).count() as u64;
        let before = at_risk;
        at_risk -= at_time.len() as u64;
        if events == 0 {
            continue;
        }
        survival *= 1.0 - events as f64 / before as f64;
        variance += events as f64 / (before as f64 * (before - events) as f64);
        events_since += events;
        if events_since >= min_cell && at_risk >= min_cell {
            let error = survival * f64::sqrt(variance);
            steps.push(Step {
                group: group.to_owned(),
                time: at_time[0].time,
                at_risk: rounded(before),
                events: rounded(events_since),
                survival,
                error,
                band: band(survival, error),
            });
            events_since = 0;
        }
    }
    steps
}

/// Returns the 95 % band of a share: `S^exp(±z·se / (S·ln S))`, the complementary log-log transform.
fn band(survival: f64, error: f64) -> Band {
    let spread = Z * error / (survival * survival.ln());
    let [one, other] = [-spread, spread].map(|spread| survival.powf(spread.exp()));
    Band { lower: one.min(other), upper: one.max(other) }
}

type Groups = BTreeMap<String, Vec<FollowUp>>;

/// Returns the follow-up from each person's first row, by group.
fn first_of_each(dataset: &Dataset<'_>, spec: &Spec, source: &CurveSource) -> Result<Groups, ReleaseError> {
    let table = Table::load(dataset, spec, source)?;
    let coverage = &dataset.manifest.coverage;
    let mut groups = Groups::new();
    let rows: Vec<usize> = (0..table.persons.len()).collect();
    for of_person in rows.chunk_by(|&a, &b| table.persons[a] == table.persons[b]) {
        let counted = of_person.iter().filter_map(|&row| Some(((source.row)(&table.cells(row), coverage)?, row)));
        let Some((CurveRow { time, event, .. }, row)) = counted.min_by_key(|(counted, row)| (counted.order, *row))
        else {
            continue;
        };
        groups.entry(table.group(row)).or_default().push(FollowUp { time, happened: event });
    }
    Ok(groups)
}

/// Columns of a table whose rows are sorted by person.
struct Table {
    persons: Vec<u64>,
    columns: Vec<Column>,
    by: Option<Column>,
}

impl Table {
    fn load(dataset: &Dataset<'_>, spec: &Spec, source: &CurveSource) -> Result<Self, ReleaseError> {
        let table = dataset.table(&spec.name, source.table)?;
        let wanted = source.columns.iter().copied().chain(spec.by.as_ref().map(Id::as_str));
        let positions: Vec<usize> =
            wanted.map(|column| dataset.releasable(&spec.name, table, column)).collect::<Result<_, _>>()?;
        let opened = dataset.open_table(table)?;
        let mut columns = Column::load(&opened, &positions)?;
        let by = spec.by.as_ref().and_then(|_| columns.pop());
        Ok(Self { persons: persons(&opened, 0)?, columns, by })
    }

    /// Returns the text of each of the source's columns; an empty cell is an empty text.
    fn cells(&self, row: usize) -> Vec<String> {
        let cells = self.columns.iter().map(|column| match column.positions[row] {
            Some(at) => column.values[at as usize].text(),
            None => String::new(),
        });
        cells.collect()
    }

    fn group(&self, row: usize) -> String {
        match &self.by {
            None => TOTAL.to_owned(),
            Some(by) => by.positions[row].map_or_else(|| NO_VALUE.to_owned(), |at| by.values[at as usize].text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(times: &[(u32, bool)]) -> Vec<FollowUp> {
        times.iter().map(|&(time, happened)| FollowUp { time, happened }).collect()
    }

    #[test]
    fn the_estimate_is_a_product_of_shares_without_the_event() {
        // Ten persons: two events of ten at 1, one censored at 2, two of seven at 3.
        let times = [
            (1, true),
            (1, true),
            (2, false),
            (3, true),
            (3, true),
            (5, false),
            (5, false),
            (6, true),
            (7, false),
            (8, false),
        ];
        let steps = grid("all", followed(&times), 1);
        let survival: Vec<f64> = steps.iter().map(|step| step.survival).collect();
        assert!((survival[0] - 0.8).abs() < 1e-12 && (survival[1] - 0.8 * 5.0 / 7.0).abs() < 1e-12);
        assert_eq!(steps.iter().map(|step| step.time).collect::<Vec<_>>(), [1, 3, 6]);
        assert!(steps.iter().all(|step| step.band.lower < step.survival && step.survival < step.band.upper));
    }

    #[test]
    fn a_step_has_at_least_the_minimum_of_events_and_persons() {
        let times: Vec<(u32, bool)> = (0..40).map(|n| (n / 2, n % 3 != 0)).collect();
        let steps = grid("all", followed(&times), 5);
        assert!(!steps.is_empty() && steps.len() < 8);
        assert!(steps.iter().all(|step| step.events >= 5 && step.at_risk >= 5));
        assert!(grid("all", followed(&[(1, true); 4]), 5).is_empty());
    }

    #[test]
    fn the_estimate_at_a_step_is_that_of_all_events_before() {
        let times: Vec<(u32, bool)> = (0..100).map(|n| (n * 7 % 40, n % 4 != 0)).collect();
        let all = grid("all", followed(&times), 1);
        for step in grid("all", followed(&times), 9) {
            let same = all.iter().find(|other| other.time == step.time).unwrap();
            assert!((same.survival - step.survival).abs() < 1e-12 && (same.error - step.error).abs() < 1e-12);
        }
    }
}
