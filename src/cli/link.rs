use std::path::PathBuf;

use clap::Args;

use super::memory::Memory;
use super::progress::Bar;
use super::{CliError, print};
use crate::extract::DEFAULT_MEMORY;
use crate::link::link;
use crate::report;

/// Arguments of `link`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The study's contract.
    #[arg(long)]
    contract: PathBuf,
    /// The linked dataset's folder, which must not exist.
    #[arg(long)]
    out: PathBuf,
    /// Keep persons' ids equal over runs with this link key; without it the key is fresh and forgotten.
    #[arg(long, value_name = "FILE")]
    link_key: Option<PathBuf>,
    /// Memory for rows that wait to be written; more of them wait on disk.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    /// The deliveries of every holder.
    #[arg(required = true)]
    deliveries: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let bar = Bar::default();
    let link_key = arguments.link_key.as_deref();
    let linked = link(&arguments.contract, &arguments.deliveries, link_key, &arguments.out, arguments.memory.0, &bar)?;
    drop(bar);
    print(json, &report::LinkSummary::new(&linked), &report::linked(&linked));
    Ok(())
}
