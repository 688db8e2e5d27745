//! Errors of the contract and the holder file.

use std::io;
use std::path::PathBuf;

use crate::table::TypeMismatch;
use salanimi_core::Id;

/// Begins every comment of a new holder file that asks for a decision.
pub const DECIDE: &str = "# Decide:";

/// A configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message states the meaning of its fields")]
#[non_exhaustive]
pub enum ConfigError {
    #[error("{path}: {source}; check the path and that you may read it")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: the file is not UTF-8; save it in that encoding")]
    NotUtf8 { path: PathBuf },
    #[error("{path}: line {line} asks for a decision, and {more} more lines do; decide, then remove these comments")]
    Undecided { path: PathBuf, line: usize, more: usize },
    // Never the line itself: the given file may be a list of persons.
    #[error("{path}: line {line}: {message}; correct the file, or give the right one")]
    Toml { path: PathBuf, line: usize, message: String },
    #[error("{path}: `format` must be \"{expected}\"; this file is of another kind or version, give the right one")]
    Format { path: PathBuf, expected: &'static str },
    #[error("{path}: {place}: {problem}")]
    Invalid { path: PathBuf, place: String, problem: Problem },
}

/// A problem at a place of a configuration file, then its remedy.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message states the meaning of its fields")]
#[non_exhaustive]
pub enum Problem {
    #[error("unknown scheme; write \"{expected}\"")]
    Scheme { expected: &'static str },
    #[error("the last day is before the first; swap or correct them")]
    EmptyInterval,
    #[error("'{name}' is not defined; correct the name or define it")]
    Unknown { name: String },
    #[error("'{name}' is not known here; write one of {}", listed(known))]
    NotAmong { name: String, known: Vec<String> },
    #[error("two entries state the same day of one organiser and table; join them")]
    Overlap,
    #[error("'{name}' occurs twice; remove one")]
    Twice { name: String },
    #[error(
        "column '{header}' of the source is read, and also in `ignore` or the header of a direct column; remove it \
         from one of them"
    )]
    ReadAndDropped { header: String },
    #[error("{} is a file of this source twice; remove one", file.display())]
    SameFile { file: PathBuf },
    #[error("'{name}' is a name that the tool itself uses; choose another")]
    Reserved { name: String },
    #[error("{message}; correct the key")]
    Setting { message: String },
    #[error("the pattern is not a valid regular expression; correct it (syntax of the `regex` crate)")]
    Pattern,
    #[error("`{key}` is missing; add it")]
    MissingKey { key: &'static str },
    #[error("`{key}` does not apply here; remove it")]
    DoesNotApply { key: &'static str },
    #[error("{0}; choose another transform or remove it")]
    Transform(#[from] TypeMismatch),
    #[error("group edges must ascend and `per` must be at least 1; correct them")]
    Groups,
    #[error("a band's width must be at least 1; correct it")]
    Band,
    #[error("a list of codes needs one at least, each once, and none empty or with a space around it; correct it")]
    Codes,
    #[error("a list holds at most 65,535 codes; shorten it or use type text with a pattern")]
    TooManyCodes,
    #[error("a table needs exactly one column with role person, this one has {found}; correct the roles")]
    OnePerson { found: usize },
    #[error("the unique key must name the person column; add it")]
    KeyWithoutPerson,
    #[error(
        "'{name}' is in the unique key but is not delivered unchanged; remove its transform or take it out of the key"
    )]
    KeyNotDelivered { name: String },
    #[error("'{name}' must be a {expected} column; name another")]
    WrongType { name: String, expected: &'static str },
    #[error("`min` is above `max`; correct them")]
    EmptyRange,
    #[error("`scale` must be 0 to 9; correct it")]
    Scale,
    #[error("a share lies between 0 and 1; correct it")]
    Share,
    #[error("`stop` does not apply here; set `max_reject_share` under [limits] instead")]
    StopOfRejects,
    #[error("a threshold is a number of at least 0; correct it")]
    Threshold,
    #[error("the minimum cell must be at least 1; correct it")]
    MinCell,
    #[error("`min_k` and `min_l` must be at least 1; correct them")]
    MinClass,
    #[error("`base` is from {least} to {most}; correct it")]
    Base { least: u32, most: u32 },
    #[error("`noise` is a standard deviation in persons, above 0 and at most a million; correct it")]
    Noise,
    #[error("`certainty` lies above 0.5 and is at most 0.95; correct it")]
    Certainty,
    #[error("`design_effect` is from 1 to 100; correct it")]
    DesignEffect,
    #[error("`{key}` is from 1 to {most}: more would let small counts be computed; correct it")]
    Most { key: &'static str, most: u32 },
    #[error("`weight` is from 1 to {most} rows of one person; correct it")]
    Weight { most: u32 },
    #[error("`weight` needs `count = \"rows\"` or a sum; add it, or remove the weight")]
    WeightWithoutRows,
    #[error("`cap` is a whole number from 1 to a thousand million, in the unit of the column; correct it")]
    Cap,
    #[error("table '{table}' has two weights; give one weight wherever its rows are counted")]
    TwoWeights { table: String },
    #[error("column '{column}' has two caps; give one cap wherever it is summed")]
    TwoCaps { column: String },
    #[error("a curve has from 1 to {most} steps; correct `interval` or `last`")]
    Steps { most: u32 },
    #[error("rates are of from 1 to {most} flags; correct `of`")]
    Flags { most: usize },
    #[error("this is no list of values; give each value once, or from = … and to = … as numbers or months")]
    Labels,
    #[error("a condition has one of `is`, with a value at least, `from` and `to`, and known = true; correct it")]
    Condition,
    #[error(
        "the picture '{name}' cannot be drawn of this released table; choose another kind, or a table with one \
         dimension or two"
    )]
    Picture { name: String },
    #[error("no column is named; name at least one")]
    NoColumn,
    #[error("no table is named; name at least one")]
    NoTable,
    #[error("a study has at most {most} tables, this one has {found}; split the study")]
    TooManyTables { most: usize, found: usize },
    #[error("the name is not of the form table.column; correct it")]
    NotTableColumn,
    #[error(
        "the mapping file is not `;`-separated UTF-8 with the headers '{}'; correct the file or the headers",
        headers.join("', '")
    )]
    MappingHeader { headers: Vec<String> },
    #[error(
        "line {line} of the mapping file is unreadable, has an empty cell, maps a code a second time, or gives no day \
         on which the code is in force; correct the file"
    )]
    MappingLine { line: u64 },
    #[error(
        "column '{name}' of the contract is not given; map it under `columns`, give it under `constants`, \
         or list it under `absent`"
    )]
    NotGiven { name: String },
    #[error("column '{name}' is required by the contract and cannot be absent; map it")]
    RequiredAbsent { name: String },
    #[error("a separator or decimal mark must be one ASCII character; correct it")]
    NotAscii,
    #[error("two of the separator, the decimal mark and the thousands mark are the same; correct one")]
    SameMark,
    #[error("\"d.m.19yy\" and \"d.m.20yy\" read the same dates; state one century, or split the source by file")]
    TwoCenturies,
    #[error("a year has twelve month columns, {found} are listed; list them from January on")]
    TwelveMonths { found: usize },
    #[error("a delivery's number starts at 1 and is above that of the delivery it replaces; correct it")]
    Number,
    #[error(
        "its recipient is also under [recipients]: a party that can open deliveries must receive neither lists nor \
         keys; correct one"
    )]
    HolderOpens,
    #[error(
        "another party has the same key, or one of the same number, but each party signs with its own; correct one"
    )]
    SigningKeyTwice,
    #[error(
        "the contract lists no signing key of '{holder}'; correct the holder's name, or add it to the contract under \
         [holders.{holder}]"
    )]
    UnlistedHolder { holder: Id },
    #[error(
        "the contract does not let this holder deliver table '{table}'; correct the name, or add the table to \
         `tables` under [holders] of the contract"
    )]
    NotItsTable { table: Id },
    #[error(
        "the contract does not let this holder speak for the organiser '{organiser}'; correct the code, or add it to \
         `organisers` under [holders] of the contract"
    )]
    NotItsOrganiser { organiser: String },
    #[error("unknown set of rules; write \"{expected}\"")]
    LinkageRules { expected: &'static str },
    #[error("needs the section [exchange.linkage]; add it, or remove this")]
    NoLinkage,
    #[error("`ground` is empty; name the section of the permit that allows linkage without codes")]
    NoGround,
    #[error("'{name}' stands for two fields; name another column for one of them")]
    FieldTwice { name: String },
    #[error("no table has a key `linkage` with the columns to read; add one")]
    NoLinkageColumns,
    #[error("only tables of the kind '{kind}' can have `linkage`; remove it here, or correct [exchange.linkage]")]
    OtherKind { kind: Id },
    #[error("a filler date has eight digits as in 1980-00-00; correct it")]
    FillerDate,
    #[error("no file is listed; list at least one")]
    NoFile,
}

/// Most names that a message lists.
const MOST_LISTED: usize = 20;

/// Returns names of the contract in one line.
fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_LISTED).map(String::as_str).collect();
    let rest = names.len() - shown.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("'{}'{more}", shown.join("', '"))
}

impl Problem {
    /// A name that is none of `known`, the names that the contract has.
    pub(super) fn not_among<T: ToString>(name: &impl ToString, known: impl IntoIterator<Item = T>) -> Self {
        Self::NotAmong { name: name.to_string(), known: known.into_iter().map(|name| name.to_string()).collect() }
    }

    /// A key of a section that another module reads. `message` is the parser's; values that it quotes are left out.
    #[must_use]
    pub fn setting(message: &str) -> Self {
        Self::Setting { message: without_values(message) }
    }
}

/// Words of a parser's message before what it expected.
const EXPECTED: &str = ", expected ";

/// Returns a parser's message without the values that it quotes from the file. Names of keys stay, and what the parser
/// expected instead. A list of persons given instead of a configuration file must not be printed.
pub(super) fn without_values(message: &str) -> String {
    // What is expected comes last, and from our own types.
    match message.rsplit_once(EXPECTED) {
        Some((found, expected)) => without_quoted(found) + EXPECTED + expected,
        None => without_quoted(message),
    }
}

fn without_quoted(message: &str) -> String {
    let mut text = String::new();
    for (position, part) in message.split(['`', '"']).enumerate() {
        let quoted = position % 2 == 1;
        text += &match quoted {
            true if is_key(part) => format!("`{part}`"),
            true => "`…`".to_owned(),
            false => part.to_owned(),
        };
    }
    text
}

fn is_key(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
