//! Errors of the generation of synthetic registers.

use std::io;
use std::path::PathBuf;

use crate::config::ConfigError;
use crate::exchange::FolderError;
use salanimi_core::Id;

/// No synthetic registers were made, and nothing is left behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// The contract, a holder file or a mapping is unreadable or invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A configuration file or its folder cannot be read.
    #[error("{path}: {source}; check the path and that you may read it")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// Output cannot be written.
    #[error("{path}: {source}; free space or choose another output folder")]
    Write {
        /// The file.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The output folder cannot be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The number of persons is out of range.
    #[error(
        "{found} persons cannot be made, as there are identity codes for 1 to {max}; ask for a number in this range"
    )]
    Persons {
        /// The number asked for.
        found: u64,
        /// The largest possible number.
        max: u64,
    },
    /// No holder file lies beside the contract.
    #[error("{folder}: no holder file; put the holders' .toml files beside the contract")]
    NoHolder {
        /// The contract's folder.
        folder: PathBuf,
    },
    /// Two holder files name one holder.
    #[error("two holder files name the holder '{holder}'; rename one")]
    HolderTwice {
        /// The holder.
        holder: Id,
    },
    /// The contract has a table without a model.
    #[error("the contract's table '{table}' cannot be generated; remove it, only the study's four tables can be")]
    UnknownTable {
        /// The table.
        table: Id,
    },
    /// The contract has a column without a model.
    #[error("the contract's column '{table}.{column}' cannot be generated; remove it, or mark it as direct or derived")]
    UnknownColumn {
        /// The table.
        table: Id,
        /// The column.
        column: Id,
    },
    /// The persons of a table have identifiers other than identity codes.
    #[error("the persons of '{table}' have no identity codes; use an identifier with syntax = \"hetu\"")]
    Identifier {
        /// The table.
        table: Id,
    },
    /// The contract does not allow a code of the model.
    #[error(
        "the contract does not allow '{code}' in '{table}.{column}', a code of synthetic rows; add it to the codes"
    )]
    CodeNotAllowed {
        /// The table.
        table: Id,
        /// The column.
        column: Id,
        /// The code.
        code: &'static str,
    },
    /// The contract does not list the municipalities in which assistance is paid.
    #[error(
        "the contract has no mapping with municipalities; set codes_from of kela_social_assistance.municipality to one"
    )]
    NoMunicipalities,
    /// A coverage names an unknown organiser.
    #[error(
        "holder '{holder}' covers the organiser '{organiser}', no municipality or county of the mapping; correct it"
    )]
    UnknownOrganiser {
        /// The holder.
        holder: Id,
        /// The organiser.
        organiser: String,
    },
    /// A source is not CSV.
    #[error("holder '{holder}': the source of '{table}' is not CSV, but synthetic sources are; set format = \"csv\"")]
    NotCsv {
        /// The holder.
        holder: Id,
        /// The table.
        table: Id,
    },
    /// Synthetic rows cannot be written as a source describes.
    #[error("holder '{holder}', source of '{table}': {problem}")]
    Source {
        /// The holder.
        holder: Id,
        /// The table.
        table: Id,
        /// The problem and its remedy.
        problem: SourceProblem,
    },
    /// A file would lie outside the folder of its configuration file.
    #[error("{path}: the file {file} is not below this folder; use a plain relative path")]
    OutsideFolder {
        /// The configuration file.
        path: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// A configuration file names one file twice.
    #[error("{path}: the file {file} occurs twice; give each source files of its own")]
    FileTwice {
        /// The configuration file.
        path: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// No file takes any row.
    #[error("no source file covers any day of the window; check periods, coverage and the years in file names")]
    NothingDelivered,
}

/// The reason why synthetic rows cannot be written as a source describes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceProblem {
    /// No row has the constant.
    #[error("no synthetic row has the constant of '{column}'; use a code of the contract or an organiser")]
    Constant {
        /// The column.
        column: Id,
    },
    /// The reshape has no text for "yes".
    #[error("the reshape has no text under `yes`; list at least one")]
    Reshape,
    /// A text of the holder file does not exist in the encoding.
    #[error("'{text}' does not exist in latin-1; change it or the encoding")]
    Encoding {
        /// The header or code.
        text: String,
    },
}
