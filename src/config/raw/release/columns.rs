//! Columns of linked tables: when they are known, their values, and their levels of generalisation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// When a value is known, from early to late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// When the time of a row starts to count.
    #[default]
    Start,
    /// At a landmark after that.
    Landmark,
    /// Only in what follows.
    Later,
}

/// The values that a column can have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// Each value, in the order of the released tables.
    Values(Vec<Bound>),
    /// Every whole number, or every month, between two.
    Range(Range),
}

/// The first and the last value of a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first.
    pub from: Bound,
    /// The last.
    pub to: Bound,
    /// Distance between two values, for bands of numbers. Default: 1.
    #[serde(default = "step")]
    pub step: u32,
}

/// A whole number, or a text; a month is written `yyyy-mm`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Bound {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// The levels of generalisation of a column, from fine to coarse.
///
/// Level 0, before them, is the value itself. The level after the last is one value for all.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hierarchy {
    /// For codes and months: at each level, group name → its members on the level before. A value in no group stays
    /// itself.
    Groups(Vec<BTreeMap<String, Members>>),
    /// For whole numbers: at each level, the width of bands, a multiple of the width before.
    Bands(Vec<u32>),
    /// For months: at each level, a longer period.
    Periods(Vec<Period>),
}

impl Hierarchy {
    /// Returns the name of a level, from 1; `None` if only its number names it.
    #[must_use]
    pub fn level_name(&self, level: usize) -> Option<&'static str> {
        match self {
            Self::Groups(_) | Self::Bands(_) => None,
            Self::Periods(periods) => match periods.get(level.checked_sub(1)?)? {
                Period::Quarter => Some("quarter"),
                Period::Year => Some("year"),
            },
        }
    }
}

/// Members of a group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Members {
    /// Each of them.
    Each(Vec<String>),
    /// Every one between two, in the order of released tables.
    Between(Between),
}

/// The first and the last of some values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The first.
    pub from: Bound,
    /// The last.
    pub to: Bound,
}

/// A period of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A quarter of a year; the first begins in January.
    Quarter,
    /// A calendar year.
    Year,
}

fn step() -> u32 {
    1
}
