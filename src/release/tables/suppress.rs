//! Cell suppression: sensitive cells (primary suppression), and others that protect them (secondary suppression).
//!
//! All tables of one linked table are protected together, because they share totals. A sensitive cell is protected if
//! another table agrees with every published cell but differs enough in this one (Kelly, Golden and Assad 1992;
//! Fischetti and Salazar 2001). A linear program finds the cheapest such table, and the cells in which it differs are
//! suppressed too. An attacker who computes with the published cells then finds an interval of at least that width
//! around the sensitive cell.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

/// Smaller changes are rounding errors of the solver.
const TOLERANCE: f64 = 1e-6;
/// Factor of a cell's cost for each dimension over which it is a total.
const TOTALS_COST: f64 = 4.0;

/// Cells of all tables of one linked table, each once, and the sums among them.
#[derive(Debug, Default)]
pub(super) struct System {
    /// Count or sum of each cell.
    pub(super) values: Vec<f64>,
    /// Number of dimensions over which each cell is a total.
    pub(super) totals: Vec<u32>,
    /// Each total with its parts.
    pub(super) sums: Vec<(usize, Vec<usize>)>,
}

/// A sensitive cell and its protection level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SensitiveCell {
    pub(super) cell: usize,
    /// Distance to a value that must stay possible: above the true value, or below it if negative.
    pub(super) protection: f64,
}

/// No set of suppressed cells protects a sensitive cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unprotected;

/// Change of a cell: a step up and a step down.
#[derive(Clone, Copy)]
struct Change {
    up: Variable,
    down: Variable,
}

impl Change {
    /// Returns the step up less the step down, as terms of a constraint.
    fn terms(self, sign: f64) -> [(Variable, f64); 2] {
        [(self.up, sign), (self.down, -sign)]
    }
}

/// Suppresses the `sensitive` cells, and others until each sensitive cell is protected.
///
/// # Errors
/// A sensitive cell cannot be protected.
pub(super) fn suppress(
    system: &System,
    sensitive: &[SensitiveCell],
    suppressed: &mut [bool],
) -> Result<(), Unprotected> {
    sensitive.iter().for_each(|sensitive| suppressed[sensitive.cell] = true);
    sensitive.iter().try_for_each(|sensitive| protect(system, *sensitive, suppressed))
}

fn protect(system: &System, sensitive: SensitiveCell, suppressed: &mut [bool]) -> Result<(), Unprotected> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut changes = Vec::with_capacity(system.values.len());
    for (cell, &value) in system.values.iter().enumerate() {
        let cost = if suppressed[cell] { 0.0 } else { cost(system, cell) };
        let [up, down] = if cell == sensitive.cell {
            [sensitive.protection, -sensitive.protection].map(|step| (step.max(0.0), step.max(0.0)))
        } else {
            [(0.0, f64::INFINITY), (0.0, value)]
        };
        changes.push(Change { up: problem.add_var(cost, up), down: problem.add_var(cost, down) });
    }
    for (total, parts) in &system.sums {
        let mut terms = changes[*total].terms(-1.0).to_vec();
        terms.extend(parts.iter().flat_map(|&part| changes[part].terms(1.0)));
        problem.add_constraint(&terms, ComparisonOp::Eq, 0.0);
    }
    let solved = problem.solve().ok().and_then(|solution| solution.into_solution().ok()).ok_or(Unprotected)?;
    for (cell, change) in changes.into_iter().enumerate() {
        // Equal steps up and down cancel.
        let difference = solved.var_value(change.up) - solved.var_value(change.down);
        suppressed[cell] |= difference.abs() > TOLERANCE;
    }
    Ok(())
}

/// Returns the cost of suppressing a cell: low for small cells, high for totals.
fn cost(system: &System, cell: usize) -> f64 {
    (1.0 + system.values[cell].ln_1p()) * TOTALS_COST.powi(system.totals[cell] as i32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table of these cells with its totals.
    fn table(inner: &[Vec<f64>]) -> System {
        let rows = inner.len();
        let columns = inner[0].len();
        let at = |row: usize, column: usize| row * (columns + 1) + column;
        let mut system = System { values: vec![0.0; (rows + 1) * (columns + 1)], ..System::default() };
        system.totals = (0..system.values.len())
            .map(|cell| u32::from(cell / (columns + 1) == rows) + u32::from(cell % (columns + 1) == columns))
            .collect();
        for (row, cells) in inner.iter().enumerate() {
            for (column, value) in cells.iter().enumerate() {
                for cell in [at(row, column), at(rows, column), at(row, columns), at(rows, columns)] {
                    system.values[cell] += value;
                }
            }
        }
        for row in 0..=rows {
            system.sums.push((at(row, columns), (0..columns).map(|column| at(row, column)).collect()));
        }
        for column in 0..=columns {
            system.sums.push((at(rows, column), (0..rows).map(|row| at(row, column)).collect()));
        }
        system
    }

    /// Returns the smallest and the largest possible value of a suppressed cell, given the published cells.
    fn interval(system: &System, out: &[bool], cell: usize) -> (f64, f64) {
        let end = |direction| {
            let mut problem = Problem::new(direction);
            let cells: Vec<Variable> = (0..out.len())
                .map(|at| {
                    let bounds = if out[at] { (0.0, f64::INFINITY) } else { (system.values[at], system.values[at]) };
                    problem.add_var(f64::from(u8::from(at == cell)), bounds)
                })
                .collect();
            for (total, parts) in &system.sums {
                let terms: Vec<_> = std::iter::once((cells[*total], -1.0))
                    .chain(parts.iter().map(|&part| (cells[part], 1.0)))
                    .collect();
                problem.add_constraint(&terms, ComparisonOp::Eq, 0.0);
            }
            match problem.solve() {
                Ok(solution) => solution.into_solution().unwrap().objective(),
                Err(_) => f64::INFINITY,
            }
        };
        (end(OptimizationDirection::Minimize), end(OptimizationDirection::Maximize))
    }

    #[test]
    fn one_small_cell_takes_a_rectangle_of_four() {
        let system = table(&[vec![3.0, 20.0, 30.0], vec![20.0, 40.0, 50.0], vec![30.0, 60.0, 70.0]]);
        let mut out = vec![false; system.values.len()];
        suppress(&system, &[SensitiveCell { cell: 0, protection: 5.0 }], &mut out).unwrap();
        assert_eq!(out.iter().filter(|out| **out).count(), 4);
        assert!(interval(&system, &out, 0).1 >= 8.0 - 1e-6);
    }

    #[test]
    fn a_cell_that_cannot_be_protected_is_refused() {
        let system = System { values: vec![3.0, 3.0], totals: vec![0, 0], sums: vec![(0, vec![])] };
        let mut out = vec![false; 2];
        assert_eq!(suppress(&system, &[SensitiveCell { cell: 0, protection: 5.0 }], &mut out), Err(Unprotected));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_small_cell_can_be_computed_from_the_published_cells(
            inner in (2_usize..5, 2_usize..5).prop_flat_map(|(rows, columns)| {
                proptest::collection::vec(proptest::collection::vec(prop_oneof![0_u32..8, 0_u32..200], columns), rows)
            })
        ) {
            let inner: Vec<Vec<f64>> = inner.iter().map(|row| row.iter().map(|&n| f64::from(n)).collect()).collect();
            let system = table(&inner);
            let sensitive: Vec<SensitiveCell> = (0..system.values.len())
                .filter(|&cell| (1.0..5.0).contains(&system.values[cell]))
                .map(|cell| SensitiveCell { cell, protection: 5.0 })
                .collect();
            let mut out = vec![false; system.values.len()];
            prop_assert!(suppress(&system, &sensitive, &mut out).is_ok());
            for sensitive in &sensitive {
                let (least, most) = interval(&system, &out, sensitive.cell);
                prop_assert!(most - least >= 5.0 - 1e-6, "{least} {most}");
            }
        }
    }
}
