//! Rates: shares of rows with a flag, with intervals, from protected numbers.

use super::item::Item;
use super::protect::Protected;
use super::query::Query;
use super::sheet::Cells;
use super::table::dimensions;

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// A share of fewer known rows is not shown.
const LEAST_KNOWN: i64 = 30;

/// Numbers of one outcome in one cell.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    yes: i64,
    no: i64,
    unknown: i64,
}

/// A share and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate {
    share: f64,
    lower: f64,
    upper: f64,
}

/// Returns the columns of rates: a row for each cell and outcome.
pub(super) fn columns(item: &Item<'_>, numbers: &[Vec<Protected>], design_effect: f64) -> Vec<(String, Cells)> {
    let cells = &item.queries[0];
    let outcomes = &item.queries[1..];
    let rows: Vec<(usize, usize)> =
        (0..cells.cells()).flat_map(|cell| (0..outcomes.len()).map(move |outcome| (cell, outcome))).collect();
    let found: Vec<Outcome> = rows.iter().map(|&(cell, at)| outcome(&outcomes[at], &numbers[at + 1], cell)).collect();
    let rates: Vec<Option<Rate>> = found.iter().map(|outcome| rate(*outcome, design_effect)).collect();
    let number = |of: &dyn Fn(usize) -> i64| Cells::Count((0..rows.len()).map(of).collect());
    let share = |of: fn(Rate) -> f64| Cells::Share(rates.iter().map(|rate| rate.map(of)).collect());
    let mut columns = dimensions(cells, &rows.iter().map(|(cell, _)| *cell).collect::<Vec<_>>());
    let names = rows.iter().map(|&(_, at)| name(&outcomes[at]));
    columns.push(("outcome".to_owned(), Cells::Text(names.collect())));
    columns.push(("persons".to_owned(), number(&|row| numbers[0][rows[row].0].number())));
    columns.push(("n".to_owned(), number(&|row| found[row].yes + found[row].no)));
    columns.push(("yes".to_owned(), number(&|row| found[row].yes)));
    columns.push(("share".to_owned(), share(|rate| rate.share)));
    columns.push(("lower".to_owned(), share(|rate| rate.lower)));
    columns.push(("upper".to_owned(), share(|rate| rate.upper)));
    columns.push(("unknown".to_owned(), number(&|row| found[row].unknown)));
    columns
}

/// Returns the name of the flag on a query's last axis.
fn name(query: &Query) -> String {
    query.axes[query.axes.len() - 1].dimension.title.clone()
}

/// Returns the numbers of an outcome in a cell. The outcome's axis is the last, with the labels `false`, `true` and
/// `(unknown)`.
fn outcome(query: &Query, numbers: &[Protected], cell: usize) -> Outcome {
    let width = query.axes[query.axes.len() - 1].width();
    let [no, yes, unknown] = [0, 1, 2].map(|at| numbers[cell * width + at].number());
    Outcome { yes, no, unknown }
}

/// Returns the share of `yes` among the known with its 95 % interval: Wilson's, for a number of rows lowered by the
/// design effect.
fn rate(outcome: Outcome, design_effect: f64) -> Option<Rate> {
    let known = outcome.yes + outcome.no;
    if known < LEAST_KNOWN {
        return None;
    }
    let share = outcome.yes as f64 / known as f64;
    let n = known as f64 / design_effect;
    let centre = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let width = 1.0 + Z * Z / n;
    Some(Rate { share, lower: ((centre - spread) / width).max(0.0), upper: ((centre + spread) / width).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons_for_fewer_rows() {
        // statsmodels 0.14: proportion_confint(40, 100, method="wilson") is 0.30940, 0.49800.
        let plain = rate(Outcome { yes: 40, no: 60, unknown: 5 }, 1.0).unwrap();
        assert!((plain.lower - 0.30940).abs() < 1e-5 && (plain.upper - 0.49800).abs() < 1e-5, "{plain:?}");
        let wider = rate(Outcome { yes: 40, no: 60, unknown: 5 }, 1.2).unwrap();
        assert!(wider.lower < plain.lower && wider.upper > plain.upper);
    }

    #[test]
    fn a_share_of_few_is_not_shown() {
        assert_eq!(rate(Outcome { yes: 10, no: 15, unknown: 100 }, 1.2), None);
        assert!(rate(Outcome { yes: 30, no: 0, unknown: 0 }, 1.2).unwrap().upper <= 1.0);
    }
}
