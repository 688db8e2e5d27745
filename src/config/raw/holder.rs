//! The holder file as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::crypto::Digest;
use crate::table::{DateForm, Encoding};
use salanimi_core::{Day, Days, Id};

/// First line of a holder file.
pub(crate) const FORMAT: &str = "salanimi-holder/1";

/// The holder file: what one holder keeps to itself.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HolderFile {
    /// Always `salanimi-holder/1`.
    pub format: String,
    /// The holder's short name.
    pub holder: Id,
    /// Which delivery this is.
    pub delivery: Delivery,
    /// What the delivered data covers.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// Tables of changed identifiers, by kind.
    #[serde(default)]
    pub old_codes: BTreeMap<Id, OldCodes>,
    /// The source files.
    pub sources: Vec<Source>,
}

/// Which delivery of a holder this is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// 1 for the first, then without gaps.
    pub number: u32,
    /// The days that it is about; rows outside stay with the holder.
    pub period: Days,
    /// The delivery that this one corrects.
    pub replaces: Option<Replaced>,
}

/// A delivery that is corrected by a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// Its number.
    pub number: u32,
    /// The digest of its manifest, which `extract` and `show` print.
    pub manifest: Digest,
}

/// The days for which a table is complete for an organiser.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Municipality, county or authority.
    pub organiser: String,
    /// The table.
    pub table: Id,
    /// The first complete day.
    pub first: Day,
    /// The last complete day.
    pub last: Day,
}

/// A `;`-separated UTF-8 file of changed identifiers, with a header.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OldCodes {
    /// The file, relative to the holder file.
    pub file: PathBuf,
    /// Header of the column of old identifiers.
    pub old: String,
    /// Header of the column of new ones.
    pub new: String,
    /// The day on which the table was taken from the population register.
    pub date: Day,
}

/// Source files of one layout that feed one table.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The contract's table.
    pub table: Id,
    /// The files, relative to the holder file.
    pub files: Vec<PathBuf>,
    /// `csv` or `parquet`.
    pub format: Format,
    /// For CSV: the field separator; `;` if not given.
    pub delimiter: Option<char>,
    /// For CSV: `utf-8` (the default) or `latin-1`.
    pub encoding: Option<Encoding>,
    /// The decimal mark, `.` (the default) or `,`.
    pub decimal: Option<char>,
    /// The forms of dates, `yyyy-mm-dd` (the default) and `d.m.yyyy`.
    pub dates: Option<Vec<DateForm>>,
    /// Texts that mean "no value"; empty text always does.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Our column → the source's header.
    pub columns: BTreeMap<Id, String>,
    /// Our column → the one value that it has in every row of these files.
    #[serde(default)]
    pub constants: BTreeMap<Id, String>,
    /// Our columns that these files do not have; they are delivered empty.
    #[serde(default)]
    pub absent: Vec<Id>,
    /// The source's headers that are knowingly left out.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Our column → the source's code → the contract's code.
    #[serde(default)]
    pub codes: BTreeMap<Id, BTreeMap<String, String>>,
    /// For the wide annual layout: twelve month columns become up to twelve rows.
    pub reshape: Option<Reshape>,
}

/// The format of a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with separators.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// The wide annual layout: one row a year with a column for each month.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reshape {
    /// Header of the year's column.
    pub year: String,
    /// Headers of the twelve month columns, January first.
    pub months: Vec<String>,
    /// Our column that gets the month.
    pub into: Id,
    /// Texts in a month column that mean a row for that month; every other text must be in `no`.
    pub yes: Vec<String>,
    /// Texts that mean no row; empty text always does.
    #[serde(default)]
    pub no: Vec<String>,
}
