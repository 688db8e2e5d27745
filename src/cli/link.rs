//! `salanimi link`: links deliveries into a dataset.

use std::path::PathBuf;

use clap::Args;

use super::audit::AuditArguments;
use super::clock::now;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print};
use salanimi::extract::DEFAULT_MEMORY;
use salanimi::link::{Inputs, link, record_deliveries};
use salanimi::report;
use salanimi::study::read_contract;

/// Arguments of `link`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Contract of the study.
    #[arg(long)]
    contract: PathBuf,
    /// Folder of the linked dataset; it must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Link key that keeps linked ids the same between runs [default: a fresh key that is not stored]
    #[arg(long, value_name = "FILE")]
    link_key: Option<PathBuf>,
    /// Stop on every warning of the link that the contract does not explain.
    #[arg(long)]
    strict: bool,
    /// Memory for sorting. Rows that do not fit are spilled to disk.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Deliveries of all holders.
    #[arg(required = true)]
    deliveries: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, out, link_key, strict, memory, unlock, audit, deliveries } = arguments;
    let bar = Bar::default();
    let linked = audit.record("link", out, |act| {
        let contract = read_contract(contract)?;
        act.contract(&contract);
        record_deliveries(deliveries, act);
        let inputs = Inputs {
            contract: &contract,
            deliveries,
            link_key: link_key.as_deref(),
            unlock: &unlock.read()?,
            today: now().day(),
            strict: *strict,
        };
        let mut staged = link(&inputs, out, memory.0, &bar)?;
        report::add_documents(&mut staged, &contract)?;
        let linked = staged.publish()?;
        linked.record(act);
        Ok(linked)
    })?;
    drop(bar);
    print(json, &report::LinkSummary::new(&linked), &report::linked(&linked))?;
    Ok(())
}
