//! The contract as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::linkage::{Linkage, LinkageColumns, LinkageSettings};
use super::release::Release;
use super::warnings::{Accept, Threshold, WarningCode};
use crate::crypto::{Digest, Recipient, VerifyingKey};
use salanimi_core::{Days, Id};

/// `format` of a contract.
pub const FORMAT: &str = "salanimi-contract/1";
/// Default of `max_reject_share`, a share of rows.
const MAX_REJECT_SHARE: f64 = 0.05;
/// Default of `min_cell`, in persons.
const MIN_CELL: u32 = 5;
/// Default of `min_k`, in persons.
const MIN_K: u32 = 5;
/// Default of `min_l`, in values.
const MIN_L: u32 = 2;
/// Default of `max_t`, a distance.
const MAX_T: f64 = 0.3;
/// Default of `max_unique_share`, a share of persons.
const MAX_UNIQUE_SHARE: f64 = 0.05;
/// Default of `max_distinct_share`, a share of values.
const MAX_DISTINCT_SHARE: f64 = 0.5;
/// Default of `scale`, in decimals: cents.
pub(in crate::config) const SCALE: i8 = 2;
/// Default of `per`: numbers are not divided.
const PER: i32 = 1;

/// The contract, which all parties share.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Format and version of the file: `salanimi-contract/1`.
    pub format: String,
    /// The section that all parties must hold unchanged. Its digest is in every manifest.
    pub exchange: Exchange,
    /// Table → delivered column → transform in the linked dataset. Default: every column is kept.
    #[serde(default)]
    pub linked: BTreeMap<Id, BTreeMap<Id, Transform>>,
    /// The parties that can open sealed deliveries: name, such as `linker` or `officer`, → age recipient. If any is
    /// named, deliveries are sealed. Default: none.
    #[serde(default)]
    pub recipients: BTreeMap<Id, Recipient>,
    /// Holder → its public keys and what it may state. If any is named, every delivery must be signed by its holder.
    /// Default: none.
    #[serde(default)]
    pub holders: BTreeMap<Id, ListedHolder>,
    /// Other party, such as `linker` or `officer`, → its public signing key, for certificates of destruction.
    /// Default: none.
    #[serde(default)]
    pub signatories: BTreeMap<Id, VerifyingKey>,
    /// Table → its column that names the organiser of a row. A holder's rows then name only organisers that it may
    /// speak for. Default: none.
    #[serde(default)]
    pub organisers: BTreeMap<Id, Id>,
    /// The persons of the linked dataset.
    pub population: Population,
    /// Thresholds. Each has a default.
    #[serde(default)]
    pub limits: Limits,
    /// Code of a warning → its thresholds. Default: those of the code.
    #[serde(default)]
    pub warnings: BTreeMap<WarningCode, Threshold>,
    /// Warnings that are known and explained. Default: none.
    #[serde(default)]
    pub accept: Vec<Accept>,
    /// Table → column → codes of its list that are not expected in it. Default: none.
    #[serde(default)]
    pub unexpected: BTreeMap<Id, BTreeMap<Id, Vec<String>>>,
    /// Table → delivered columns by which `link` accounts for it. Default: none.
    #[serde(default)]
    pub accounting: BTreeMap<Id, Accounting>,
    /// Pairs of independent columns that should agree for one person. Default: none.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Optional: settings of the analysis tables. Without this section the tool writes none.
    pub analysis: Option<AnalysisSection>,
    /// Optional: titles, labels and breaks in time. Without this section, tables, columns and codes are shown by their
    /// own names.
    pub words: Option<WordsSection>,
    /// Optional: thresholds of linkage without identifiers. Default: those of the section.
    pub linkage: Option<LinkageSettings>,
    /// Optional: results that may leave the secure environment. Without this section none may.
    pub release: Option<Release>,
}

/// The section `[exchange]`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The pseudonym scheme; `hkdf-sha256/hmac-sha256-128/v1` is the only one.
    pub scheme: String,
    /// The study and its legal ground.
    pub study: Study,
    /// Kind of identifier → its syntax.
    pub identifiers: BTreeMap<Id, Identifier>,
    /// Name → mapping file. Default: none.
    #[serde(default)]
    pub mappings: BTreeMap<Id, Mapping>,
    /// Optional: linkage of persons without an identifier. Without this section their rows are rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkage: Option<Linkage>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// The study and its legal ground.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// The study's short name, part of every key derivation.
    pub id: Id,
    /// Its title.
    pub title: String,
    /// The permit's journal number.
    pub permit: String,
    /// The controller.
    pub controller: String,
    /// The pseudonymisation domain (EDPB 01/2025): the parties that must not be able to attribute pseudonyms to
    /// persons.
    pub domain: String,
    /// First and last day of the observation window. Rows outside stay with the holder.
    pub window: Days,
}

/// The syntax of a kind of identifier.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "syntax", rename_all = "lowercase", deny_unknown_fields)]
pub enum Identifier {
    /// Finnish personal identity codes.
    Hetu,
    /// Other identifiers.
    Text {
        /// A regular expression that the whole normalised identifier must match.
        pattern: String,
        /// `true` if lower and upper case are the same. Default: `false`.
        #[serde(default)]
        fold_case: bool,
        /// Characters that are removed wherever they stand, such as `" -"` for spaces and hyphens. Default: none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remove: String,
        /// Optional: the number of characters to which an identifier of digits is padded with zeros from the left.
        #[serde(skip_serializing_if = "Option::is_none")]
        width: Option<u8>,
    },
}

/// A holder that the contract lists: its public keys, and what it may state.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListedHolder {
    /// The key that verifies the signatures of its deliveries and lists, as `salanimi key new --signing` prints it.
    pub signing: VerifyingKey,
    /// Optional: the age recipient of lists of persons for this holder.
    pub recipient: Option<Recipient>,
    /// The tables that it delivers. No other holder's table can be among its deliveries.
    pub tables: Vec<Id>,
    /// The organisers that it speaks for, besides itself: in its coverage and in its rows. Default: none.
    #[serde(default)]
    pub organisers: Vec<String>,
}

/// A mapping from codes to codes: a `;`-separated UTF-8 file with a header.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The file, relative to the contract.
    pub file: PathBuf,
    /// Header of the column of codes to map.
    pub from: String,
    /// Header of the column of codes that replace them.
    pub to: String,
    /// The year of the classification.
    pub year: u16,
    /// Optional: header of the column of the first day on which a code is in force, `yyyy-mm-dd`; empty for no first
    /// day. Rows of a table with a `window` may hold only codes in force on their day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Optional: header of the column of the last day on which a code is in force; empty for no last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Never written: the digest of its pairs, set on reading, so that parties agree on its content too.
    #[serde(skip_deserializing)]
    pub digest: Option<Digest>,
}

/// A table of the study.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name.
    pub name: Id,
    /// The unique key: columns that together identify a row, the person column among them.
    pub unique: Vec<Id>,
    /// Treatment of rows that repeat a unique key: `drop`, `keep` or `refuse`.
    pub duplicates: Duplicates,
    /// Optional: the date or month column that must lie in the observation window and the delivery's period.
    pub window: Option<Id>,
    /// Optional: the columns that linkage of persons without an identifier reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkage: Option<LinkageColumns>,
    /// The columns, in the order in which they are delivered.
    pub columns: Vec<Column>,
}

/// Treatment of rows that repeat a unique key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Keeps the first in output order; counts and omits the others.
    Drop,
    /// Keeps all.
    Keep,
    /// Stops the run.
    Refuse,
}

/// The role of a column in identifying a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person's identifier. It becomes the pseudonym.
    Person,
    /// Another identifier. It is pseudonymised under its own label.
    Reference,
    /// A direct identifier. It never leaves the holder.
    Direct,
    /// A quasi-identifier: together with others it could single a person out.
    Quasi,
    /// A sensitive attribute.
    Sensitive,
    /// Any other attribute.
    Attribute,
}

/// A column of a table.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name.
    pub name: Id,
    /// Its role: `person`, `reference`, `direct`, `quasi`, `sensitive` or `attribute`.
    pub role: Role,
    /// The type of its values: `code`, `date`, `month`, `decimal`, `integer`, `flag` or `text`. Does not apply to
    /// `person`, `reference`, `direct` and derived columns.
    #[serde(rename = "type")]
    pub cell: Option<Cell>,
    /// For `person`, required: the kind of identifier.
    pub kind: Option<Id>,
    /// For `reference`, required: the label of its pseudonyms.
    pub label: Option<Id>,
    /// For `code`: the allowed codes.
    pub codes: Option<Vec<String>>,
    /// For `code`, instead of `codes`: the mapping whose codes are allowed.
    pub codes_from: Option<Id>,
    /// For `text`, required: a regular expression that the whole text must match.
    pub pattern: Option<String>,
    /// For `decimal`: the number of decimals, 0 to 9. Default: 2.
    pub scale: Option<i8>,
    /// For `integer` and `decimal`: the smallest allowed number, in whole units. Default: no limit.
    pub min: Option<i32>,
    /// For `integer` and `decimal`: the largest allowed number, in whole units. Default: no limit.
    pub max: Option<i32>,
    /// `true` if a missing value is invalid. Default: `false`.
    #[serde(default)]
    pub required: bool,
    /// Treatment of an invalid value: `reject` or `null`. Default: `reject`.
    #[serde(default)]
    pub invalid: Invalid,
    /// `true` if the column shows where the person lives. It is blanked for persons under a non-disclosure order.
    /// Default: `false`.
    #[serde(default)]
    pub area: bool,
    /// The transform before the column leaves the holder. Default: delivered unchanged.
    pub deliver: Option<Transform>,
    /// For a column derived from the identity code: `birth_year`, `sex` or `age_months`.
    pub derive: Option<Derive>,
    /// For `age_months`, required: the date or month column that the age is computed at.
    pub at: Option<Id>,
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// A code of a list.
    Code,
    /// A calendar day.
    Date,
    /// A calendar month, `yyyy-mm`, or any day of it.
    Month,
    /// An exact decimal number.
    Decimal,
    /// A whole number.
    Integer,
    /// True or false: `1` or `0`, `true` or `false`.
    Flag,
    /// Text that matches a pattern.
    Text,
}

/// Treatment of an invalid value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Invalid {
    /// Rejects the row and records it in the rejects ledger.
    #[default]
    Reject,
    /// Replaces the value by null and counts it.
    Null,
}

/// A value derived from the identity code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Derive {
    /// The year of birth.
    BirthYear,
    /// `female` or `male`.
    Sex,
    /// Whole months from birth to the day or month in the column `at`.
    AgeMonths,
}

/// A transform of a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// Omits the column.
    Drop,
    /// Replaces a day by its month.
    Month,
    /// Replaces a day or month by its year.
    Year,
    /// Replaces a day by the number of days since the day in this other column.
    DaysAfter(Id),
    /// Replaces a number by the lower edge of its band of this width, in whole units. At least 1.
    Band(u32),
    /// Replaces a whole number by the name of its group.
    Groups {
        /// The numbers at which groups begin, ascending.
        edges: Vec<i32>,
        /// The divisor that applies first: 12 turns months into years. Default: 1.
        #[serde(default = "default_per")]
        per: i32,
    },
    /// Replaces a whole number above this one by this one, which then means "or more" (top coding).
    Top(i32),
    /// Replaces a code by its target in this mapping.
    Map(Id),
}

fn default_per() -> i32 {
    PER
}

/// The persons of the linked dataset.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// The dataset has every person of any of these tables. At least one table.
    pub any_of: Vec<Id>,
}

/// Thresholds.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest share of rejected rows in a table, 0 to 1. More stop the extract. Default: 0.05.
    pub max_reject_share: f64,
    /// The fewest persons in a cell of a released table (minimum cell). At least 1; the screen always rounds to base 5.
    /// Default: 5.
    pub min_cell: u32,
    /// The fewest persons of an equivalence class (k-anonymity). At least 1. Default: 5.
    pub min_k: u32,
    /// The fewest different sensitive values of an equivalence class (l-diversity). At least 1. Default: 2.
    pub min_l: u32,
    /// The largest distance, 0 to 1, between the sensitive values of an equivalence class and those of the whole table
    /// (t-closeness). Default: 0.3.
    pub max_t: f64,
    /// The largest share of persons, 0 to 1, who are unique by four of their dated events or by their numbers of rows.
    /// Default: 0.05.
    pub max_unique_share: f64,
    /// The largest share of distinct values in a column, 0 to 1. A column above it nearly identifies. Default: 0.5.
    pub max_distinct_share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_reject_share: MAX_REJECT_SHARE,
            min_cell: MIN_CELL,
            min_k: MIN_K,
            min_l: MIN_L,
            max_t: MAX_T,
            max_unique_share: MAX_UNIQUE_SHARE,
            max_distinct_share: MAX_DISTINCT_SHARE,
        }
    }
}

/// The delivered columns by which `link` accounts for a table. Each is optional.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounting {
    /// A column of type `date` or `month`.
    pub month: Option<Id>,
    /// A column of type `code` or `text` that names an area.
    pub area: Option<Id>,
    /// A column of type `code`.
    pub sex: Option<Id>,
    /// A column of type `integer`: age in whole months.
    pub age_months: Option<Id>,
}

/// Two delivered columns of type `code` or `text` that should agree for one person.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// The first column, as `table.column`.
    pub left: String,
    /// The second column, as `table.column`.
    pub right: String,
}

/// The study's analysis tables: `kind` names the study, the other keys are its own.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct AnalysisSection {
    /// The kind of analysis, such as the study's name.
    pub kind: Id,
    /// Settings of that kind.
    #[serde(flatten)]
    pub settings: toml::Table,
}

/// Section `[words]` of the contract.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WordsSection {
    /// The words file, relative to the contract.
    pub file: PathBuf,
    /// SHA-256 of the file, filled in when it is read.
    #[serde(skip_deserializing)]
    pub digest: Option<Digest>,
}
