//! One person: the delivered records, and values that several tables need.

use super::context::Context;
use super::relations::{Relation, relations};
use super::sources::{Assessment, Assistance, Event, Notice};
use salanimi_core::{Days, LinkedId, Month};

/// A month for which assistance was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PaidMonth {
    pub(super) month: Month,
    /// Amount paid to the household, if known.
    pub(super) amount: Option<i128>,
}

/// A month for which assistance was paid to the household of an adult, with the adult's rows.
#[derive(Clone, Copy)]
pub(super) struct AdultMonth<'a> {
    pub(super) month: Month,
    /// All rows of the month.
    rows: &'a [Assistance],
}

impl<'a> AdultMonth<'a> {
    /// Returns the paid rows of the adult.
    pub(super) fn rows(&self) -> impl Iterator<Item = &'a Assistance> {
        self.rows.iter().filter(|row| row.paid && row.is_adult)
    }

    pub(super) fn is_applicant(&self) -> bool {
        self.rows().any(|row| row.is_applicant)
    }

    pub(super) fn age_months(&self) -> Option<i32> {
        self.rows().filter_map(|row| row.age_months).min()
    }

    pub(super) fn activity(&self) -> Option<u16> {
        self.rows().filter_map(|row| row.activity).min()
    }

    /// Returns true if assistance was the primary income by any row; `None` if no row tells.
    pub(super) fn primary_income(&self) -> Option<bool> {
        self.rows().filter_map(|row| row.primary).reduce(|a, b| a || b)
    }
}

/// The delivered records of one person. Those of assistance are sorted by month.
#[derive(Debug, Clone, Copy)]
pub(super) struct PersonRecords<'a> {
    pub(super) assistance: &'a [Assistance],
    pub(super) notices: &'a [Notice],
    pub(super) events: &'a [Event],
    pub(super) assessments: &'a [Assessment],
}

/// One person: the records, and what several tables compute from them.
pub(super) struct Person<'a> {
    pub(super) id: LinkedId,
    /// By month.
    pub(super) assistance: &'a [Assistance],
    pub(super) notices: &'a [Notice],
    pub(super) events: &'a [Event],
    pub(super) assessments: &'a [Assessment],
    /// Months for which assistance was paid, in order.
    pub(super) paid: Vec<PaidMonth>,
    /// Those among them, within the months that assistance covers, for which the person was an adult of the household.
    pub(super) adult: Vec<AdultMonth<'a>>,
    pub(super) relations: Vec<Relation>,
    /// Municipality of the first month that has one.
    pub(super) home: Option<u16>,
}

impl<'a> Person<'a> {
    /// The person `id` with its records.
    pub(super) fn new(context: &Context<'_>, id: LinkedId, records: &PersonRecords<'a>) -> Self {
        Self {
            id,
            assistance: records.assistance,
            notices: records.notices,
            events: records.events,
            assessments: records.assessments,
            paid: paid(records.assistance),
            adult: adult(records.assistance, context.covered.assistance),
            relations: relations(records.events, &context.covered),
            home: first(records.assistance, |row| row.month, |row| row.municipality),
        }
    }

    /// Returns the number of paid months from `first` to `last`.
    pub(super) fn paid_months(&self, first: Month, last: Month) -> usize {
        self.paid.iter().filter(|paid| (first..=last).contains(&paid.month)).count()
    }

    /// Returns true if a client relation was open on any day of `month`; `None` if nobody who organises social services
    /// for the person's home delivers data of it.
    pub(super) fn client_open(&self, context: &Context<'_>, month: Month) -> Option<bool> {
        let days = Days { first: month.first_day(), last: month.last_day() };
        let open = self.relations.iter().any(|relation| !relation.days.intersection(days).is_empty());
        (open || context.is_covered_month(self.home, month)).then_some(open)
    }

    /// Returns the rows of assistance for `month`.
    pub(super) fn assistance_of(&self, month: Month) -> &'a [Assistance] {
        let start = self.assistance.partition_point(|row| row.month < month);
        let length = self.assistance[start..].partition_point(|row| row.month == month);
        &self.assistance[start..start + length]
    }

    /// Returns true if assistance was the primary income in `month` by any row; `None` if no row has it.
    pub(super) fn primary_income(&self, month: Month) -> Option<bool> {
        self.assistance_of(month).iter().filter_map(|row| row.primary).reduce(|a, b| a || b)
    }
}

fn paid(assistance: &[Assistance]) -> Vec<PaidMonth> {
    assistance.chunk_by(|a, b| a.month == b.month).filter_map(paid_in_month).collect()
}

/// Returns the paid months of an adult, from the first to the last of `covered`.
fn adult(assistance: &[Assistance], covered: Option<(Month, Month)>) -> Vec<AdultMonth<'_>> {
    let Some((first, last)) = covered else { return Vec::new() };
    let months = assistance.chunk_by(|a, b| a.month == b.month);
    let months = months.map(|rows| AdultMonth { month: rows[0].month, rows });
    months.filter(|adult| (first..=last).contains(&adult.month) && adult.rows().next().is_some()).collect()
}

/// Sums the paid rows of one month; `None` if no row is paid. The amount is unknown if no paid row has one.
fn paid_in_month(rows: &[Assistance]) -> Option<PaidMonth> {
    let mut paid = rows.iter().filter(|row| row.paid).peekable();
    paid.peek()?;
    let amounts: Vec<i128> = paid.filter_map(|row| row.amount.map(i128::from)).collect();
    let amount = (!amounts.is_empty()).then(|| amounts.iter().sum());
    Some(PaidMonth { month: rows[0].month, amount })
}

/// Returns the value of the first of `rows` that has one, by `order`; the least of several first values.
pub(super) fn first<R, O: Ord, V: Ord>(
    rows: &[R],
    order: impl Fn(&R) -> O,
    value: impl Fn(&R) -> Option<V>,
) -> Option<V> {
    rows.iter().filter_map(|row| Some((order(row), value(row)?))).min().map(|(_, value)| value)
}
