//! `salanimi init`: begins a holder file from the headers of a holder's files.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{CliError, print};
use salanimi::config::DECIDE;
use salanimi::files::{folder_of, write_public};
use salanimi::init::{self, holder_file};
use salanimi::study::read_contract;
use salanimi_core::Id;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Contract of the study.
    #[arg(long)]
    contract: PathBuf,
    /// Short name of the holder, as the contract has it.
    #[arg(long, value_parser = Id::new)]
    holder: Id,
    /// File of the holder: CSV, Parquet or SAS. Its headers are read, and its first cells to guess their notation; no
    /// cell is copied. Repeat for several files.
    #[arg(long, required = true, value_name = "FILE")]
    source: Vec<PathBuf>,
    /// Holder file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract: path, holder, source, out } = arguments;
    let contract = read_contract(path)?;
    let inputs = init::Inputs { contract: &contract, holder, sources: source, folder: folder_of(out) };
    let text = holder_file(&inputs)?;
    write_public(out, text.as_bytes())?;
    let decisions = text.lines().filter(|line| line.contains(DECIDE)).count();
    let summary = json!({ "holder_file": out.display().to_string(), "decisions": decisions });
    let words = format!(
        "Holder file: {}\n{decisions} lines have \"{DECIDE}\"; answer them and remove the comments, then try\n  \
         salanimi extract --dry-run --contract {} --holder {}",
        out.display(),
        shown(path),
        shown(out)
    );
    print(json, &summary, &words)?;
    Ok(())
}

/// Returns a path as a shell reads it.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|letter| letter.is_alphanumeric() || "/._-+".contains(letter));
    if is_plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
