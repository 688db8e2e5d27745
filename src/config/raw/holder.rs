//! The holder file as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::crypto::Digest;
use crate::table::{DateForm, Encoding};
use salanimi_core::{Day, Days, Id};

/// `format` of a holder file.
pub(crate) const FORMAT: &str = "salanimi-holder/1";

/// The holder file. It stays with the holder.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HolderFile {
    /// Format and version of the file: `salanimi-holder/1`.
    pub format: String,
    /// The holder's short name, as under `[holders]` of the contract.
    pub holder: Id,
    /// Number and period of the delivery.
    pub delivery: Delivery,
    /// Days for which the delivered tables are complete. Days outside the period are left out. Default: none.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// Tables of changed identifiers, by kind of identifier. Default: none.
    #[serde(default)]
    pub old_codes: BTreeMap<Id, OldCodes>,
    /// Optional: what stands for no name and no date. Applies to linkage of persons without an identifier.
    #[serde(default)]
    pub linkage: HolderLinkage,
    /// The source files, by layout.
    pub sources: Vec<Source>,
}

/// Fillers of the fields that linkage of persons without an identifier reads.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct HolderLinkage {
    /// Texts that stand for an unknown name, such as `Tuntematon`. Case and marks do not matter. Default: none.
    pub filler_names: Vec<String>,
    /// Dates that stand for an unknown birth date, `yyyy-mm-dd`. Default: none.
    pub filler_dates: Vec<String>,
}

/// Number and period of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Number of the delivery: 1 for the first, then without gaps.
    pub number: u32,
    /// First and last day of the delivery. Rows outside stay with the holder.
    pub period: Days,
    /// Optional: the earlier delivery that this one replaces.
    pub replaces: Option<Replaced>,
}

/// A delivery that a later one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// Its number.
    pub number: u32,
    /// SHA-256 of its manifest in hexadecimal, as `extract` and `show` print it.
    pub manifest: Digest,
}

/// The days for which a table is complete for an organiser.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The body that provides the service, as the data name it.
    pub organiser: String,
    /// The table.
    pub table: Id,
    /// The first complete day, `yyyy-mm-dd`.
    pub first: Day,
    /// The last complete day, `yyyy-mm-dd`.
    pub last: Day,
}

impl Coverage {
    /// Returns the days within `period`; `None` if there are none.
    #[must_use]
    pub fn within(&self, period: Days) -> Option<Self> {
        let Days { first, last } = Days { first: self.first, last: self.last }.intersection(period);
        (first <= last).then(|| Self { first, last, ..self.clone() })
    }

    /// Returns true if two entries state the same day of one organiser and table.
    #[must_use]
    pub fn overlap(coverage: &[Self]) -> bool {
        let mut entries: Vec<_> = coverage.iter().map(|c| (&c.organiser, &c.table, c.first, c.last)).collect();
        entries.sort_unstable();
        entries.windows(2).any(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) && pair[1].2 <= pair[0].3)
    }
}

/// A file of changed identifiers: `;`-separated UTF-8 with a header.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OldCodes {
    /// The file, relative to the holder file.
    pub file: PathBuf,
    /// Header of the column of old identifiers.
    pub old: String,
    /// Header of the column of new identifiers.
    pub new: String,
    /// The day on which the table was taken from the population register, `yyyy-mm-dd`.
    pub date: Day,
}

/// Source files of one layout for one table.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The contract's table.
    pub table: Id,
    /// The files, relative to the holder file; at least one.
    pub files: Vec<PathBuf>,
    /// Their format: `csv`, `parquet` or `sas`.
    pub format: Format,
    /// For CSV: the field separator, one ASCII character. Default: `;` ([`DELIMITER`](crate::table::DELIMITER)).
    pub delimiter: Option<char>,
    /// For CSV and SAS: the encoding, `utf-8` or `latin-1`. Default for CSV: `utf-8`
    /// ([`ENCODING`](crate::table::ENCODING)); for SAS: what the data set states.
    pub encoding: Option<Encoding>,
    /// The decimal mark, one ASCII character other than the separator. Default: `.`
    /// ([`DECIMAL_MARK`](crate::table::DECIMAL_MARK)).
    pub decimal: Option<char>,
    /// The mark between thousands, one character. A space stands for no-break spaces too. Default: none.
    pub thousands: Option<char>,
    /// The forms of dates and months, tried in order. Default: `yyyy-mm-dd` ([`DATE_FORM`](crate::table::DATE_FORM)).
    pub dates: Option<Vec<DateForm>>,
    /// For SAS: headers of numbers that count days since 1960-01-01, besides those with a display format of dates.
    /// Default: none.
    #[serde(default)]
    pub days_since_1960: Vec<String>,
    /// For SAS: headers of numbers that count seconds since 1960-01-01, besides those with a display format of times.
    /// Default: none.
    #[serde(default)]
    pub seconds_since_1960: Vec<String>,
    /// Texts for a missing value, besides empty text. Default: none.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Contract column → header in the source.
    pub columns: BTreeMap<Id, String>,
    /// Contract column → its one value in every row of these files. Default: none.
    #[serde(default)]
    pub constants: BTreeMap<Id, String>,
    /// Contract columns that these files lack. They are delivered empty. Default: none.
    #[serde(default)]
    pub absent: Vec<Id>,
    /// Headers of the source that are not read. Default: none.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// For columns of type `code` and `flag`: contract column → source code → contract code. For the sex that linkage
    /// reads: source code → `female` or `male`. Default: none.
    #[serde(default)]
    pub codes: BTreeMap<Id, BTreeMap<String, String>>,
    /// Optional, for the wide annual layout: turns twelve month columns into up to twelve rows.
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
    /// A SAS data set (`.sas7bdat`).
    Sas,
}

/// The wide annual layout: one row a year with a column for each month.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reshape {
    /// Header of the column of the year, four digits.
    pub year: String,
    /// Headers of the twelve month columns, January first.
    pub months: Vec<String>,
    /// The contract column of type `month` that receives the month.
    pub into: Id,
    /// Texts in a month column that produce a row for that month. Every other text must be in `no`.
    pub yes: Vec<String>,
    /// Texts that produce no row, besides empty text. Default: none.
    #[serde(default)]
    pub no: Vec<String>,
}
