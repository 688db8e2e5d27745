//! Rows and persons by month: the plots, the breaks in time, and the numbers behind them.

use serde::Serialize;

use super::view::View;
use crate::config::Break;
use crate::exchange::{Count, TableAccount};
use crate::text::{grouped, rounded};
use salanimi_core::{Day, Month};

/// Place and size of the plot area, in the picture's units.
const LEFT: f64 = 64.0;
const WIDTH: f64 = 566.0;
const TOP: f64 = 30.0;
const HEIGHT: f64 = 150.0;
/// Numbers of breaks that stand closer than this are put one below the other.
const LEAST_DISTANCE: f64 = 17.0;
/// Heights of the numbers of breaks.
const UPPER_MARK: f64 = TOP - 19.0;
const LOWER_MARK: f64 = TOP - 2.0;
/// The most lines across the plot.
const MOST_TICKS: u64 = 5;
/// The smallest distance of two lines across the plot: counts are multiples of it.
const LEAST_TICK: u64 = 5;

/// Persons and rows of one table by month.
#[derive(Serialize)]
pub(super) struct Plot {
    table: String,
    /// SVG paths through the published months.
    persons: String,
    rows: String,
    /// Centres of the points of `persons`.
    points: Vec<(String, String)>,
    months: Vec<Tick>,
    counts: Vec<Tick>,
    marks: Vec<Mark>,
    /// The published months with the fewest and the most persons.
    lowest: Option<MonthPersons>,
    highest: Option<MonthPersons>,
    /// Number of months with complete days that are suppressed.
    suppressed: usize,
}

#[derive(Clone, Serialize)]
pub(super) struct MonthPersons {
    month: String,
    persons: String,
}

#[derive(Serialize)]
struct Tick {
    at: String,
    label: String,
}

/// A break in time on the plot.
#[derive(Serialize)]
struct Mark {
    /// Its number in the list of breaks.
    number: usize,
    from: String,
    /// Width of the band, if the change was temporary.
    width: Option<String>,
    /// Place of the number.
    centre: String,
    height: String,
}

/// A break in time in words.
#[derive(Serialize)]
pub(super) struct BreakText {
    number: usize,
    text: String,
    /// `true` if it lies in the window.
    inside: bool,
}

/// A month's row in the table of numbers: for each source table, persons and rows.
#[derive(Serialize)]
pub(super) struct MonthRow {
    month: String,
    counts: Vec<[String; 2]>,
}

/// Months of the observation window, along the plot.
#[derive(Clone, Copy)]
struct TimeAxis {
    first: Month,
    months: usize,
}

/// Counts of one month that may be shown.
#[derive(Clone, Copy)]
struct ShownMonth {
    persons: u64,
    rows: u64,
}

impl View<'_> {
    fn axis(&self) -> TimeAxis {
        let window = self.contract.study.window;
        TimeAxis::new(Month::of(window.first), Month::of(window.last))
    }

    /// A plot for each source table that is counted by month.
    pub(super) fn plots(&self) -> Vec<Plot> {
        self.by_month().map(|table| self.plot(table)).collect()
    }

    pub(super) fn by_month(&self) -> impl Iterator<Item = &TableAccount> {
        self.accounting.tables.iter().filter(|table| !table.by_month.is_empty())
    }

    fn plot(&self, table: &TableAccount) -> Plot {
        let axis = self.axis();
        let months: Vec<Option<ShownMonth>> = axis.iter().map(|month| self.shown(table, month)).collect();
        let scale = Scale::to(months.iter().flatten().map(|month| month.persons.max(month.rows)).max());
        let persons = axis.points(&scale, months.iter().map(|month| month.map(|month| month.persons)));
        let rows = axis.points(&scale, months.iter().map(|month| month.map(|month| month.rows)));
        let by_persons: Vec<(u64, usize)> =
            months.iter().enumerate().filter_map(|(at, month)| Some(((*month)?.persons, at))).collect();
        Plot {
            table: self.title(&table.table),
            persons: path(&persons),
            rows: path(&rows),
            points: persons.iter().flatten().map(|(x, y)| (tenths(*x), tenths(*y))).collect(),
            months: axis.years(),
            counts: scale.ticks(),
            marks: axis.marks(self.contract.words.breaks(), &table.table),
            lowest: by_persons.iter().min_by_key(|(persons, _)| *persons).map(|month| axis.month_persons(*month)),
            highest: by_persons.iter().max_by_key(|(persons, _)| *persons).map(|month| axis.month_persons(*month)),
            suppressed: axis
                .iter()
                .zip(&months)
                .filter(|(at, month)| month.is_none() && self.covers(table, *at))
                .count(),
        }
    }

    /// Returns true if a day of the month is complete for an organiser of the table.
    fn covers(&self, table: &TableAccount, month: Month) -> bool {
        let mut coverage = self.manifest.coverage.iter().filter(|entry| entry.table.as_str() == table.table);
        coverage.any(|entry| Month::of(entry.first) <= month && month <= Month::of(entry.last))
    }

    /// Returns the counts of a month; `None` if the persons are few.
    fn shown(&self, table: &TableAccount, month: Month) -> Option<ShownMonth> {
        let count = table.by_month.get(&month.to_string())?;
        Some(ShownMonth { persons: self.cells.count(count.persons)?, rows: rounded(count.rows) })
    }

    /// The breaks in time, as they are numbered on the plots.
    pub(super) fn breaks(&self) -> Vec<BreakText> {
        let axis = self.axis();
        let numbered = (1..).zip(self.contract.words.breaks());
        let text = |(number, change): (usize, &Break)| BreakText {
            number,
            text: self.text(&change.text),
            inside: axis.contains(change),
        };
        numbered.map(text).collect()
    }

    /// The numbers behind the plots.
    pub(super) fn month_rows(&self) -> Vec<MonthRow> {
        self.axis().iter().map(|month| self.month_row(&month.to_string())).collect()
    }

    fn month_row(&self, month: &str) -> MonthRow {
        let counts = self.by_month().map(|table| {
            let Count { rows, persons, .. } = table.by_month.get(month).copied().unwrap_or(Count::ZERO);
            [self.cells.persons(persons), self.cells.rows(rows, persons)]
        });
        MonthRow { month: month.to_owned(), counts: counts.collect() }
    }
}

impl TimeAxis {
    fn new(first: Month, last: Month) -> Self {
        // The contract was refused if its window is empty.
        Self { first, months: last.since(first).max(0) as usize + 1 }
    }

    fn iter(self) -> impl Iterator<Item = Month> {
        (0..self.months).map(move |at| self.first.plus(at as i32))
    }

    /// Width of one month.
    fn step(self) -> f64 {
        WIDTH / self.months as f64
    }

    /// A point in the middle of each month that is shown.
    fn points(self, scale: &Scale, counts: impl Iterator<Item = Option<u64>>) -> Vec<Option<(f64, f64)>> {
        let x = |at: usize| LEFT + (at as f64 + 0.5) * self.step();
        counts.enumerate().map(|(at, count)| Some((x(at), scale.y(count?)))).collect()
    }

    fn month_persons(self, (persons, at): (u64, usize)) -> MonthPersons {
        MonthPersons { month: self.first.plus(at as i32).to_string(), persons: grouped(persons) }
    }

    /// A tick at the start of each year.
    fn years(self) -> Vec<Tick> {
        let mut ticks = Vec::new();
        for (at, month) in self.iter().enumerate().filter(|(_, month)| month.first_day().month() == 1) {
            let label = month.first_day().year().to_string();
            ticks.push(Tick { at: tenths(LEFT + at as f64 * self.step()), label });
        }
        ticks
    }

    /// Returns true if the break, or a part of it, lies in the window.
    fn contains(self, change: &Break) -> bool {
        let end = self.first.plus(self.months as i32).first_day();
        change.last.unwrap_or(change.first) >= self.first.first_day() && change.first < end
    }

    fn x(self, day: Day) -> f64 {
        let month = Month::of(day);
        let days = f64::from(month.plus(1).first_day().since(month.first_day()));
        let at = f64::from(month.since(self.first)) + f64::from(day.day() - 1) / days;
        LEFT + at.clamp(0.0, self.months as f64) * self.step()
    }

    /// Marks of the breaks that concern `table` and lie in the window.
    fn marks(self, breaks: &[Break], table: &str) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        let mut previous = f64::NEG_INFINITY;
        let mut lower = false;
        let numbered = (1..).zip(breaks).filter(|(_, change)| self.contains(change) && change.concerns(table));
        for (number, change) in numbered {
            let from = self.x(change.first);
            let width = change.last.map(|last| self.x(last.next()) - from);
            let centre = from + width.map_or(0.0, |width| width / 2.0);
            lower = centre - previous < LEAST_DISTANCE && !lower;
            previous = centre;
            marks.push(Mark {
                number,
                from: tenths(from),
                width: width.map(tenths),
                centre: tenths(centre),
                height: tenths(if lower { LOWER_MARK } else { UPPER_MARK }),
            });
        }
        marks
    }
}

/// Counts as heights.
struct Scale {
    step: u64,
    top: u64,
}

impl Scale {
    /// A scale that ends at a round number not below `most`.
    fn to(most: Option<u64>) -> Self {
        let most = most.map_or(1, |most| most.max(1));
        let mut step = LEAST_TICK;
        for power in 0.. {
            let steps = [1, 2, 5].map(|digit| 10_u64.saturating_pow(power).saturating_mul(digit));
            if let Some(fits) = steps.into_iter().find(|step| *step >= LEAST_TICK && most.div_ceil(*step) <= MOST_TICKS)
            {
                step = fits;
                break;
            }
        }
        Self { step, top: most.div_ceil(step).saturating_mul(step) }
    }

    fn y(&self, count: u64) -> f64 {
        TOP + HEIGHT * (1.0 - count as f64 / self.top as f64)
    }

    fn ticks(&self) -> Vec<Tick> {
        let counts = (0..=self.top / self.step).map(|at| at * self.step);
        counts.map(|count| Tick { at: tenths(self.y(count)), label: grouped(count) }).collect()
    }
}

/// SVG path through the points, interrupted where a month is suppressed.
fn path(points: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    let mut command = 'M';
    for point in points {
        if let Some((x, y)) = point {
            path += &format!("{command}{} {}", tenths(*x), tenths(*y));
        }
        command = if point.is_some() { 'L' } else { 'M' };
    }
    path
}

fn tenths(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Label;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn change(first: &str, last: Option<&str>, tables: &[&str]) -> Break {
        Break {
            first: day(first),
            last: last.map(day),
            tables: tables.iter().map(|name| salanimi_core::Id::new(name).unwrap()).collect(),
            text: Label::same("change"),
        }
    }

    #[test]
    fn breaks_stand_on_their_days_and_their_numbers_do_not_cover_each_other() {
        let axis = TimeAxis::new(Month::of(day("2017-01-01")), Month::of(day("2019-12-01")));
        let breaks = [
            change("2017-01-01", Some("2017-03-31"), &[]),
            change("2017-10-21", None, &[]),
            change("2017-10-30", None, &["visits"]),
            change("2017-11-01", None, &["stays"]),
            change("2023-01-01", None, &[]),
        ];
        let marks = axis.marks(&breaks, "visits");
        assert_eq!(marks.iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(marks[0].from, "64.0");
        assert_eq!(marks[0].width.as_deref(), Some("47.2"));
        // 9 months and 20 of 31 days.
        assert_eq!(marks[1].from, tenths(LEFT + (9.0 + 20.0 / 31.0) * WIDTH / 36.0));
        assert_ne!(marks[1].height, marks[2].height);
    }

    #[test]
    fn no_line_is_drawn_over_a_suppressed_month() {
        let points = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.0))];
        assert_eq!(path(&points), "M0.0 1.0L1.0 2.0M3.0 4.0");
    }

    #[test]
    fn a_scale_ends_at_a_round_number() {
        for (most, step, top) in [(0, 5, 5), (5, 5, 5), (23, 5, 25), (26, 10, 30), (4210, 1000, 5000)] {
            let scale = Scale::to(Some(most));
            assert_eq!((scale.step, scale.top), (step, top), "{most}");
        }
    }
}
