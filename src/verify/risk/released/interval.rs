//! Bounds of hidden whole numbers from linear equations, tightened to a fixpoint.
//!
//! Each equation bounds each of its cells by the bounds of the others. Where few cells depend on each other, each end
//! and each half of an interval is then tried: it goes if the equations contradict it.

use std::collections::VecDeque;

/// Upper bound of a cell without one. Sums of all cells of the largest table stay far below the end of an `i64`.
pub(super) const UNBOUNDED: i64 = 1 << 40;
/// Most cells that depend on each other for which parts of intervals are tried.
const MOST_PROBED: usize = 64;
/// Steps of tightening of a set of dependent cells: this many, and as many again for each term of its equations. The
/// bounds hold when they end early; they are only wider.
const STEPS: usize = 200_000;
const STEPS_PER_TERM: usize = 400;

/// Possible values of a cell, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub low: i64,
    pub high: i64,
}

impl Interval {
    /// Returns true if one value is left.
    pub(super) fn is_exact(self) -> bool {
        self.low == self.high
    }
}

/// A sum of hidden cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Equation {
    /// Cells with the sign of each, 1 or -1.
    pub terms: Vec<(usize, i64)>,
    pub sum: i64,
}

/// Tightens the intervals of cells. Cells of equations that contradict each other have none.
pub(super) fn tightened(declared: &[Interval], equations: &[Equation]) -> Vec<Option<Interval>> {
    let mut result: Vec<Option<Interval>> = declared.iter().copied().map(Some).collect();
    for component in components(declared.len(), equations) {
        let cells = &component.cells;
        let mut system = System::new(declared, equations, &component);
        let holds = system.tighten();
        for (position, &cell) in cells.iter().enumerate() {
            result[cell] = holds.then(|| system.intervals[position]);
        }
    }
    result
}

/// Cells that depend on each other, and the equations between them.
#[derive(Default)]
struct Component {
    cells: Vec<usize>,
    equations: Vec<usize>,
}

/// Returns the sets of dependent cells.
fn components(cells: usize, equations: &[Equation]) -> Vec<Component> {
    let mut parents: Vec<usize> = (0..cells).collect();
    for equation in equations {
        for pair in equation.terms.windows(2) {
            let one = root(&mut parents, pair[0].0);
            let other = root(&mut parents, pair[1].0);
            parents[one] = other;
        }
    }
    let mut by_root: Vec<Component> = (0..cells).map(|_| Component::default()).collect();
    for cell in 0..cells {
        by_root[root(&mut parents, cell)].cells.push(cell);
    }
    for (number, equation) in equations.iter().enumerate() {
        if let Some((cell, _)) = equation.terms.first() {
            by_root[root(&mut parents, *cell)].equations.push(number);
        }
    }
    by_root.retain(|component| !component.equations.is_empty());
    by_root
}

fn root(parents: &mut [usize], cell: usize) -> usize {
    let mut at = cell;
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// The equations of one set of dependent cells.
struct System {
    intervals: Vec<Interval>,
    equations: Vec<Equation>,
    /// Equations of each cell.
    of_cell: Vec<Vec<usize>>,
    steps: usize,
}

impl System {
    fn new(declared: &[Interval], equations: &[Equation], component: &Component) -> Self {
        let position = |cell: usize| component.cells.partition_point(|&other| other < cell);
        let mut own: Vec<Equation> = Vec::with_capacity(component.equations.len());
        for &number in &component.equations {
            let Equation { terms, sum } = &equations[number];
            own.push(Equation { terms: terms.iter().map(|&(cell, sign)| (position(cell), sign)).collect(), sum: *sum });
        }
        let mut of_cell = vec![Vec::new(); component.cells.len()];
        for (number, equation) in own.iter().enumerate() {
            equation.terms.iter().for_each(|&(cell, _)| of_cell[cell].push(number));
        }
        let terms: usize = own.iter().map(|equation| equation.terms.len()).sum();
        Self {
            intervals: component.cells.iter().map(|&cell| declared[cell]).collect(),
            equations: own,
            of_cell,
            steps: STEPS + STEPS_PER_TERM * terms,
        }
    }

    /// Tightens all intervals. Returns false if the equations contradict each other.
    fn tighten(&mut self) -> bool {
        if !self.propagate((0..self.equations.len()).collect()) {
            return false;
        }
        let cells = self.intervals.len();
        let mut unchanged = 0;
        let mut cell = 0;
        while cells <= MOST_PROBED && unchanged < cells && self.steps > 0 {
            match self.probe(cell) {
                Probe::Contradiction => return false,
                Probe::Tightened => unchanged = 0,
                Probe::Unchanged => {
                    unchanged += 1;
                    cell = (cell + 1) % cells;
                }
            }
        }
        true
    }

    /// Tries the parts of a cell's interval, and removes the first that is contradictory.
    fn probe(&mut self, cell: usize) -> Probe {
        let Interval { low, high } = self.intervals[cell];
        if low == high {
            return Probe::Unchanged;
        }
        let middle = low + (high - low) / 2;
        let halves = [(middle + 1, high, low, middle), (low, middle, middle + 1, high)];
        let ends = [(high, high, low, high - 1), (low, low, low + 1, high)];
        for (low, high, rest_low, rest_high) in halves.into_iter().chain(ends) {
            if self.contradicts(cell, Interval { low, high }) {
                self.intervals[cell] = Interval { low: rest_low, high: rest_high };
                let changed = self.of_cell[cell].iter().copied().collect();
                return if self.propagate(changed) { Probe::Tightened } else { Probe::Contradiction };
            }
        }
        Probe::Unchanged
    }

    /// Returns true if the cell cannot have a value of `part`.
    fn contradicts(&mut self, cell: usize, part: Interval) -> bool {
        let before = self.intervals.clone();
        self.intervals[cell] = part;
        let changed = self.of_cell[cell].iter().copied().collect();
        let holds = self.propagate(changed);
        self.intervals = before;
        !holds
    }

    /// Tightens by the equations in `open` until nothing changes. Returns false for a contradiction.
    fn propagate(&mut self, mut open: VecDeque<usize>) -> bool {
        let mut is_open = vec![false; self.equations.len()];
        open.iter().for_each(|&number| is_open[number] = true);
        while let Some(number) = open.pop_front() {
            is_open[number] = false;
            let Some(changed) = self.apply(number) else { return false };
            for other in changed.iter().flat_map(|&cell| &self.of_cell[cell]) {
                if !std::mem::replace(&mut is_open[*other], true) {
                    open.push_back(*other);
                }
            }
            let terms = self.equations[number].terms.len();
            self.steps = self.steps.saturating_sub(terms);
            if self.steps == 0 {
                return true;
            }
        }
        true
    }

    /// Bounds the cells of an equation by each other. Returns the cells that changed, or `None` for a contradiction.
    fn apply(&mut self, number: usize) -> Option<Vec<usize>> {
        let Equation { terms, sum } = &self.equations[number];
        let signed: Vec<Interval> = terms.iter().map(|&(cell, sign)| times(self.intervals[cell], sign)).collect();
        let low: i64 = signed.iter().map(|term| term.low).sum();
        let high: i64 = signed.iter().map(|term| term.high).sum();
        let mut changed = Vec::new();
        for (&(cell, sign), term) in terms.iter().zip(&signed) {
            let tight =
                Interval { low: term.low.max(sum - (high - term.high)), high: term.high.min(sum - (low - term.low)) };
            if tight.low > tight.high {
                return None;
            }
            if tight != *term {
                self.intervals[cell] = times(tight, sign);
                changed.push(cell);
            }
        }
        Some(changed)
    }
}

/// Result of trying the parts of an interval.
enum Probe {
    Unchanged,
    Tightened,
    Contradiction,
}

/// Returns the interval of the values times `sign`.
fn times(interval: Interval, sign: i64) -> Interval {
    if sign > 0 { interval } else { Interval { low: -interval.high, high: -interval.low } }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(low: i64, high: i64) -> Interval {
        Interval { low, high }
    }

    fn sum(cells: &[usize], sum: i64) -> Equation {
        Equation { terms: cells.iter().map(|&cell| (cell, 1)).collect(), sum }
    }

    #[test]
    fn one_hidden_cell_of_a_sum_follows() {
        let found = tightened(&[between(0, UNBOUNDED); 2], &[sum(&[0], 3)]);
        assert_eq!(found, [Some(between(3, 3)), Some(between(0, UNBOUNDED))]);
    }

    #[test]
    fn two_hidden_cells_of_a_sum_are_bounded() {
        assert_eq!(tightened(&[between(1, 4); 2], &[sum(&[0, 1], 7)]), [Some(between(3, 4)); 2]);
    }

    #[test]
    fn a_ring_of_three_sums_is_solved_by_trying() {
        let rings = [sum(&[0, 1], 5), sum(&[1, 2], 6), sum(&[0, 2], 7)];
        let found = tightened(&[between(0, UNBOUNDED); 3], &rings);
        assert_eq!(found, [3, 2, 4].map(|value| Some(between(value, value))));
    }

    #[test]
    fn contradictory_sums_have_no_bounds() {
        let found = tightened(&[between(1, 4), between(0, 9)], &[sum(&[0], 7), sum(&[1], 2)]);
        assert_eq!(found, [None, Some(between(2, 2))]);
        let creeping =
            [Equation { terms: vec![(0, 1), (1, -1)], sum: 1 }, Equation { terms: vec![(1, 1), (0, -1)], sum: 1 }];
        // Bounds creep towards a contradiction that lies too far away. The search ends.
        assert_eq!(tightened(&[between(0, UNBOUNDED); 2], &creeping).len(), 2);
    }

    /// Sides of the tables of the property test.
    const SIDE: usize = 3;
    /// Largest count of these tables.
    const LARGEST: i64 = 3;

    /// Rows, columns and all of a table, as sums of its hidden cells.
    fn two_way(values: &[i64], hidden: &[bool]) -> (Vec<usize>, Vec<Equation>) {
        let cells: Vec<usize> = (0..values.len()).filter(|&cell| hidden[cell]).collect();
        let mut equations = Vec::new();
        for line in 0..SIDE {
            for is_row in [true, false] {
                let of_line = |cell: usize| if is_row { cell / SIDE == line } else { cell % SIDE == line };
                let own: Vec<usize> = (0..cells.len()).filter(|&position| of_line(cells[position])).collect();
                let total = own.iter().map(|&position| values[cells[position]]).sum();
                equations.push(sum(&own, total));
            }
        }
        equations.retain(|equation| !equation.terms.is_empty());
        (cells, equations)
    }

    /// Tries every table with cells from 0 to [`LARGEST`], and returns the least and the largest value of each cell.
    fn slow_bounds(cells: usize, equations: &[Equation]) -> Vec<Interval> {
        let mut found = vec![between(LARGEST + 1, -1); cells];
        for number in 0..(LARGEST + 1).pow(cells as u32) {
            let value = |cell: usize| number / (LARGEST + 1).pow(cell as u32) % (LARGEST + 1);
            let holds = |equation: &Equation| {
                equation.terms.iter().map(|&(cell, sign)| sign * value(cell)).sum::<i64>() == equation.sum
            };
            if equations.iter().all(holds) {
                for (cell, interval) in found.iter_mut().enumerate() {
                    *interval = between(interval.low.min(value(cell)), interval.high.max(value(cell)));
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn bounds_of_two_way_tables_equal_a_slow_search(
            values in prop::collection::vec(0..=LARGEST, SIDE * SIDE),
            hidden in prop::collection::vec(prop::bool::weighted(0.6), SIDE * SIDE),
        ) {
            let (cells, equations) = two_way(&values, &hidden);
            prop_assume!(cells.len() < 8);
            let found = tightened(&vec![between(0, LARGEST); cells.len()], &equations);
            let slow: Vec<Option<Interval>> = slow_bounds(cells.len(), &equations).into_iter().map(Some).collect();
            prop_assert_eq!(found, slow);
        }

        #[test]
        fn bounds_of_any_sums_hold_every_solution(
            values in prop::collection::vec(0..=LARGEST, 5),
            sums in prop::collection::vec(prop::collection::vec(-1..=1_i64, 5), 1..5),
        ) {
            let equation = |signs: &Vec<i64>| {
                let signs = signs.iter().copied().enumerate();
                let terms: Vec<(usize, i64)> = signs.filter(|(_, sign)| *sign != 0).collect();
                let sum = terms.iter().map(|&(cell, sign)| sign * values[cell]).sum();
                Equation { terms, sum }
            };
            let equations: Vec<Equation> = sums.iter().map(equation).filter(|sum| !sum.terms.is_empty()).collect();
            let found = tightened(&[between(0, LARGEST); 5], &equations);
            for (fast, slow) in found.iter().zip(slow_bounds(5, &equations)) {
                let fast = fast.unwrap();
                prop_assert!(fast.low <= slow.low && fast.high >= slow.high, "{:?} {:?}", fast, slow);
            }
        }
    }
}
