//! Households: their members, their home and the months in which they receive assistance.

use super::months::overlap;
use crate::study::vocabulary::codes::{Activity, HouseholdType};
use salanimi_core::{Day, Days};

/// Assistance of a household in a month.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Benefit {
    None,
    Paid,
    Refused,
}

/// Members of a household by number.
#[derive(Clone, Copy)]
pub(super) struct Composition {
    pub(super) kind: HouseholdType,
    pub(super) adults: usize,
    pub(super) children: usize,
}

/// A household. Its people are those of the batch: first the applicant, then another adult, then the children.
pub(super) struct Household {
    pub(super) members: Composition,
    pub(super) home: Home,
    /// By month of the window. Empty if Kela does not know the household.
    pub(super) benefits: Vec<Benefit>,
    /// Paid months in a row just before the window.
    pub(super) run_before: usize,
    /// Main activity of each adult, by month of the window.
    pub(super) activities: Vec<Vec<Activity>>,
}

impl Household {
    /// Returns true if a spell of assistance begins in the month at `position`: nothing was paid in the two before.
    pub(super) fn begins_spell(&self, position: usize) -> bool {
        let before = &self.benefits[position.saturating_sub(2)..position];
        self.benefits[position] == Benefit::Paid && !before.contains(&Benefit::Paid)
    }
}

/// The municipality in which a household lives.
#[derive(Clone, Copy)]
pub(super) struct Home {
    /// The municipality when the window opens.
    pub(super) first: u16,
    pub(super) moved: Option<Move>,
}

/// A move to another municipality.
#[derive(Clone, Copy)]
pub(super) struct Move {
    pub(super) day: Day,
    pub(super) to: u16,
}

/// The time for which a household lives in some municipalities, open where it has no end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stay {
    pub(super) from: Option<Day>,
    pub(super) until: Option<Day>,
}

impl Composition {
    /// One adult who lives alone.
    pub(super) const SINGLE: Self = Self { kind: HouseholdType::LivesAlone, adults: 1, children: 0 };

    /// Returns the number of persons.
    pub(super) fn persons(self) -> usize {
        self.adults + self.children
    }
}

impl Home {
    /// Returns the municipality on a day.
    pub(super) fn at(self, day: Day) -> u16 {
        match self.moved {
            Some(moved) if day >= moved.day => moved.to,
            _ => self.first,
        }
    }

    /// Returns the time for which the household lives in one of `areas`, if it ever does.
    pub(super) fn stay(self, areas: &[u16]) -> Option<Stay> {
        let lives_there_first = areas.contains(&self.first);
        match self.moved {
            Some(Move { day, to }) => match (lives_there_first, areas.contains(&to)) {
                (true, true) => Some(Stay { from: None, until: None }),
                (true, false) => Some(Stay { from: None, until: Some(day.plus(-1)) }),
                (false, true) => Some(Stay { from: Some(day), until: None }),
                (false, false) => None,
            },
            None => lives_there_first.then_some(Stay { from: None, until: None }),
        }
    }
}

impl Stay {
    /// Returns the part of `days` within the stay, if there is any.
    pub(super) fn within(self, days: Days) -> Option<Days> {
        let first = self.from.map_or(days.first, |from| from.max(days.first));
        overlap(days, Days { first, last: self.end_by(days.last) })
    }

    /// Returns the last day of the stay, or `day` if the stay lasts longer.
    pub(super) fn end_by(self, day: Day) -> Day {
        self.until.map_or(day, |until| until.min(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_ends_with_the_move() {
        let day = Day::new(2018, 5, 1).unwrap();
        let before = day.plus(-1);
        let home = Home { first: 3, moved: Some(Move { day, to: 5 }) };
        assert_eq!(home.at(before), 3);
        assert_eq!(home.at(day), 5);
        assert_eq!(home.stay(&[3]), Some(Stay { from: None, until: Some(before) }));
        assert_eq!(home.stay(&[5]), Some(Stay { from: Some(day), until: None }));
        assert_eq!(home.stay(&[3, 5]), Some(Stay { from: None, until: None }));
        assert_eq!(home.stay(&[4]), None);
    }

    #[test]
    fn days_within_a_stay_end_with_it() {
        let day = Day::new(2018, 5, 1).unwrap();
        let stay = Stay { from: None, until: Some(day) };
        let first = day.plus(-10);
        assert_eq!(stay.within(Days { first, last: day.plus(10) }), Some(Days { first, last: day }));
        assert_eq!(stay.within(Days { first: day.next(), last: day.plus(10) }), None);
    }
}
