//! Spells: consecutive months of assistance of an adult. A child's assistance is its household's.

use super::person_records::{AdultMonth, Person};
use salanimi_core::Month;

/// Consecutive paid months, by the rule that so many months without payment end a spell.
#[derive(Clone, Copy)]
pub(super) struct Spell<'p> {
    /// Position among the person's spells, from 1.
    pub(super) number: usize,
    /// The paid months, in order: at least one.
    pub(super) months: &'p [AdultMonth<'p>],
    /// Months without payment that end it.
    pub(super) rule: i32,
}

impl Spell<'_> {
    pub(super) fn start(&self) -> Month {
        self.months[0].month
    }

    pub(super) fn end(&self) -> Month {
        self.months[self.months.len() - 1].month
    }

    /// Returns the number of months from the first to the last.
    pub(super) fn length(&self) -> i32 {
        self.end().since(self.start()) + 1
    }

    pub(super) fn contains(&self, month: Month) -> bool {
        (self.start()..=self.end()).contains(&month)
    }

    /// Returns true if the spell ended within data whose last month is `last`.
    pub(super) fn is_ended(&self, last: Month) -> bool {
        last.since(self.end()) >= self.rule
    }

    /// Returns the number of months, counted from `first`, whose end can be seen in data whose last month is `last`.
    pub(super) fn observable(&self, first: Month, last: Month) -> i32 {
        (last.since(first) - self.rule + 1).max(0)
    }

    /// Returns the months of the notices that were sent during the spell.
    pub(super) fn flags(&self, person: &Person<'_>) -> Vec<Month> {
        let months = person.notices.iter().map(|notice| Month::of(notice.sent));
        months.filter(|month| self.contains(*month)).collect()
    }
}

/// Returns the spells of an adult, in order.
pub(super) fn spells<'p>(months: &'p [AdultMonth<'p>], rule: i32) -> impl Iterator<Item = Spell<'p>> {
    let spells = months.chunk_by(move |a, b| b.month.since(a.month) <= rule);
    (1..).zip(spells).map(move |(number, months)| Spell { number, months, rule })
}
