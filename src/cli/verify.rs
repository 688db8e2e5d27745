use std::path::PathBuf;

use super::exit::Exit;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print};
use crate::config::Contract;
use crate::extract::DEFAULT_MEMORY;
use crate::report;
use crate::verify::{Depth, Options, Verdict, verify};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The contract, to check signatures, recipients and contents by.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// Judge the tables as meant to leave the study's environment: risk fails where it else warns.
    #[arg(long)]
    released: bool,
    /// Run only so much of the dictionary attack as takes seconds.
    #[arg(long, conflicts_with = "exhaustive")]
    quick: bool,
    /// Run every scheme of the dictionary attack over the whole space of codes; this takes days.
    #[arg(long)]
    exhaustive: bool,
    /// The most memory to use: bytes, or a number with MiB or GiB.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    /// Deliveries, which are also checked together, and linked datasets.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Arguments {
    fn depth(&self) -> Depth {
        match (self.quick, self.exhaustive) {
            (true, _) => Depth::Quick,
            (_, true) => Depth::Exhaustive,
            _ => Depth::Usual,
        }
    }
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let contract = arguments.contract.as_deref().map(Contract::read).transpose()?;
    let bar = Bar::default();
    let began = std::time::Instant::now();
    let options = Options {
        paths: &arguments.paths,
        contract: contract.as_ref(),
        unlock: &arguments.unlock.read()?,
        released: arguments.released,
        depth: arguments.depth(),
        clock: &|| began.elapsed(),
        memory: arguments.memory.0,
    };
    let verification = verify(&options, &bar);
    drop(bar);
    print(json, &verification, &report::verification(&verification));
    match verification.verdict() {
        Verdict::Fail => Err(CliError::new(Exit::Verification, &"a check failed; see which, and why, above")),
        _ => Ok(()),
    }
}
