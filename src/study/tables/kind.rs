//! The five analysis tables, and the file that computes each.

use super::context::{ColumnTypes, Context};
use super::person::Person;
use super::rows::Rows;
use super::sources::Source;
use super::{goals, months, notifications, persons, spells};
use crate::table::Field;

/// An analysis table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    PersonMonth,
    Notification,
    Spell,
    Goal,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Person, Self::PersonMonth, Self::Notification, Self::Spell, Self::Goal];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::PersonMonth => "person_month",
            Self::Notification => "notification",
            Self::Spell => "spell",
            Self::Goal => "goal",
        }
    }

    /// The source tables that the table cannot be computed without.
    pub(super) fn needs(self) -> &'static [Source] {
        use Source::{Assessments, Assistance, Events, Notices};
        match self {
            Self::Person | Self::PersonMonth => &[Assistance, Events],
            Self::Notification => &[Notices, Events],
            Self::Spell => &[Assistance, Notices],
            Self::Goal => &[Assessments, Assistance],
        }
    }

    pub(super) fn fields(self, types: &ColumnTypes) -> Vec<Field> {
        match self {
            Self::Person => persons::fields(types),
            Self::PersonMonth => months::fields(types),
            Self::Notification => notifications::fields(types),
            Self::Spell => spells::fields(),
            Self::Goal => goals::fields(types),
        }
    }

    pub(super) fn add(self, context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
        match self {
            Self::Person => persons::add(context, person, rows),
            Self::PersonMonth => months::add(context, person, rows),
            Self::Notification => notifications::add(context, person, rows),
            Self::Spell => spells::add(context, person, rows),
            Self::Goal => goals::add(context, person, rows),
        }
    }
}
