//! The contract's section `[release]` as it is written: what may leave the secure environment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use salanimi_core::Id;

/// `max_suppressed` when the contract does not say.
const MAX_SUPPRESSED: f64 = 0.05;
/// `rounding` when the contract does not say.
const ROUNDING: u32 = 5;
/// `dominance` when the contract does not say.
const DOMINANCE: f64 = 0.85;

/// What may leave the secure environment, made from a linked dataset. The thresholds are those of `[limits]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The seed of random rounding. Whoever knows it and the linked data can tell what a count was rounded from, as can
    /// whoever has the linked data alone.
    pub seed: u64,
    /// Counts of rounded tables are multiples of this.
    #[serde(default = "rounding")]
    pub rounding: u32,
    /// The largest share of a sum of money that its two largest contributors may have.
    #[serde(default = "dominance")]
    pub dominance: f64,
    /// How the values of columns are generalised, level by level.
    #[serde(default)]
    pub hierarchies: BTreeMap<Id, Hierarchy>,
    /// Rows of persons, generalised until they are alike.
    #[serde(default)]
    pub microdata: Vec<Microdata>,
    /// Tables of counts and sums.
    #[serde(default)]
    pub tables: Vec<FrequencyTable>,
    /// Kaplan-Meier curves.
    #[serde(default)]
    pub curves: Vec<Curve>,
}

impl Release {
    /// The names of everything that may be released.
    pub fn names(&self) -> impl Iterator<Item = &Id> {
        let tables = self.tables.iter().map(|spec| &spec.name);
        let curves = self.curves.iter().map(|spec| &spec.name);
        tables.chain(curves).chain(self.microdata.iter().map(|spec| &spec.name))
    }
}

/// The levels of generalisation of a column, from fine to coarse; before them come the values as they are, after them
/// one value for all.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hierarchy {
    /// For codes: at each level, a group's name and what it holds of the level before. What is in no group stays itself.
    Groups(Vec<BTreeMap<String, Vec<String>>>),
    /// For whole numbers: at each level, the width of bands, a multiple of the one before.
    Bands(Vec<u32>),
    /// For months: at each level, a longer period.
    Periods(Vec<Period>),
}

/// A period of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Three months, the first being January.
    Quarter,
    /// A calendar year.
    Year,
}

/// Rows of persons.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Microdata {
    /// The name of the released table.
    pub name: Id,
    /// The linked table.
    pub table: Id,
    /// The columns, in order. Identifiers of persons and references never leave.
    pub columns: Vec<Id>,
    /// Those of the columns that single people out: all that are `quasi`, and what else is to be taken for such. Those that
    /// are `quasi` if not given.
    pub quasi: Option<Vec<Id>>,
    /// Those of the columns whose values must differ among people who are alike (l-diversity). Those that are `sensitive`
    /// and not taken for quasi-identifying if not given.
    pub sensitive: Option<Vec<Id>>,
    /// The largest share of rows that may be left out.
    #[serde(default = "max_suppressed")]
    pub max_suppressed: f64,
}

/// A table of counts, or of counts and sums.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencyTable {
    /// The name of the released table.
    pub name: Id,
    /// The linked table.
    pub table: Id,
    /// By what is counted.
    pub by: Vec<Dimension>,
    /// Only rows with this value in a column.
    pub only: Option<Only>,
    /// The column of money that is summed.
    pub sum: Option<Id>,
    /// How small counts are protected.
    pub protect: Protect,
}

/// Rows that have a value in a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The column.
    pub column: Id,
    /// The value, as it is written; `true` and `false` for flags.
    pub is: String,
}

/// A dimension of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Dimension {
    /// A column of the table, as it is; `person.column` for one of the table of persons.
    Column(String),
    /// A column at a level of its hierarchy.
    Level(Level),
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

/// How small counts are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protect {
    /// Small cells are left out, and as many others as it takes that nobody can compute them.
    Suppress,
    /// Every count is rounded, up or down at random.
    Round,
}

/// A Kaplan-Meier curve with confidence bands.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// The name of the released table.
    pub name: Id,
    /// The curve of the study's analysis, such as the time to an event that it defines.
    pub of: Id,
    /// A column of the curve's table by which persons are told apart.
    pub by: Option<Id>,
}

fn max_suppressed() -> f64 {
    MAX_SUPPRESSED
}

fn rounding() -> u32 {
    ROUNDING
}

fn dominance() -> f64 {
    DOMINANCE
}
