//! Which cells are left out: small ones, and as many others as it takes that nobody can compute them.
//!
//! All tables that are counted from one linked table are protected together, because they share totals. A cell that must not
//! be known is protected by showing that there is another table that says the same in every published cell and something
//! well apart in this one (Kelly, Golden and Assad 1992; Fischetti and Salazar 2001): a linear program finds the cheapest
//! change of that kind, and the cells that it changes are left out too. So whoever computes with the published cells finds
//! an interval around the left-out one that is at least as wide as the change.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

/// Cells that are changed by less are not.
const SMALL: f64 = 1e-6;
/// How much dearer a cell is for each dimension over which it is a total.
const TOTALS_COST: f64 = 4.0;

/// The cells of all tables of one linked table, each once, and the sums that hold among them.
#[derive(Debug, Default)]
pub(super) struct System {
    /// What each cell counts, or sums.
    pub(super) values: Vec<f64>,
    /// Over how many dimensions each cell is a total.
    pub(super) totals: Vec<u32>,
    /// A total and its parts.
    pub(super) sums: Vec<(usize, Vec<usize>)>,
}

/// A cell that must not be known, and how far from its value an onlooker must be left in the dark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Secret {
    pub(super) cell: usize,
    /// More than the value, or less if negative.
    pub(super) apart: f64,
}

/// That a cell cannot be protected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unprotected;

/// Leaves out the `secrets`, and more cells until each is protected; `out` says which are left out.
pub(super) fn suppress(system: &System, secrets: &[Secret], out: &mut [bool]) -> Result<(), Unprotected> {
    secrets.iter().for_each(|secret| out[secret.cell] = true);
    secrets.iter().try_for_each(|secret| protect(system, *secret, out))
}

fn protect(system: &System, secret: Secret, out: &mut [bool]) -> Result<(), Unprotected> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let changes: Vec<(Variable, Variable)> = (0..system.values.len())
        .map(|cell| {
            let cost = if out[cell] { 0.0 } else { cost(system, cell) };
            let (up, down) = match cell == secret.cell {
                true => (
                    (secret.apart.max(0.0), secret.apart.max(0.0)),
                    ((-secret.apart).max(0.0), (-secret.apart).max(0.0)),
                ),
                false => ((0.0, f64::INFINITY), (0.0, system.values[cell])),
            };
            (problem.add_var(cost, up), problem.add_var(cost, down))
        })
        .collect();
    for (total, parts) in &system.sums {
        let terms = |cell: usize, sign: f64| [(changes[cell].0, sign), (changes[cell].1, -sign)];
        let terms: Vec<(Variable, f64)> =
            terms(*total, -1.0).into_iter().chain(parts.iter().flat_map(|&part| terms(part, 1.0))).collect();
        problem.add_constraint(&terms, ComparisonOp::Eq, 0.0);
    }
    let solved = problem.solve().ok().and_then(|solution| solution.into_solution().ok()).ok_or(Unprotected)?;
    for (cell, (up, down)) in changes.into_iter().enumerate() {
        // A cell that goes up and down alike is not changed.
        let change = solved.var_value(up) - solved.var_value(down);
        out[cell] |= change.abs() > SMALL;
    }
    Ok(())
}

/// What leaving a cell out costs: little for small cells, much for totals.
fn cost(system: &System, cell: usize) -> f64 {
    (1.0 + system.values[cell].ln_1p()) * TOTALS_COST.powi(system.totals[cell] as i32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A table of `rows` × `columns` cells with its totals.
    fn table(inner: &[Vec<f64>]) -> System {
        let (rows, columns) = (inner.len(), inner[0].len());
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

    /// The least and the most that a left-out cell can be for whoever knows the others.
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
        suppress(&system, &[Secret { cell: 0, apart: 5.0 }], &mut out).unwrap();
        assert_eq!(out.iter().filter(|out| **out).count(), 4);
        assert!(interval(&system, &out, 0).1 >= 8.0 - 1e-6);
    }

    #[test]
    fn a_cell_that_nothing_can_hide_is_refused() {
        let system = System { values: vec![3.0, 3.0], totals: vec![0, 0], sums: vec![(0, vec![])] };
        let mut out = vec![false; 2];
        assert_eq!(suppress(&system, &[Secret { cell: 0, apart: 5.0 }], &mut out), Err(Unprotected));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_small_cell_can_be_computed_from_what_is_published(
            inner in (2_usize..5, 2_usize..5).prop_flat_map(|(rows, columns)| {
                proptest::collection::vec(proptest::collection::vec(prop_oneof![0_u32..8, 0_u32..200], columns), rows)
            })
        ) {
            let inner: Vec<Vec<f64>> = inner.iter().map(|row| row.iter().map(|&n| f64::from(n)).collect()).collect();
            let system = table(&inner);
            let secrets: Vec<Secret> = (0..system.values.len())
                .filter(|&cell| (1.0..5.0).contains(&system.values[cell]))
                .map(|cell| Secret { cell, apart: 5.0 })
                .collect();
            let mut out = vec![false; system.values.len()];
            prop_assert!(suppress(&system, &secrets, &mut out).is_ok());
            for secret in &secrets {
                let (least, most) = interval(&system, &out, secret.cell);
                prop_assert!(most - least >= 5.0 - 1e-6, "{least} {most}");
            }
        }
    }
}
