//! Survival curves that give back the persons at risk and the events of a step.
//!
//! Of a step with `d` events among `n` persons, the survival S falls by q = 1 − d/n, and Greenwood's sum grows by
//! d / (n (n − d)). With enough decimals exactly one pair (n, d) fits.

use std::collections::BTreeMap;

use super::cell::Cell;
use super::number::Decimal;
use super::shares::WholeRange;
use super::sheet::{CellColumn, Sheet};
use super::words::WORDS;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::risk::findings::CURVES;
use crate::verify::risk::limits::Limits;
use crate::verify::subject::listed;

/// Decimals of survival shares that are safe beside a number of persons.
const SAFE_DECIMALS: usize = 2;
/// Most numbers of persons that are tried for a step.
const MOST_TRIED: i64 = 10_000;
/// Relative tolerance of computed bounds.
const TOLERANCE: f64 = 1e-9;

/// A range of real numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn exact(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Returns the range of a printed number, at least 0.
    fn printed(value: f64, half: f64) -> Self {
        Self { low: (value - half).max(0.0), high: value + half }
    }

    fn over(self, other: Self) -> Self {
        Self { low: self.low / other.high, high: self.high / other.low }
    }

    fn squared(self) -> Self {
        Self { low: self.low * self.low, high: self.high * self.high }
    }

    fn minus(self, other: Self) -> Self {
        Self { low: self.low - other.high, high: self.high - other.low }
    }

    fn contains(self, value: f64) -> bool {
        let slack = TOLERANCE * value.abs();
        self.low - slack <= value && value <= self.high + slack
    }
}

/// A row of a curve.
#[derive(Debug, Clone, Copy)]
struct Step {
    survival: f64,
    error: Option<f64>,
    /// Persons at risk that the table allows.
    at_risk: Option<WholeRange>,
    /// Persons at risk and events as printed.
    printed: (Option<i64>, Option<i64>),
}

/// Precision of the columns of a curve.
#[derive(Debug, Clone, Copy)]
struct Precision {
    survival: f64,
    error: f64,
    /// `true` if the number of persons alone is enough to invert a step.
    is_fine: bool,
}

/// Meaning of a column of standard errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// There is none.
    NoError,
    /// The standard error of the survival share.
    OfSurvival,
    /// The standard error of the logarithm of the share, as statistical packages print it too.
    OfLogarithm,
}

/// Reports the curves of a subject that can be inverted.
pub(super) fn note(sheets: &[Sheet<'_>], limits: &Limits, notes: &mut Notes<'_>) {
    let curves: Vec<(&Sheet<'_>, &CellColumn)> =
        sheets.iter().filter_map(|sheet| Some((sheet, sheet.survival()?))).collect();
    if curves.is_empty() {
        let none = Text::new(
            "no table is a survival curve",
            "mikään taulukko ei ole elossaolokäyrä",
            "ingen tabell är en överlevnadskurva",
        );
        notes.note(CURVES, limits.unless_unread(Verdict::NotApplicable), none);
        return;
    }
    let inverted = curves.iter().filter(|(sheet, survival)| is_invertible(sheet, survival));
    let labels: Vec<String> = inverted.map(|(sheet, _)| sheet.table.label.clone()).collect();
    let tables = listed(&labels);
    let evidence = match labels.is_empty() {
        true => Text::new(
            "no step of a curve fits one number of persons and events only",
            "mikään käyrän porras ei sovi vain yhteen henkilöiden ja tapahtumien määrään",
            "inget steg i en kurva passar bara ett antal personer och händelser",
        ),
        false => Text::new(
            format!("steps fit one number of persons and events only: {}", tables.en),
            format!("portaat sopivat vain yhteen henkilöiden ja tapahtumien määrään: {}", tables.fi),
            format!("steg som passar bara ett antal personer och händelser: {}", tables.sv),
        ),
    };
    notes.note(CURVES, limits.verdict(!labels.is_empty()), limits.qualified(evidence));
}

/// Returns true if a step of one of the table's curves has one solution, which the table does not print.
fn is_invertible(sheet: &Sheet<'_>, survival: &CellColumn) -> bool {
    let shares = Shares::new(survival);
    let errors = sheet.standard_error().map(|column| Shares::scaled(column, shares.is_percent));
    let precision = Precision {
        survival: shares.half(),
        error: errors.as_ref().map_or(0.0, Shares::half),
        is_fine: shares.decimals > SAFE_DECIMALS,
    };
    let readings = match errors {
        None => &[Reading::NoError][..],
        Some(_) => &[Reading::OfSurvival, Reading::OfLogarithm, Reading::NoError],
    };
    let curves = curves(sheet, &shares, errors.as_ref());
    curves.values().any(|steps| readings.iter().any(|&reading| inverts(steps, precision, reading)))
}

/// Returns the steps of each curve of a table, by its labels.
fn curves<'a>(sheet: &'a Sheet<'_>, shares: &Shares, errors: Option<&Shares>) -> BTreeMap<Vec<&'a str>, Vec<Step>> {
    let at_risk = sheet.counts.iter().find(|column| column.name.is_base());
    let events = sheet.counts.iter().find(|column| column.name.has_word(&WORDS.events));
    let rounded = at_risk.filter(|column| sheet.is_rounded(column));
    let spread = rounded.map_or(0, |column| column.divisor() - 1);
    let mut curves: BTreeMap<Vec<&str>, Vec<Step>> = BTreeMap::new();
    for row in 0..sheet.rows {
        let Some(survival) = shares.values[row] else { continue };
        let persons = at_risk.and_then(|column| column.cells[row].count());
        curves.entry(group(sheet, row)).or_default().push(Step {
            survival,
            error: errors.and_then(|errors| errors.values[row]),
            at_risk: persons.map(|persons| WholeRange { low: (persons - spread).max(1), high: persons + spread }),
            printed: (persons, events.and_then(|column| column.cells[row].count())),
        });
    }
    curves
}

/// Returns the labels of a row's curve: those of all columns but the time.
fn group<'a>(sheet: &'a Sheet<'_>, row: usize) -> Vec<&'a str> {
    let named = sheet.labels.iter().position(|column| WORDS.times.iter().any(|time| column.name.contains(time)));
    let columns = sheet.labels.iter().enumerate().filter(|(position, _)| Some(*position) != named);
    columns.map(|(_, column)| column.values[row].as_str()).collect()
}

/// A column of shares between 0 and 1.
struct Shares {
    values: Vec<Option<f64>>,
    /// Printed decimals of a share between 0 and 1.
    decimals: usize,
    is_percent: bool,
}

impl Shares {
    /// Reads survival shares. Shares above 1 are per cents.
    fn new(column: &CellColumn) -> Self {
        let is_percent = column.cells.iter().filter_map(Cell::share).any(|number| number.decimal.value > 1.0);
        Self::scaled(column, is_percent)
    }

    fn scaled(column: &CellColumn, is_percent: bool) -> Self {
        let scale = |decimal: Decimal| if is_percent { decimal.hundredth() } else { decimal };
        let shares: Vec<Option<Decimal>> =
            column.cells.iter().map(|cell| cell.share().map(|number| scale(number.decimal))).collect();
        let most = shares.iter().flatten().map(|share| share.decimals).fold(0, usize::max);
        Self { values: shares.iter().map(|share| share.map(|share| share.value)).collect(), decimals: most, is_percent }
    }

    /// Returns the largest error of rounding. Zeros at the end may be missing, so the longest number decides.
    fn half(&self) -> f64 {
        Decimal { value: 0.0, decimals: self.decimals }.half()
    }
}

/// Returns true if every step with events has a solution, and one of them exactly one that is not printed.
fn inverts(steps: &[Step], precision: Precision, reading: Reading) -> bool {
    let mut before = Range::exact(1.0);
    let mut sum_before = Some(Range::exact(0.0));
    let mut last = 1.0;
    let mut is_inverted = false;
    for step in steps {
        let survival = Range::printed(step.survival, precision.survival);
        if step.survival > last || survival.low <= 0.0 {
            break;
        }
        let sum = greenwood(step, survival, precision, reading);
        if step.survival < last {
            let growth = sum.zip(sum_before).map(|(sum, before)| sum.minus(before));
            let ratio = survival.over(before);
            if reading != Reading::NoError && growth.is_none() || reading == Reading::NoError && !precision.is_fine {
                return false;
            }
            match solutions(step, ratio, growth) {
                Solutions::None => return false,
                Solutions::One(persons, events) => is_inverted |= step.printed != (Some(persons), Some(events)),
                Solutions::Several => {}
            }
        }
        before = survival;
        sum_before = sum;
        last = step.survival;
    }
    is_inverted
}

/// Returns Greenwood's sum up to a step, from its standard error.
fn greenwood(step: &Step, survival: Range, precision: Precision, reading: Reading) -> Option<Range> {
    let error = step.error.map(|error| Range::printed(error, precision.error));
    match reading {
        Reading::NoError => None,
        // Before the first event, packages leave the error out.
        _ if step.survival >= 1.0 => Some(Range::exact(0.0)),
        Reading::OfSurvival => error.map(|error| error.over(survival).squared()),
        Reading::OfLogarithm => error.map(Range::squared),
    }
}

/// Solutions of a step.
#[derive(Debug, PartialEq, Eq)]
enum Solutions {
    None,
    /// Persons at risk and events.
    One(i64, i64),
    /// More than one, or more numbers of persons than are tried.
    Several,
}

/// Finds the numbers of persons and events by which the survival falls to `ratio`, and Greenwood's sum grows.
fn solutions(step: &Step, ratio: Range, growth: Option<Range>) -> Solutions {
    let Some(persons) = persons(step, ratio, growth) else { return Solutions::Several };
    if persons.high - persons.low >= MOST_TRIED {
        return Solutions::Several;
    }
    let mut found = Solutions::None;
    for n in persons.low..=persons.high {
        let at_risk = n as f64;
        let Some(events) = WholeRange::between(at_risk * (1.0 - ratio.high), at_risk * (1.0 - ratio.low)) else {
            continue;
        };
        for d in events.low.max(1)..=events.high.min(n - 1) {
            let grown = d as f64 / (at_risk * (at_risk - d as f64));
            if growth.is_some_and(|growth| !growth.contains(grown)) {
                continue;
            }
            if found != Solutions::None {
                return Solutions::Several;
            }
            found = Solutions::One(n, d);
        }
    }
    found
}

/// Returns the numbers of persons at risk that may fit a step; `None` if nothing bounds them.
fn persons(step: &Step, ratio: Range, growth: Option<Range>) -> Option<WholeRange> {
    // Greenwood's sum grows by (1 − q) / (n q).
    let by_growth = growth.filter(|growth| growth.low > 0.0).and_then(|growth| {
        let low = (1.0 - ratio.high) / (ratio.high * growth.high);
        let high = (1.0 - ratio.low) / (ratio.low * growth.low);
        WholeRange::between(low * (1.0 - TOLERANCE), high * (1.0 + TOLERANCE))
    });
    match (step.at_risk, by_growth) {
        (Some(shown), Some(computed)) => {
            Some(WholeRange { low: shown.low.max(computed.low), high: shown.high.min(computed.high) })
        }
        (shown, computed) => shown.or(computed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a curve of exact steps (persons, events), printed with this many decimals.
    fn curve(steps: &[(i64, i64)], decimals: i32, rounds: i64) -> (Vec<Step>, Precision) {
        let unit = 10_f64.powi(decimals);
        let printed = |value: f64| (value * unit).round() / unit;
        let mut survival = 1.0;
        let mut sum = 0.0;
        let mut rows = Vec::new();
        for &(n, d) in steps {
            survival *= 1.0 - d as f64 / n as f64;
            sum += d as f64 / (n * (n - d)) as f64;
            let shown = (n + rounds / 2) / rounds * rounds;
            rows.push(Step {
                survival: printed(survival),
                error: Some(printed(survival * f64::sqrt(sum))),
                at_risk: Some(WholeRange { low: shown - rounds + 1, high: shown + rounds - 1 }),
                printed: (Some(shown), None),
            });
        }
        let half = 0.5 / unit;
        (rows, Precision { survival: half, error: half, is_fine: decimals > 2 })
    }

    const STEPS: [(i64, i64); 4] = [(63, 3), (58, 2), (55, 4), (48, 1)];

    #[test]
    fn four_decimals_and_an_error_give_back_exact_counts() {
        let (steps, precision) = curve(&STEPS, 4, 5);
        assert!(inverts(&steps, precision, Reading::OfSurvival));
        assert!(!inverts(&steps, precision, Reading::OfLogarithm));
    }

    #[test]
    fn four_decimals_beside_exact_persons_are_enough() {
        let (steps, precision) = curve(&STEPS, 4, 1);
        assert!(inverts(&steps, precision, Reading::NoError));
    }

    #[test]
    fn two_decimals_without_an_error_pass() {
        let (steps, precision) = curve(&STEPS, 2, 1);
        assert!(!inverts(&steps, precision, Reading::NoError));
    }

    #[test]
    fn steps_that_are_printed_disclose_nothing_more() {
        let (mut steps, precision) = curve(&STEPS, 4, 1);
        for (step, (n, d)) in steps.iter_mut().zip(STEPS) {
            step.printed = (Some(n), Some(d));
        }
        assert!(!inverts(&steps, precision, Reading::NoError));
    }
}
