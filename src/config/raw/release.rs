//! The contract's section `[release]` as it is written: the results that may leave the secure environment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use salanimi_core::Id;

/// Default of `max_suppressed`, a share of rows.
const MAX_SUPPRESSED: f64 = 0.05;
/// Default of `rounding`, in persons.
const ROUNDING: u32 = 5;
/// Default of `dominance`, a share of a sum.
const DOMINANCE: f64 = 0.85;

/// Results of a linked dataset that may leave the secure environment. The thresholds are those of `[limits]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Seed of random rounding. Together with the linked data it reveals the exact counts, as the linked data alone do.
    pub seed: u64,
    /// Base of rounding, in persons: counts of rounded tables are multiples of it. At least 2, and at least `min_cell`
    /// of `[limits]`. Default: 5.
    #[serde(default = "rounding")]
    pub rounding: u32,
    /// The largest share, 0 to 1, of a sum that its two largest contributors may have (dominance rule). Default: 0.85.
    #[serde(default = "dominance")]
    pub dominance: f64,
    /// Column → levels of generalisation. Default: none.
    #[serde(default)]
    pub hierarchies: BTreeMap<Id, Hierarchy>,
    /// Rows of persons, generalised until they are k-anonymous, l-diverse and t-close. Default: none.
    #[serde(default)]
    pub microdata: Vec<Microdata>,
    /// Tables of counts and sums. Default: none.
    #[serde(default)]
    pub tables: Vec<FrequencyTable>,
    /// Kaplan-Meier curves. Default: none.
    #[serde(default)]
    pub curves: Vec<Curve>,
}

impl Release {
    /// Returns the names of all results.
    pub fn names(&self) -> impl Iterator<Item = &Id> {
        let tables = self.tables.iter().map(|spec| &spec.name);
        let curves = self.curves.iter().map(|spec| &spec.name);
        tables.chain(curves).chain(self.microdata.iter().map(|spec| &spec.name))
    }
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

/// A period of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A quarter of a year; the first begins in January.
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
    /// The columns, in order. Identifiers of persons and references are never released.
    pub columns: Vec<Id>,
    /// The quasi-identifiers among the columns: all columns of role `quasi`, and optionally others. Default: the
    /// columns of role `quasi`.
    pub quasi: Option<Vec<Id>>,
    /// The columns whose values must differ within each equivalence class (l-diversity). Default: the columns of role
    /// `sensitive` that are not in `quasi`.
    pub sensitive: Option<Vec<Id>>,
    /// The largest share of rows, 0 to 1, that may be suppressed. Default: 0.05.
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
    /// The dimensions of the table.
    pub by: Vec<Dimension>,
    /// Optional: counts only rows with this value in a column.
    pub only: Option<Only>,
    /// Optional: the column of amounts to sum.
    pub sum: Option<Id>,
    /// Protection of small counts: `suppress` or `round`.
    pub protect: Protect,
}

/// Selection of the rows with one value in a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// The column.
    pub column: Id,
    /// The value as the linked table shows it; `true` or `false` for flags.
    pub is: String,
}

/// A dimension of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Dimension {
    /// A column of the table, ungeneralised. `person.column` names one of the table of persons.
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

/// Protection of small counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protect {
    /// Suppresses small cells (primary suppression), and others until no suppressed cell can be computed (secondary
    /// suppression).
    Suppress,
    /// Rounds every count up or down at random.
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
    /// Optional: a column of the curve's table; each of its values has its own curve.
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
