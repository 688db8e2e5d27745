//! Days for which the organisers' data is complete.

use std::collections::HashMap;

use super::settings::Settings;
use super::source::Source;
use crate::config::Coverage;
use salanimi_core::{Day, Days, Month};

/// Days that the deliveries cover.
pub(super) struct Covered {
    /// By position of an organiser: the separate intervals for which its social work is complete, in order.
    social_work: HashMap<u16, Vec<Days>>,
    /// By position of an organiser: the last day for which its assessments are complete.
    assessments: HashMap<u16, Day>,
    /// First and last month for which social assistance is complete.
    pub(super) assistance: Option<(Month, Month)>,
    /// First and last month for which any table is complete.
    pub(super) months: Option<(Month, Month)>,
}

impl Covered {
    /// Reads `coverage`, whose intervals of one organiser and table are separate and in order.
    pub(super) fn new(settings: &Settings, coverage: &[Coverage]) -> Self {
        let mut social_work: HashMap<u16, Vec<Days>> = HashMap::new();
        for entry in entries_of(coverage, Source::Events) {
            if let Some(organiser) = settings.organisers.from().position(&entry.organiser) {
                social_work.entry(organiser).or_default().push(days(entry));
            }
        }
        let mut assessments: HashMap<u16, Day> = HashMap::new();
        for entry in entries_of(coverage, Source::Assessments) {
            if let Some(organiser) = settings.organisers.from().position(&entry.organiser) {
                let last = assessments.entry(organiser).or_insert(entry.last);
                *last = entry.last.max(*last);
            }
        }
        Self {
            social_work,
            assessments,
            assistance: Days::hull(entries_of(coverage, Source::Assistance).map(days)).and_then(Month::within),
            months: Days::hull(coverage.iter().map(days)).and_then(Month::within),
        }
    }

    /// Returns the interval around `day` for which the organiser's data is complete.
    pub(super) fn around(&self, organiser: Option<u16>, day: Day) -> Option<Days> {
        self.of(organiser).iter().copied().find(|days| days.contains(day))
    }

    /// Returns the last day for which the organiser's assessments are complete.
    pub(super) fn assessed_until(&self, organiser: u16) -> Option<Day> {
        self.assessments.get(&organiser).copied()
    }

    /// Returns all intervals for which the organiser's data is complete.
    pub(super) fn of(&self, organiser: Option<u16>) -> &[Days] {
        organiser.and_then(|organiser| self.social_work.get(&organiser)).map_or(&[], Vec::as_slice)
    }
}

fn entries_of(coverage: &[Coverage], source: Source) -> impl Iterator<Item = &Coverage> {
    coverage.iter().filter(move |entry| entry.table.as_str() == source.name())
}

fn days(entry: &Coverage) -> Days {
    Days { first: entry.first, last: entry.last }
}
