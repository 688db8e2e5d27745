use std::path::PathBuf;

use clap::Args;

use super::audit::{AuditArguments, under};
use super::memory::Memory;
use super::progress::Bar;
use super::{CliError, print};
use salanimi::extract::DEFAULT_MEMORY;
use salanimi::release::release;
use salanimi::report;
use salanimi::study::read_contract;

/// Arguments of `release`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The study's contract.
    #[arg(long)]
    contract: PathBuf,
    /// The folder of released tables, which must not exist.
    #[arg(long)]
    out: PathBuf,
    /// The most that a part of a table may need when it is decoded.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    #[command(flatten)]
    audit: AuditArguments,
    /// The linked dataset.
    linked: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, out, memory, audit, linked } = arguments;
    let bar = Bar::default();
    let released = audit.record("release", out, |act| {
        let contract = read_contract(contract)?;
        under(act, &contract);
        let released = release(&contract, linked, out, memory.0, &bar)?;
        act.digest("linked dataset", released.manifest.linked);
        act.digest("manifest", released.digest);
        for table in &released.manifest.tables {
            act.count(format!("{}: rows", table.name), table.rows);
        }
        Ok(released)
    })?;
    drop(bar);
    print(json, &report::ReleaseSummary::new(&released), &report::released(&released));
    Ok(())
}
