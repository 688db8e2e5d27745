use std::path::PathBuf;

use super::exit::Exit;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print};
use crate::config::Contract;
use crate::report;
use crate::verify::{Verdict, verify};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The contract, to check signatures, recipients and contents by.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// Deliveries, which are also checked together, and linked datasets.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let contract = arguments.contract.as_deref().map(Contract::read).transpose()?;
    let bar = Bar::default();
    let verification = verify(&arguments.paths, contract.as_ref(), &arguments.unlock.read()?, &bar);
    drop(bar);
    print(json, &verification, &report::verification(&verification));
    match verification.verdict() {
        Verdict::Fail => Err(CliError::new(Exit::Verification, &"a check failed; see which, and why, above")),
        _ => Ok(()),
    }
}
