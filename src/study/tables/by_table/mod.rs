//! The five analysis tables, one file each.

mod goal;
mod notification;
mod person;
mod person_month;
mod spell;

use super::context::{ColumnTypes, Context};
use super::person_records::Person;
use super::rows::Rows;
use super::sources::Source;
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
            Self::Person => person::fields(types),
            Self::PersonMonth => person_month::fields(types),
            Self::Notification => notification::fields(types),
            Self::Spell => spell::fields(),
            Self::Goal => goal::fields(types),
        }
    }

    pub(super) fn add(self, context: &Context<'_>, person: &Person<'_>, rows: &mut Rows) {
        match self {
            Self::Person => person::add(context, person, rows),
            Self::PersonMonth => person_month::add(context, person, rows),
            Self::Notification => notification::add(context, person, rows),
            Self::Spell => spell::add(context, person, rows),
            Self::Goal => goal::add(context, person, rows),
        }
    }
}
