//! The results that a contract names: tables, curves, rates, flows and rows of persons, and the pictures of them.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer, Serialize};

use super::columns::Bound;
use super::retired::{Retired, retired_max_suppressed, retired_of, retired_protect};
use salanimi_core::Id;

/// Default of `weight`, in rows.
const WEIGHT: u32 = 1;
/// Default of a curve's `interval`, in the unit of its time.
const INTERVAL: u32 = 1;

/// A table of counts, or of counts and sums.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyTable {
    /// The name of the released table.
    pub name: Id,
    /// The linked table.
    pub table: Id,
    /// The dimensions of the table.
    pub by: Vec<Dimension>,
    /// Conditions that all counted rows meet. Default: none.
    #[serde(default, deserialize_with = "conditions")]
    pub only: Vec<Condition>,
    /// What a cell counts: `persons` or `rows`. Default: `persons`.
    #[serde(default)]
    pub count: Counted,
    /// With `count = "rows"`: the most rows of one person that a cell counts. One for each linked table. Default: 1.
    pub weight: Option<u32>,
    /// Optional: a column of amounts to sum.
    #[serde(default, deserialize_with = "sum")]
    pub sum: Option<Sum>,
    #[serde(default, skip_serializing, deserialize_with = "retired_protect")]
    #[expect(dead_code, reason = "only read to be refused")]
    protect: Retired,
    #[serde(default, skip_serializing, deserialize_with = "retired_protect")]
    #[expect(dead_code, reason = "only read to be refused")]
    suppress: Retired,
}

/// What a cell counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Different persons.
    #[default]
    Persons,
    /// Rows, up to `weight` of each person.
    Rows,
}

/// A column of amounts to sum.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// The column: whole numbers or exact decimals.
    pub column: Id,
    /// The most, in the column's unit and either sign, that one person adds to a cell. One for each column.
    pub cap: Option<f64>,
}

/// A condition on rows: the value of a column is one of a list, lies between two, or is known.
///
/// Under `round` the values are one value, one group of the column's hierarchy, or all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column. `person.column` names one of another linked table.
    pub column: String,
    /// The values, as released tables show them; `true` or `false` for flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub is: Vec<String>,
    /// The first of the values, in the order of released tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Bound>,
    /// The last of the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Bound>,
    /// `true`: any value, but not an empty cell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
}

/// A dimension of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Dimension {
    /// A column of the table, ungeneralised. `person.column` names one of another linked table, here `person`, which
    /// has at most one row for each person.
    Column(String),
    /// A column at a level of its hierarchy.
    Level(Level),
}

impl Dimension {
    /// Returns the column and its level; 0 is the value itself.
    #[must_use]
    pub fn parts(&self) -> (&str, usize) {
        match self {
            Self::Column(column) => (column, 0),
            Self::Level(Level { column, level }) => (column, *level),
        }
    }
}

/// A column at a level of its hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The column.
    pub column: String,
    /// The level, from 1.
    pub level: usize,
}

/// A Kaplan-Meier curve.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// The name of the released table.
    pub name: Id,
    /// The linked table.
    pub table: Id,
    /// The column with the time to the event or to the end of follow-up: a whole number. A row without it is never at
    /// risk, nor one with 0 unless the event happened at once.
    pub time: Id,
    /// The flag that is true if the event happened at that time.
    pub event: Id,
    /// Optional: a column; each of its values has its own curve.
    pub by: Option<Dimension>,
    /// Length of a step, in the unit of `time`. Default: 1.
    #[serde(default = "interval")]
    pub interval: u32,
    /// The last time that the curve shows, in the unit of `time`.
    pub last: u32,
    /// Conditions that all counted rows meet. Default: none.
    #[serde(default, deserialize_with = "conditions")]
    pub only: Vec<Condition>,
    /// Optional: the row by which a person is counted. Default: the first in the order of the linked table.
    pub first: Option<First>,
    #[serde(default, skip_serializing, deserialize_with = "retired_of")]
    #[expect(dead_code, reason = "only read to be refused")]
    of: Retired,
}

/// Choice of one row of each person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct First {
    /// The column whose smallest value chooses the row: whole numbers or months.
    pub by: Id,
}

/// Rates: of the rows with a known value of a flag, the share for which it is true.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// The name of the released table.
    pub name: Id,
    /// The linked table.
    pub table: Id,
    /// The dimensions of the table.
    pub by: Vec<Dimension>,
    /// The flags, from 1 to 12.
    pub of: Vec<Id>,
    /// Conditions that all counted rows meet. Default: none.
    #[serde(default, deserialize_with = "conditions")]
    pub only: Vec<Condition>,
    /// The most rows of one person that a cell counts. One for each linked table. Default: 1.
    pub weight: Option<u32>,
    /// The row by which a person counts. Default: all rows.
    pub first: Option<First>,
}

/// A flow: how many persons are left after each condition of a curve in turn, and how many of them are followed.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The name of the released table.
    pub name: Id,
    /// The name of the curve.
    pub like: Id,
}

/// A picture of the results page. Its title stands in the study's words file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// The name of the picture.
    pub name: Id,
    /// What is drawn.
    pub kind: PictureKind,
    /// The name of the released table.
    pub of: Id,
    /// For `curve` and `difference`: the time from which on the picture is shaded. Default: none.
    pub grey_from: Option<u32>,
}

/// What a picture draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureKind {
    /// Of a table: counts as bars, side by side.
    Bars,
    /// Of a table with two dimensions: shares of the second in each value of the first.
    Stacked,
    /// Of a table with a sum: the sums with their largest error.
    Sums,
    /// Of rates: shares with their intervals.
    Rates,
    /// Of rates by a number: shares along it, with a gap at 0.
    Threshold,
    /// Of a curve: each group with its interval and the persons at risk.
    Curve,
    /// Of a curve with two groups: the difference between them.
    Difference,
    /// Of a flow: the persons who are left after each condition.
    Flow,
}

/// Rows of persons.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Microdata {
    /// The name of the released table.
    pub name: Id,
    /// The linked table.
    pub table: Id,
    /// The columns, in order. Identifiers of persons and references are never released.
    pub columns: Vec<Id>,
    /// The quasi-identifiers among the columns: all columns of role `quasi`, and optionally others. Default: the
    /// columns of role `quasi`.
    pub quasi: Option<Vec<Id>>,
    /// The columns whose values must differ within each equivalence class (l-diversity). Default: the columns of role
    /// `sensitive` that are not in `quasi`.
    pub sensitive: Option<Vec<Id>>,
    /// Optional: the share of persons, above 0 and below 1, that a keyed sample keeps.
    pub sample: Option<f64>,
    #[serde(default, skip_serializing, deserialize_with = "retired_max_suppressed")]
    #[expect(dead_code, reason = "only read to be refused")]
    max_suppressed: Retired,
}

/// Reads a list of conditions. One condition alone was allowed in earlier versions.
fn conditions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Condition>, D::Error> {
    struct Conditions;
    impl<'de> Visitor<'de> for Conditions {
        type Value = Vec<Condition>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of conditions: only = [{ column = \"…\", is = [\"…\"] }]")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Deserialize::deserialize(value::SeqAccessDeserializer::new(list))
        }

        fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
            Err(A::Error::custom("`only` is a list now; write only = [{ column = \"…\", is = [\"…\"] }]"))
        }
    }
    deserializer.deserialize_any(Conditions)
}

/// Reads a sum. Its column alone was allowed in earlier versions.
fn sum<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sum>, D::Error> {
    struct Capped;
    impl<'de> Visitor<'de> for Capped {
        type Value = Sum;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a column and a cap: sum = { column = \"…\", cap = … }")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            Deserialize::deserialize(value::MapAccessDeserializer::new(map))
        }

        fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
            Err(E::custom(
                "`sum` has a cap now, the most that one person adds; write sum = { column = \"…\", cap = … }",
            ))
        }
    }
    deserializer.deserialize_any(Capped).map(Some)
}

fn interval() -> u32 {
    INTERVAL
}

impl FrequencyTable {
    /// Returns the most rows of one person that a cell counts.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight.unwrap_or(WEIGHT)
    }
}

impl Rates {
    /// Returns the most rows of one person that a cell counts.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight.unwrap_or(WEIGHT)
    }
}
