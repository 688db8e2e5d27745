//! `salanimi release`: makes tables that may leave the secure environment.

use std::path::PathBuf;

use clap::Args;

use super::audit::{AuditArguments, record_contract};
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
    /// Contract of the study.
    #[arg(long)]
    contract: PathBuf,
    /// Folder of the released tables; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Memory for decoding one part of a table.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    #[command(flatten)]
    audit: AuditArguments,
    /// Linked dataset.
    linked: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, out, memory, audit, linked } = arguments;
    let bar = Bar::default();
    let released = audit.record("release", out, |act| {
        let contract = read_contract(contract)?;
        record_contract(act, &contract);
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
