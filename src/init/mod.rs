//! A first holder file, written from the headers of a holder's files and the contract.
//!
//! It tells what was found and what is left to decide. Names of columns and files are copied, no cell below a header.

mod matching;
mod notation;
mod source;
mod text;

use std::path::{Path, PathBuf};

use self::matching::{Matched, best_table};
use self::notation::{Found, is_day};
use self::source::Sample;
use crate::config::Contract;
use crate::table::SourceError;
use salanimi_core::{Id, Syntax};

/// A holder file cannot be written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
#[non_exhaustive]
pub enum InitError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{path}: the first line holds values in place of names; add a line of names, or export the file with one")]
    NoNames { path: PathBuf },
    #[error("column {column} of the header of {path} holds an identity code; rename it in the file")]
    CodeInHeader { path: PathBuf, column: usize },
    #[error("the name of source file {number} holds an identity code; rename the file")]
    CodeInFileName { number: usize },
    #[error("the name of source file {number} is not UTF-8; rename the file or its folder")]
    FileName { number: usize },
    #[error("{path}: no table of the contract has columns like those of the file; check both")]
    NoTable { path: PathBuf },
}

/// What a new holder file is about.
pub struct Inputs<'a> {
    /// Contract of the study.
    pub contract: &'a Contract,
    /// Name of the holder.
    pub holder: &'a Id,
    /// Files of the holder.
    pub sources: &'a [PathBuf],
    /// Folder of the holder file: files are named from there.
    pub folder: &'a Path,
}

/// Returns the text of a holder file for some files. Each becomes a source of the contract's table that fits it best.
///
/// # Errors
/// A file is unreadable or has no names, or no table fits it.
pub fn holder_file(inputs: &Inputs<'_>) -> Result<String, InitError> {
    for (number, path) in (1..).zip(inputs.sources) {
        // A link can have another name than its file, and the holder file names the file.
        let written = path.canonicalize().unwrap_or_else(|_| path.clone());
        if [path, &written].into_iter().any(|path| holds_code(&path.to_string_lossy())) {
            return Err(InitError::CodeInFileName { number });
        }
        if written.to_str().is_none() {
            return Err(InitError::FileName { number });
        }
    }
    let mut sources: Vec<Described<'_>> = Vec::new();
    for path in inputs.sources {
        let found = described(inputs.contract, path)?;
        match sources.iter_mut().find(|known| known.is_laid_out_like(&found)) {
            Some(known) => known.join(&found),
            None => sources.push(found),
        }
    }
    Ok(text::holder_file(inputs, &sources))
}

/// Files of one layout, the table that they fit best, and what was found in them.
struct Described<'a> {
    paths: Vec<&'a Path>,
    sample: Sample,
    matched: Matched<'a>,
    found: Found,
}

fn described<'a>(contract: &'a Contract, path: &'a Path) -> Result<Described<'a>, InitError> {
    let sample = Sample::read(path)?;
    let found = Found::new(contract, &sample);
    if !sample.is_named || has_value_for_name(contract, &sample) {
        return Err(InitError::NoNames { path: path.to_owned() });
    }
    if let Some(at) = sample.columns.iter().position(|column| holds_code(&column.name)) {
        return Err(InitError::CodeInHeader { path: path.to_owned(), column: at + 1 });
    }
    let matched = best_table(contract, &sample, &found);
    let matched = matched.ok_or_else(|| InitError::NoTable { path: path.to_owned() })?;
    if matched.has_value_for_name(&sample, &found) {
        return Err(InitError::NoNames { path: path.to_owned() });
    }
    let found = found.for_columns(&sample, matched.likely_pairs());
    Ok(Described { paths: vec![path], sample, matched, found })
}

impl Described<'_> {
    /// Adds the files of another of the same layout; of each column the worst is remembered.
    fn join(&mut self, other: &Self) {
        self.paths.extend(&other.paths);
        for (column, more) in self.matched.columns.iter_mut().zip(&other.matched.columns) {
            column.accepted = match (column.accepted, more.accepted) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }

    /// Returns true if a holder file can describe both in one place.
    fn is_laid_out_like(&self, other: &Self) -> bool {
        self.matched.position == other.matched.position
            && self.sample.kind == other.sample.kind
            && self.sample.names().eq(other.sample.names())
            && self.matched.headers().eq(other.matched.headers())
            && self.found.is_like(&other.found)
    }
}

/// Characters of an identity code, and the position of its sign.
const CODE_LENGTH: usize = 11;
const SIGN: usize = 6;
/// The fewest digits of a number that is a value and no name.
const MIN_DIGITS: usize = 7;

/// Returns true if a header is an identifier of the contract, a day or a long number.
fn has_value_for_name(contract: &Contract, sample: &Sample) -> bool {
    sample.columns.iter().map(|column| column.name.trim()).any(|name| {
        let is_identifier = contract.identifiers.values().any(|syntax| syntax.canonical(name.as_bytes()).is_ok());
        let is_number = name.len() >= MIN_DIGITS && name.bytes().all(|byte| byte.is_ascii_digit());
        is_identifier || is_number || is_day(name)
    })
}

/// Returns true if an identity code stands anywhere in a text, also in lower case, with spaces, or without its sign.
fn holds_code(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let with_sign = letters.windows(CODE_LENGTH).map(<[char]>::to_vec);
    let without = letters.windows(CODE_LENGTH - 1).map(|code| [&code[..SIGN], &['-'], &code[SIGN..]].concat());
    with_sign.chain(without).any(|code| Syntax::Hetu.canonical(code.iter().collect::<String>().as_bytes()).is_ok())
}
