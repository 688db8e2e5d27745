//! For which days the organisers' data is complete.

use std::collections::HashMap;

use super::sources::Source;
use super::settings::Settings;
use crate::config::Coverage;
use salanimi_core::{Day, Days, Month};

/// The days that the deliveries cover.
pub(super) struct Covered {
    /// By position of an organiser: the days for which its social work is complete, apart and in order.
    social_work: HashMap<u16, Vec<Days>>,
    /// The first and the last month for which social assistance is complete.
    pub(super) assistance: Option<(Month, Month)>,
    /// The first and the last month for which anything is.
    pub(super) months: Option<(Month, Month)>,
}

impl Covered {
    /// Of `coverage`, whose intervals of one organiser and table are apart and in order.
    pub(super) fn new(settings: &Settings, coverage: &[Coverage]) -> Self {
        let days = |entry: &Coverage| Days { first: entry.first, last: entry.last };
        let of = |source: Source| coverage.iter().filter(move |entry| entry.table.as_str() == source.name());
        let mut social_work: HashMap<u16, Vec<Days>> = HashMap::new();
        for entry in of(Source::Events) {
            if let Some(organiser) = settings.organisers.from().position(&entry.organiser) {
                social_work.entry(organiser).or_default().push(days(entry));
            }
        }
        Self {
            social_work,
            assistance: Days::hull(of(Source::Assistance).map(days)).and_then(Month::within),
            months: Days::hull(coverage.iter().map(days)).and_then(Month::within),
        }
    }

    /// The days around `day` for which the organiser's data is complete.
    pub(super) fn around(&self, organiser: Option<u16>, day: Day) -> Option<Days> {
        self.of(organiser).iter().copied().find(|days| days.contains(day))
    }

    /// All days for which the organiser's data is complete.
    pub(super) fn of(&self, organiser: Option<u16>) -> &[Days] {
        organiser.and_then(|organiser| self.social_work.get(&organiser)).map_or(&[], Vec::as_slice)
    }
}
