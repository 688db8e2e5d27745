//! Kaplan-Meier curves, on a grid whose every step has enough people.
//!
//! The estimate at a step is that of all event times up to it; bands are those of the complementary log-log transform with
//! Greenwood's variance (Kalbfleisch and Prentice 2002, section 1.4), 95 %.

use std::collections::BTreeMap;

use super::column::{Column, NO_VALUE, persons};
use super::dataset::Dataset;
use super::error::ReleaseError;
use crate::config::raw::release::Curve as Spec;
use crate::config::{CurveRow, CurveSource};
use crate::text::{COUNT_BASE, rounded};
use salanimi_core::Id;

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// What is known of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Followed {
    pub(super) time: u32,
    pub(super) happened: bool,
}

/// A point of a curve.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// The value of the column by which persons are told apart.
    pub(super) group: String,
    pub(super) time: u32,
    /// People still followed just before, and those to whom it happened since the step before: rounded to base 5.
    pub(super) at_risk: u64,
    pub(super) events: u64,
    /// The share to whom it has not happened by then, with its standard error and band.
    pub(super) survival: f64,
    pub(super) error: f64,
    pub(super) band: (f64, f64),
}

/// A curve that may leave.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) name: Id,
    /// The column by which persons are told apart.
    pub(super) by: String,
    pub(super) steps: Vec<Step>,
    /// What was done and why, in words.
    pub(super) done: Vec<String>,
}

/// The curve of a specification.
pub(super) fn curve(dataset: &Dataset<'_>, spec: &Spec, min_cell: u32) -> Result<Curve, ReleaseError> {
    let source = dataset.curve_source(spec)?;
    let groups = first_of_each(dataset, spec, &source)?;
    let mut steps = Vec::new();
    let mut left_out = 0;
    for (group, followed) in groups {
        let found = grid(&group, followed, u64::from(min_cell));
        left_out += usize::from(found.is_empty());
        steps.extend(found);
    }
    let mut done = vec![format!(
        "people are counted once, by their first {}; a step is shown where at least {min_cell} are still followed and it happened \
         to at least {min_cell} since the step before; numbers of people are rounded to multiples of {COUNT_BASE}",
        source.counted_by
    )];
    if left_out > 0 {
        done.push(format!("{left_out} groups are left out, because no step has so many"));
    }
    let by = spec.by.as_ref().map_or_else(|| "group".to_owned(), Id::to_string);
    Ok(Curve { name: spec.name.clone(), by, steps, done })
}

/// The points of a curve that may be shown.
pub(super) fn grid(group: &str, mut followed: Vec<Followed>, min_cell: u64) -> Vec<Step> {
    followed.sort_unstable();
    let (mut survival, mut variance, mut gathered) = (1.0, 0.0, 0);
    let mut at_risk = followed.len() as u64;
    let mut steps = Vec::new();
    for of_time in followed.chunk_by(|a, b| a.time == b.time) {
        let events = of_time.iter().filter(|one| one.happened).count() as u64;
        let (people, happened) = (at_risk as f64, events as f64);
        at_risk -= of_time.len() as u64;
        if events == 0 {
            continue;
        }
        survival *= 1.0 - happened / people;
        variance += happened / (people * (people - happened));
        gathered += events;
        if gathered >= min_cell && at_risk >= min_cell {
            let error = survival * variance.sqrt();
            steps.push(Step {
                group: group.to_owned(),
                time: of_time[0].time,
                at_risk: rounded(at_risk + of_time.len() as u64),
                events: rounded(gathered),
                survival,
                error,
                band: band(survival, error),
            });
            gathered = 0;
        }
    }
    steps
}

/// The band of a share with a standard error, by the complementary log-log transform.
fn band(survival: f64, error: f64) -> (f64, f64) {
    let spread = Z * error / (survival * survival.ln());
    let end = |sign: f64| survival.powf((sign * spread).exp());
    let (a, b) = (end(-1.0), end(1.0));
    (a.min(b), a.max(b))
}

type Groups = BTreeMap<String, Vec<Followed>>;

/// Of each person, the row that counts: the first by the order of the curve's source.
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
        groups.entry(table.group(row)).or_default().push(Followed { time, happened: event });
    }
    Ok(groups)
}

/// A table's columns, person by person.
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

    /// The text of each of the source's columns; empty for an absent value.
    fn cells(&self, row: usize) -> Vec<String> {
        let text = |column: &Column| column.of[row].map_or_else(String::new, |at| column.values[at as usize].text());
        self.columns.iter().map(text).collect()
    }

    fn group(&self, row: usize) -> String {
        match &self.by {
            None => super::TOTAL.to_owned(),
            Some(by) => by.of[row].map_or_else(|| NO_VALUE.to_owned(), |at| by.values[at as usize].text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(times: &[(u32, bool)]) -> Vec<Followed> {
        times.iter().map(|&(time, happened)| Followed { time, happened }).collect()
    }

    #[test]
    fn the_estimate_is_the_product_of_those_who_stay() {
        // Ten people: two events of ten at 1, one censored at 2, two of seven at 3.
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
        assert!(steps.iter().all(|step| step.band.0 < step.survival && step.survival < step.band.1));
    }

    #[test]
    fn a_step_has_at_least_the_minimum_of_events_and_of_people() {
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
