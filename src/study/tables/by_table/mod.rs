//! The six analysis tables, one file each.

mod goal;
mod landmark;
mod notification;
mod person;
mod person_month;
mod spell;

use std::ops::Range;

use super::context::{ColumnTypes, Context};
use super::person_records::Person;
use super::rows::Rows;
use super::source::Source;
use crate::table::Field;

/// The age of 25 years, in months.
const THRESHOLD: i32 = 300;
/// Ages of 23 to 26 years, in months from 25 years.
const NEAR: Range<i32> = -24..24;

/// Returns an age in months as the distance from 25 years; `None` outside the ages of 23 to 26 years.
fn near_25(age_months: i32) -> Option<i32> {
    Some(age_months - THRESHOLD).filter(|distance| NEAR.contains(distance))
}

/// An analysis table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    PersonMonth,
    Notification,
    Spell,
    Landmark,
    Goal,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Person, Self::PersonMonth, Self::Notification, Self::Spell, Self::Landmark, Self::Goal];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::PersonMonth => "person_month",
            Self::Notification => "notification",
            Self::Spell => "spell",
            Self::Landmark => "landmark",
            Self::Goal => "goal",
        }
    }

    /// The source tables that the table cannot be computed without.
    pub(super) fn needs(self) -> &'static [Source] {
        use Source::{Assessments, Assistance, Events, Notices};
        match self {
            Self::Person => &[Assistance, Events],
            Self::PersonMonth => &[Assistance, Notices, Events],
            Self::Notification => &[Notices, Events],
            Self::Spell | Self::Landmark => &[Assistance, Notices],
            Self::Goal => &[Assessments, Assistance, Events],
        }
    }

    /// Columns that hold the lower edges of bands of euros.
    pub(super) fn banded(self) -> &'static [&'static str] {
        match self {
            Self::Person => &person::BANDED,
            Self::PersonMonth => &person_month::BANDED,
            Self::Notification | Self::Spell | Self::Landmark | Self::Goal => &[],
        }
    }

    pub(super) fn fields(self, types: &ColumnTypes) -> Vec<Field> {
        match self {
            Self::Person => person::fields(types),
            Self::PersonMonth => person_month::fields(types),
            Self::Notification => notification::fields(types),
            Self::Spell => spell::fields(),
            Self::Landmark => landmark::fields(types),
            Self::Goal => goal::fields(types),
        }
    }

    pub(super) fn add(self, context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
        match self {
            Self::Person => person::add(context, person, rows),
            Self::PersonMonth => person_month::add(context, person, rows),
            Self::Notification => notification::add(context, person, rows),
            Self::Spell => spell::add(context, person, rows),
            Self::Landmark => landmark::add(context, person, rows),
            Self::Goal => goal::add(context, person, rows),
        }
    }
}
