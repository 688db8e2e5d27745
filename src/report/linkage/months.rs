//! Rows and persons by month, drawn: where points and lines stand, and the breaks in time.

use serde::Serialize;

use super::View;
use super::cells::grouped;
use crate::config::{Break, breaks};
use crate::exchange::{Count, TableAccount};
use salanimi_core::{Day, Month};

/// Where the plot begins and how much room it has, in the picture's units.
const LEFT: f64 = 64.0;
const WIDTH: f64 = 566.0;
const TOP: f64 = 30.0;
const HEIGHT: f64 = 150.0;
/// Numbers of breaks that stand closer than this are put one below the other.
const APART: f64 = 17.0;
/// The most lines across the plot.
const MOST_TICKS: u64 = 5;

/// Persons and rows of one table by month.
#[derive(Serialize)]
pub(super) struct Plot {
    table: String,
    /// The way of the pen over the months that are told.
    persons: String,
    rows: String,
    /// Where the months' persons stand.
    points: Vec<(String, String)>,
    months: Vec<Tick>,
    counts: Vec<Tick>,
    marks: Vec<Mark>,
    /// The months with the fewest and the most persons of those that are told.
    lowest: Option<Told>,
    highest: Option<Told>,
    /// How many months of the window are not told.
    untold: usize,
}

#[derive(Clone, Serialize)]
pub(super) struct Told {
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
    /// As the list of breaks numbers it.
    number: usize,
    from: String,
    /// How wide it is, if it passed again.
    width: Option<String>,
    /// Where its number stands.
    centre: String,
    height: String,
}

/// A break in time in words.
#[derive(Serialize)]
pub(super) struct Described<'a> {
    number: usize,
    text: &'a str,
    /// Whether it lies in the window.
    inside: bool,
}

/// A month's row in the table of numbers: for each source table rows and persons.
#[derive(Serialize)]
pub(super) struct MonthRow {
    month: String,
    counts: Vec<[String; 2]>,
}

impl View<'_> {
    /// The first month of the study's window and how many months it has.
    fn window(&self) -> (Month, usize) {
        let window = self.contract.study.window;
        let (first, last) = (Month::of(window.first), Month::of(window.last));
        (first, usize::try_from(last.since(first) + 1).unwrap_or(0))
    }

    /// A plot for each source table that is counted by month.
    pub(super) fn plots(&self) -> Vec<Plot> {
        self.by_month().map(|table| self.plot(table)).collect()
    }

    pub(super) fn by_month(&self) -> impl Iterator<Item = &TableAccount> {
        self.accounting.tables.iter().filter(|table| !table.by_month.is_empty())
    }

    fn plot(&self, table: &TableAccount) -> Plot {
        let (first, months) = self.window();
        let step = WIDTH / months.max(1) as f64;
        let told: Vec<Option<[u64; 2]>> = (0..months).map(|at| self.told(table, first.plus(at as i32))).collect();
        let scale = Scale::to(told.iter().flatten().flatten().copied().max().unwrap_or(0));
        let x = |at: usize| LEFT + (at as f64 + 0.5) * step;
        let place = |which: usize| {
            let of = told.iter().enumerate().map(move |(at, told)| (at, told.map(|told| told[which])));
            of.map(|(at, count)| count.map(|count| (x(at), scale.y(count)))).collect::<Vec<_>>()
        };
        let by_persons = told.iter().enumerate().filter_map(|(at, told)| Some((told.as_ref()?[0], at)));
        let words =
            |(persons, at): (u64, usize)| Told { month: name(first.plus(at as i32)), persons: grouped(persons) };
        Plot {
            table: self.title(&table.table),
            persons: path(&place(0)),
            rows: path(&place(1)),
            points: place(0).into_iter().flatten().map(|(x, y)| (tenths(x), tenths(y))).collect(),
            months: years(first, months, step),
            counts: scale.ticks(),
            marks: marks(first, months, step),
            lowest: by_persons.clone().min_by_key(|(persons, _)| *persons).map(words),
            highest: by_persons.max_by_key(|(persons, _)| *persons).map(words),
            untold: told.iter().filter(|told| told.is_none()).count(),
        }
    }

    /// Persons and rows of a month; none if the persons are few.
    fn told(&self, table: &TableAccount, month: Month) -> Option<[u64; 2]> {
        let count = table.by_month.get(&name(month))?;
        Some([self.cells.count(count.persons)?, crate::text::rounded(count.rows)])
    }

    /// The breaks in time, as they are numbered on the plots.
    pub(super) fn breaks(&self) -> Vec<Described<'static>> {
        let (first, months) = self.window();
        let described = breaks().iter().zip(1..).map(|(b, number)| Described {
            number,
            text: self.pick(&b.en, &b.fi),
            inside: is_inside(b, first, months),
        });
        described.collect()
    }

    /// The numbers behind the plots.
    pub(super) fn month_rows(&self) -> Vec<MonthRow> {
        let (first, months) = self.window();
        let row = |at: usize| {
            let month = name(first.plus(at as i32));
            let counts = self.by_month().map(|table| {
                let Count { rows, persons, .. } = table.by_month.get(&month).copied().unwrap_or_default();
                [self.cells.persons(persons), self.cells.rows(rows, persons)]
            });
            MonthRow { counts: counts.collect(), month }
        };
        (0..months).map(row).collect()
    }
}

/// Counts as heights.
struct Scale {
    step: u64,
    top: u64,
}

impl Scale {
    /// One that ends at a round number from `most` on.
    fn to(most: u64) -> Self {
        let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.saturating_pow(power)));
        let fits = |step: &u64| *step >= 5 && most.div_ceil(*step) <= MOST_TICKS;
        let step = steps.take(60).find(fits).unwrap_or(u64::MAX);
        Self { step, top: most.div_ceil(step).max(1).saturating_mul(step) }
    }

    fn y(&self, count: u64) -> f64 {
        TOP + HEIGHT * (1.0 - count as f64 / self.top as f64)
    }

    fn ticks(&self) -> Vec<Tick> {
        let counts = (0..=self.top / self.step).map(|at| at * self.step);
        counts.map(|count| Tick { at: tenths(self.y(count)), label: grouped(count) }).collect()
    }
}

/// The way of the pen: lifted where a month is not told.
fn path(places: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    let mut down = false;
    for place in places {
        if let Some((x, y)) = place {
            path += &format!("{}{} {}", if down { "L" } else { "M" }, tenths(*x), tenths(*y));
        }
        down = place.is_some();
    }
    path
}

/// A tick where each year begins.
fn years(first: Month, months: usize, step: f64) -> Vec<Tick> {
    let januaries = (0..months).filter(|at| first.plus(*at as i32).first_day().month() == 1);
    let tick = |at: usize| {
        let year = first.plus(at as i32).first_day().year();
        Tick { at: tenths(LEFT + at as f64 * step), label: year.to_string() }
    };
    januaries.map(tick).collect()
}

fn is_inside(b: &Break, first: Month, months: usize) -> bool {
    let end = first.plus(months as i32).first_day();
    b.last.unwrap_or(b.first) >= first.first_day() && b.first < end
}

/// Where the breaks of the window stand.
fn marks(first: Month, months: usize, step: f64) -> Vec<Mark> {
    let x = |day: Day| {
        let month = Month::of(day);
        let days = f64::from(month.plus(1).first_day().since(month.first_day()));
        let at = f64::from(month.since(first)) + f64::from(day.day() - 1) / days;
        LEFT + at.clamp(0.0, months as f64) * step
    };
    let mut marks: Vec<Mark> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    let mut low = false;
    for (b, number) in breaks().iter().zip(1..).filter(|(b, _)| is_inside(b, first, months)) {
        let (from, width) = (x(b.first), b.last.map(|last| x(last.next()) - x(b.first)));
        let centre = from + width.unwrap_or(0.0) / 2.0;
        low = centre - last < APART && !low;
        last = centre;
        marks.push(Mark {
            number,
            from: tenths(from),
            width: width.map(tenths),
            centre: tenths(centre),
            height: tenths(if low { TOP - 2.0 } else { TOP - 19.0 }),
        });
    }
    marks
}

/// The month as the accounting file writes it.
fn name(month: Month) -> String {
    month.first_day().to_string()[..7].to_owned()
}

fn tenths(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::of(Day::parse(text).unwrap())
    }

    #[test]
    fn breaks_stand_where_they_fell_and_their_numbers_do_not_cover_each_other() {
        let marks = marks(month("2017-01-01"), 36, WIDTH / 36.0);
        assert_eq!(marks.iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(marks[0].from, "64.0");
        assert_eq!(marks[0].width.as_deref(), Some("47.2"));
        // 9 months and 20 of 31 days.
        assert_eq!(marks[1].from, tenths(LEFT + (9.0 + 20.0 / 31.0) * WIDTH / 36.0));
        assert_ne!(marks[1].height, marks[2].height);
    }

    #[test]
    fn no_line_is_drawn_over_a_month_that_is_not_told() {
        let places = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.0))];
        assert_eq!(path(&places), "M0.0 1.0L1.0 2.0M3.0 4.0");
    }

    #[test]
    fn a_scale_ends_at_a_round_number() {
        for (most, step, top) in [(0, 5, 5), (5, 5, 5), (23, 5, 25), (26, 10, 30), (4210, 1000, 5000)] {
            let scale = Scale::to(most);
            assert_eq!((scale.step, scale.top), (step, top), "{most}");
        }
    }
}
