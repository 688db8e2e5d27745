//! What can go wrong in the making of synthetic registers.

use std::path::PathBuf;

use salanimi_core::Id;

/// Why no synthetic registers were made. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// A configuration file cannot be read.
    #[error("{path} cannot be read ({source}); check the path and its permissions")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A configuration file is malformed.
    #[error("{path} is malformed; {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// Output cannot be written.
    #[error("{path} cannot be written ({source}); free space or choose another output folder")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The output folder cannot be made.
    #[error(transparent)]
    Folder(#[from] crate::exchange::FolderError),
    /// The number of persons is out of range.
    #[error("{found} persons cannot be made; ask for 1 to {most}, which is how many have codes of their own")]
    Persons {
        /// What was asked for.
        found: u64,
        /// The most that can be.
        most: u64,
    },
    /// No holder file lies beside the contract.
    #[error("no holder file lies in {folder}; put the holders' .toml files beside the contract")]
    NoHolder {
        /// The contract's folder.
        folder: PathBuf,
    },
    /// Two holder files have the same holder.
    #[error("two holder files name the holder '{holder}'; rename one")]
    HolderTwice {
        /// The holder.
        holder: Id,
    },
    /// The contract has a table that synthetic registers know nothing of.
    #[error("the contract's table '{table}' has no model; synthetic registers exist for the four tables of the study")]
    UnknownTable {
        /// The table.
        table: Id,
    },
    /// The contract has a column that synthetic registers know nothing of.
    #[error("the contract's column '{table}.{column}' has no model; leave it out, or mark it as direct or derived")]
    UnknownColumn {
        /// The table.
        table: Id,
        /// The column.
        column: Id,
    },
    /// A table's persons have another identifier than the identity code.
    #[error(
        "the persons of '{table}' have no identity codes; synthetic registers need identifiers with syntax = \"hetu\""
    )]
    Identifier {
        /// The table.
        table: Id,
    },
    /// The contract does not allow a code that synthetic registers hold.
    #[error(
        "the contract does not allow '{code}' in '{table}.{column}', which synthetic registers hold; add it to the codes"
    )]
    CodeNotAllowed {
        /// The table.
        table: Id,
        /// The column.
        column: Id,
        /// The code.
        code: &'static str,
    },
    /// No column of the contract says which municipalities there are.
    #[error("the contract has no mapping of municipalities; give kela_social_assistance.municipality a codes_from")]
    NoMunicipalities,
    /// A mapping file lacks a column or a value.
    #[error("{path} is no mapping with the columns '{from}' and '{to}'; check the headers and line {line}")]
    Mapping {
        /// The file.
        path: PathBuf,
        /// Header of the mapped codes.
        from: String,
        /// Header of what they become.
        to: String,
        /// The line, the header being 1.
        line: usize,
    },
    /// A coverage names an organiser that the mapping does not have.
    #[error(
        "holder '{holder}' covers the organiser '{organiser}', which is no municipality or county of the mapping; correct it"
    )]
    UnknownOrganiser {
        /// The holder.
        holder: Id,
        /// The organiser.
        organiser: String,
    },
    /// A source is in Parquet.
    #[error(
        "holder '{holder}' describes a Parquet source of '{table}'; synthetic registers are written as CSV only, set format = \"csv\""
    )]
    Parquet {
        /// The holder.
        holder: Id,
        /// The table.
        table: Id,
    },
    /// A source describes what the model cannot write.
    #[error("holder '{holder}', source of '{table}': {problem}")]
    Source {
        /// The holder.
        holder: Id,
        /// The table.
        table: Id,
        /// What is wrong and what to do.
        problem: SourceProblem,
    },
    /// A file would lie outside the folder of the configuration file that names it.
    #[error("{path} names the file {file}, which is not below its own folder; use a plain relative path")]
    OutsideFolder {
        /// The configuration file.
        path: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// A configuration file names the same file twice.
    #[error("{path} names the file {file} twice; give each source files of its own")]
    FileTwice {
        /// The configuration file.
        path: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// Nobody would be in any file.
    #[error("no holder's files take any row of the window; check periods, coverage and the years in file names")]
    NothingDelivered,
}

/// What is wrong with a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceProblem {
    /// The contract has no such table.
    #[error("the contract has no such table; correct the name")]
    UnknownTable,
    /// The contract has no such column.
    #[error("the contract has no column '{column}'; correct the name")]
    UnknownColumn {
        /// The column.
        column: Id,
    },
    /// A constant that no row can have.
    #[error("no synthetic row has the constant of '{column}'; only codes and organisers can be constant")]
    Constant {
        /// The column.
        column: Id,
    },
    /// The reshape has not twelve months or no text for "yes".
    #[error("a reshape needs twelve month headers and at least one text under yes; complete it")]
    Reshape,
    /// A separator or decimal mark is not ASCII.
    #[error("the delimiter and the decimal mark must be ASCII; choose others")]
    NotAscii,
    /// A text of the holder file does not exist in the encoding.
    #[error("'{text}' cannot be written in latin-1; change it or the encoding")]
    Encoding {
        /// The header or code.
        text: String,
    },
}
