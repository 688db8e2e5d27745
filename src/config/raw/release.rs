//! The contract's section `[release]` as it is written: the results that may leave the secure environment.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer, Serialize};

use salanimi_core::Id;

/// Default of `base`, in persons.
const BASE: u32 = 5;
/// Default of `noise`, in persons.
const NOISE: f64 = 5.0;
/// Default of `certainty`.
const CERTAINTY: f64 = 0.8;
/// Default of `max_items`, and its largest value.
pub const MAX_ITEMS: u32 = 30;
/// Default of `max_datasets`, and its largest value.
pub const MAX_DATASETS: u32 = 4;
/// Default of `design_effect`.
const DESIGN_EFFECT: f64 = 1.2;
/// Default of `weight`, in rows.
const WEIGHT: u32 = 1;
/// Default of a curve's `interval`, in the unit of its time.
const INTERVAL: u32 = 1;

/// Results of a linked dataset that may leave the secure environment.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Protection of every count: `round` or `noise`. Default: `round`.
    #[serde(default)]
    pub protect: Method,
    /// Every released count is a multiple of it, in persons. From 3 to 1,000, and at least `min_cell` of `[limits]`.
    /// Default: 5.
    #[serde(default = "base")]
    pub base: u32,
    /// Under `noise`: standard deviation of the noise, in persons. Default: 5.
    #[serde(default = "noise")]
    pub noise: f64,
    /// Under `noise`: the largest chance, over all that the study ever releases, that somebody who knows everyone else
    /// is right about one person. Above 0.5, at most 0.95. Default: 0.8.
    #[serde(default = "certainty")]
    pub certainty: f64,
    /// Under `round`: the most items that one linked dataset may release. At most 30. Default: 30.
    #[serde(default = "max_items")]
    pub max_items: u32,
    /// Under `round`: the most linked datasets of the study that may release anything. At most 4. Default: 4.
    #[serde(default = "max_datasets")]
    pub max_datasets: u32,
    /// Fingerprint of the release key, as `salanimi key fingerprint` prints it. Needed to release anything.
    pub key: Option<String>,
    /// Factor by which clustering of rows by person widens the intervals of rates. At least 1. Default: 1.2.
    #[serde(default = "design_effect")]
    pub design_effect: f64,
    /// Column → the values that it can have, for columns whose values follow from nothing else in the contract.
    /// Default: none.
    #[serde(default)]
    pub labels: BTreeMap<Id, Listed>,
    /// Column → levels of generalisation. Default: none.
    #[serde(default)]
    pub hierarchies: BTreeMap<Id, Hierarchy>,
    /// Tables of counts and sums. Default: none.
    #[serde(default)]
    pub tables: Vec<FrequencyTable>,
    /// Kaplan-Meier curves. Default: none.
    #[serde(default)]
    pub curves: Vec<Curve>,
    /// Rates: shares of rows with a flag. Default: none.
    #[serde(default)]
    pub rates: Vec<Rates>,
    /// Rows of persons, generalised until they are k-anonymous, l-diverse and t-close. Default: none.
    #[serde(default)]
    pub microdata: Vec<Microdata>,
    #[serde(default, skip_serializing, deserialize_with = "retired_seed")]
    #[expect(dead_code, reason = "only read to be refused")]
    seed: Retired,
    #[serde(default, skip_serializing, deserialize_with = "retired_rounding")]
    #[expect(dead_code, reason = "only read to be refused")]
    rounding: Retired,
    #[serde(default, skip_serializing, deserialize_with = "retired_dominance")]
    #[expect(dead_code, reason = "only read to be refused")]
    dominance: Retired,
}

impl Release {
    /// Returns the names of all results.
    pub fn names(&self) -> impl Iterator<Item = &Id> {
        let tables = self.tables.iter().map(|spec| &spec.name);
        let curves = self.curves.iter().map(|spec| &spec.name);
        let rates = self.rates.iter().map(|spec| &spec.name);
        tables.chain(curves).chain(rates).chain(self.microdata.iter().map(|spec| &spec.name))
    }
}

/// Protection of counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Random rounding, keyed by the persons of a cell.
    #[default]
    Round,
    /// Normal noise, keyed by the question.
    Noise,
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
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
    /// For codes: at each level, group name → its members on the level before. A value in no group stays itself.
    Groups(Vec<BTreeMap<String, Vec<String>>>),
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

/// A period of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A quarter of a year; the first begins in January.
    Quarter,
    /// A calendar year.
    Year,
}

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

/// A condition on rows: the value of a column is one of a list.
///
/// Under `round` the list is one value, or one group of the column's hierarchy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column. `person.column` names one of another linked table.
    pub column: String,
    /// The values, as released tables show them; `true` or `false` for flags.
    pub is: Vec<String>,
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
    /// The column with the time to the event or to the end of follow-up: a whole number. A row without it, or with 0,
    /// is never at risk.
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

/// A key of earlier versions. It never has a value: where it is given, the contract is refused.
type Retired = Option<Infallible>;

/// Refuses a key of earlier versions, with the name of its successor.
macro_rules! retired {
    ($($function:ident: $message:literal),* $(,)?) => {$(
        fn $function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Retired, D::Error> {
            IgnoredAny::deserialize(deserializer)?;
            Err(D::Error::custom($message))
        }
    )*};
}

retired! {
    retired_seed: "`seed` has no use any more: rounding is keyed by a release key; make one with `salanimi key new \
        --release`, and give its fingerprint as `key`",
    retired_rounding: "`rounding` is now `base`; rename it",
    retired_dominance: "`dominance` has no use any more: a sum has a `cap`, the most that one person adds; write \
        sum = { column = \"…\", cap = … }",
    retired_protect: "tables have no protection of their own any more: `protect` in [release] holds for all; remove \
        this line",
    retired_of: "a curve now names its columns: replace `of` by `table`, `time`, `event` and `last`",
    retired_max_suppressed: "no row is suppressed any more, so `max_suppressed` has no use; remove it, and give the \
        columns more levels if nothing can be released",
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

fn base() -> u32 {
    BASE
}

fn noise() -> f64 {
    NOISE
}

fn certainty() -> f64 {
    CERTAINTY
}

fn max_items() -> u32 {
    MAX_ITEMS
}

fn max_datasets() -> u32 {
    MAX_DATASETS
}

fn design_effect() -> f64 {
    DESIGN_EFFECT
}

fn interval() -> u32 {
    INTERVAL
}

fn step() -> u32 {
    1
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
