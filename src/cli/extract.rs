use std::path::{Path, PathBuf};

use clap::Args;

use super::memory::Memory;
use super::progress::Bar;
use super::{CliError, print};
use crate::extract::{DEFAULT_MEMORY, Inputs, ListPaths, dry_run, extract};
use crate::report;

/// Arguments of `extract`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The study's contract.
    #[arg(long)]
    contract: PathBuf,
    /// The holder file.
    #[arg(long)]
    holder: PathBuf,
    /// The file of the project key.
    #[arg(long, required_unless_present = "dry_run")]
    key: Option<PathBuf>,
    /// The delivery's folder, which must not exist.
    #[arg(long, required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Deliver only the persons on this list, one identity code a line.
    #[arg(long, value_name = "LIST")]
    cohort: Option<PathBuf>,
    /// Leave out the persons on this list.
    #[arg(long, value_name = "LIST")]
    exclude: Option<PathBuf>,
    /// Blank the area columns of the persons on this list.
    #[arg(long, value_name = "LIST")]
    protect: Option<PathBuf>,
    /// Where the rejects ledger goes; beside the delivery if not given.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Memory for rows that wait to be written; more of them wait on disk.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    /// Read and report only: needs no key and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: Arguments, json: bool) -> Result<(), CliError> {
    let lists = ListPaths { cohort: arguments.cohort, exclude: arguments.exclude, protect: arguments.protect };
    let inputs = Inputs { contract: arguments.contract, holder: arguments.holder, lists };
    let bar = Bar::default();
    let (Some(key), Some(out), false) = (&arguments.key, &arguments.out, arguments.dry_run) else {
        let found = dry_run(&inputs, &bar)?;
        drop(bar);
        print(json, &found, &report::dry_run(&found));
        return Ok(());
    };
    let ledger = arguments.rejects.unwrap_or_else(|| beside(out));
    let extracted = extract(&inputs, key, out, &ledger, arguments.memory.0, &bar)?;
    drop(bar);
    print(json, &report::ExtractSummary::new(&extracted), &report::extracted(&extracted));
    Ok(())
}

/// The rejects ledger of a delivery at `out`, when not told otherwise.
pub(super) fn beside(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".rejects.csv");
    out.with_file_name(name)
}
