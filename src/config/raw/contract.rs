//! The contract as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::super::words::WordsSection;
use super::release::Release;
use crate::crypto::{Digest, Recipient, VerifyingKey};
use salanimi_core::{Days, Id};

/// First line of a contract.
pub const FORMAT: &str = "salanimi-contract/1";
/// `max_reject_share` when the contract does not say.
const MAX_REJECT_SHARE: f64 = 0.05;
/// `min_cell` when the contract does not say.
const MIN_CELL: u32 = 5;
/// `min_k` when the contract does not say.
const MIN_K: u32 = 5;
/// `min_l` when the contract does not say.
const MIN_L: u32 = 2;
/// `max_t` when the contract does not say.
const MAX_T: f64 = 0.3;
/// `max_unique_share` when the contract does not say.
const MAX_UNIQUE_SHARE: f64 = 0.05;
/// `max_distinct_share` when the contract does not say.
const MAX_DISTINCT_SHARE: f64 = 0.5;

/// The contract: what all parties share.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Always `salanimi-contract/1`.
    pub format: String,
    /// What the parties must agree on to the letter: its digest is in every manifest.
    pub exchange: Exchange,
    /// Transforms of the linked tables, by table and delivered column; a column that is not named is kept.
    #[serde(default)]
    pub linked: BTreeMap<Id, BTreeMap<Id, Transform>>,
    /// Who can open sealed deliveries: a name for each, such as `linker` or `officer`, and its age recipient. Where
    /// any is named, deliveries are sealed.
    #[serde(default)]
    pub recipients: BTreeMap<Id, Recipient>,
    /// The public keys of the holders. Where any is named, every delivery must be signed by its holder.
    #[serde(default)]
    pub holders: BTreeMap<Id, HolderKeys>,
    /// The public signing keys of other parties, such as the linker and the officer, who sign certificates of
    /// destruction.
    #[serde(default)]
    pub signatories: BTreeMap<Id, VerifyingKey>,
    /// Who enters the linked dataset.
    pub population: Population,
    /// Thresholds.
    #[serde(default)]
    pub limits: Limits,
    /// The delivered columns by which the link accounts for each table.
    #[serde(default)]
    pub accounting: BTreeMap<Id, Accounting>,
    /// Pairs of independent columns that ought to agree for one person.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Analysis tables; without this section the tool writes none.
    pub analysis: Option<AnalysisSection>,
    /// Titles, labels and breaks in time; without this section tables, columns and codes go by their own names.
    pub words: Option<WordsSection>,
    /// What may leave the secure environment; without this section nothing may.
    pub release: Option<Release>,
}

/// The exchange section.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The pseudonym scheme; `hkdf-sha256/hmac-sha256-128/v1` is the only one.
    pub scheme: String,
    /// What the data is for.
    pub study: Study,
    /// The kinds of person identifier.
    pub identifiers: BTreeMap<Id, Identifier>,
    /// Mapping files.
    #[serde(default)]
    pub mappings: BTreeMap<Id, Mapping>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// The study and its legal ground.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// The study's short name; part of every key derivation.
    pub id: Id,
    /// Its title.
    pub title: String,
    /// The permit's journal number.
    pub permit: String,
    /// The controller.
    pub controller: String,
    /// The pseudonymisation domain: who must not be able to attribute pseudonyms to persons (EDPB 01/2025).
    pub domain: String,
    /// The observation window: rows outside it stay with the holder.
    pub window: Days,
}

/// How the identifiers of a kind are written.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "syntax", rename_all = "lowercase", deny_unknown_fields)]
pub enum Identifier {
    /// Finnish personal identity codes.
    Hetu,
    /// Other identifiers.
    Text {
        /// A regular expression that the whole normalised identifier must match.
        pattern: String,
        /// Whether lower and upper case are the same.
        #[serde(default)]
        fold_case: bool,
    },
}

/// The public keys of a holder.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HolderKeys {
    /// The key whose signature its deliveries and lists bear, as `salanimi key new --signing` prints it.
    pub signing: VerifyingKey,
    /// The age recipient to which lists of persons for this holder are encrypted.
    pub recipient: Option<Recipient>,
}

/// A mapping from codes to codes: a `;`-separated UTF-8 file with a header.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The file, relative to the contract.
    pub file: PathBuf,
    /// Header of the column of codes that are mapped.
    pub from: String,
    /// Header of the column of codes that they become.
    pub to: String,
    /// The year of the classification.
    pub year: u16,
    /// The digest of its pairs; filled in when the contract is read, so that parties agree on its content too.
    #[serde(skip_deserializing)]
    pub digest: Option<Digest>,
}

/// A table of the study.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name.
    pub name: Id,
    /// Columns that together name one row; the person column must be among them.
    pub unique: Vec<Id>,
    /// What a second row of one key does.
    pub duplicates: Duplicates,
    /// The date or month column that must lie in the observation window and the delivery's period.
    pub window: Option<Id>,
    /// The columns, in the order in which they are delivered.
    pub columns: Vec<Column>,
}

/// What rows of one unique key do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// The first in output order stays, the others are counted and left out.
    Drop,
    /// All stay.
    Keep,
    /// The run stops.
    Refuse,
}

/// What a column is to the person whom it tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person's identifier; becomes the pseudonym.
    Person,
    /// Another identifier; pseudonymised under its own label.
    Reference,
    /// A direct identifier: never leaves the holder.
    Direct,
    /// Could single a person out together with others.
    Quasi,
    /// What a person would not want known.
    Sensitive,
    /// Anything else.
    Attribute,
}

/// A column of a table.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name.
    pub name: Id,
    /// What it is to the person.
    pub role: Role,
    /// The type of its values; not for `person`, `reference`, `direct` and derived columns.
    #[serde(rename = "type")]
    pub cell: Option<Cell>,
    /// For `person`: the kind of identifier.
    pub kind: Option<Id>,
    /// For `reference`: the label under which it is pseudonymised.
    pub label: Option<Id>,
    /// For `code`: the allowed codes.
    pub codes: Option<Vec<String>>,
    /// For `code`: the mapping whose codes are allowed, in place of `codes`.
    pub codes_from: Option<Id>,
    /// For `text`: a regular expression that the whole text must match.
    pub pattern: Option<String>,
    /// For `decimal`: how many decimals; 2 if not given.
    pub scale: Option<i8>,
    /// For numbers: the smallest that is allowed, in whole units.
    pub min: Option<i32>,
    /// For numbers: the largest that is allowed, in whole units.
    pub max: Option<i32>,
    /// Whether a missing value is invalid.
    #[serde(default)]
    pub required: bool,
    /// What an invalid value does.
    #[serde(default)]
    pub invalid: Invalid,
    /// Whether the column tells where the person lives: blanked for persons under a non-disclosure order.
    #[serde(default)]
    pub area: bool,
    /// The transform before the column leaves the holder.
    pub deliver: Option<Transform>,
    /// For derived columns: what is derived from the identity code.
    pub derive: Option<Derive>,
    /// For `age_months`: the date or month column at which the age is counted.
    pub at: Option<Id>,
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// One of a list.
    Code,
    /// A day.
    Date,
    /// A month, written `yyyy-mm`.
    Month,
    /// An exact decimal number.
    Decimal,
    /// A whole number.
    Integer,
    /// 1 or 0.
    Flag,
    /// Text of a required pattern.
    Text,
}

/// What an invalid value does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Invalid {
    /// The row goes to the rejects ledger.
    #[default]
    Reject,
    /// The cell becomes null and is counted.
    Null,
}

/// What is derived from the identity code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Derive {
    /// The year of birth.
    BirthYear,
    /// `female` or `male`.
    Sex,
    /// Whole months from birth to the row's date.
    AgeMonths,
}

/// A transform of a column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// Left out.
    Drop,
    /// A day becomes its month.
    Month,
    /// A day or month becomes its year.
    Year,
    /// A day becomes the days after the day in this other column.
    DaysAfter(Id),
    /// A number becomes the lower edge of its band of this width.
    Band(u32),
    /// A number becomes its group.
    Groups {
        /// Where groups begin, ascending.
        edges: Vec<i32>,
        /// What the number is divided by first: 12 for ages in months.
        #[serde(default = "one")]
        per: i32,
    },
    /// A number above this one becomes this one, which then means "or more".
    Top(i32),
    /// A code becomes what the mapping says.
    Map(Id),
}

fn one() -> i32 {
    1
}

/// Who enters the linked dataset.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// A person enters who occurs in any of these tables.
    pub any_of: Vec<Id>,
}

/// Thresholds.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// A table with a larger share of rejected rows stops the extract.
    pub max_reject_share: f64,
    /// The fewest persons that a cell of a released table may count; the screen rounds to base 5 whatever this says.
    pub min_cell: u32,
    /// The fewest persons who share their combination of quasi-identifiers (k-anonymity).
    pub min_k: u32,
    /// The fewest different sensitive values among those who share their quasi-identifiers (l-diversity).
    pub min_l: u32,
    /// The largest distance, 0 to 1, of the sensitive values of those who share their quasi-identifiers from those of
    /// the whole table (t-closeness).
    pub max_t: f64,
    /// The largest share of persons whom four of their own dated events, or their numbers of rows, tell apart.
    pub max_unique_share: f64,
    /// The largest share of a column's values that are different; above it the column nearly identifies.
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

/// The delivered columns by which the link accounts for a table.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounting {
    /// A date or month.
    pub month: Option<Id>,
    /// A code or text that names an area.
    pub area: Option<Id>,
    /// A code.
    pub sex: Option<Id>,
    /// A whole number of months.
    pub age_months: Option<Id>,
}

/// Two columns that ought to agree for one person.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// `table.column`.
    pub left: String,
    /// `table.column`.
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
