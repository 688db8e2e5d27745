//! `salanimi cohort`: selects persons and encrypts their list to other holders.

use std::path::PathBuf;
use std::sync::Arc;

use super::audit::AuditArguments;
use super::clock::now;
use super::progress::Bar;
use super::secrets::{Audience, UnlockArguments, recipients};
use super::{CliError, print};
use salanimi::extract::{Inputs, ListPaths, cohort};
use salanimi::report;
use salanimi::study::read_contract;

/// Arguments of `cohort`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Contract of the study.
    #[arg(long)]
    contract: PathBuf,
    /// Holder file.
    #[arg(long)]
    holder: PathBuf,
    /// Holder that may open the list: its name in the contract, or its age recipient. May be repeated.
    #[arg(long, required = true, value_name = "RECIPIENT")]
    to: Vec<String>,
    /// Encrypted list to write; it must not exist. Its signature is written beside it.
    #[arg(long)]
    out: PathBuf,
    /// Signing key of the holder. Required if the contract lists one.
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// Omit the persons on this list.
    #[arg(long, value_name = "LIST")]
    exclude: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
}

pub(super) fn run(arguments: Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, holder, to, out, signing_key, exclude, unlock, audit } = arguments;
    let bar = Bar::default();
    let made = audit.record("cohort", &out, |act| {
        let contract = Arc::new(read_contract(&contract)?);
        act.contract(&contract);
        let to = recipients(&to, &contract, Audience::Holders)?;
        let lists = ListPaths { exclude, ..ListPaths::default() };
        let unlock = unlock.read()?;
        let inputs = Inputs { contract, holder, lists, unlock, signing_key, today: now().day() };
        let made = cohort(&inputs, &to, &out, &bar)?;
        act.signed_by = made.signed_by;
        act.digest("list", made.digest);
        act.count("persons", made.header.persons);
        act.count("recipients", made.recipients as u64);
        act.count("temporary", made.temporary);
        act.count("rejected", made.rejected);
        Ok(made)
    })?;
    drop(bar);
    print(json, &report::CohortSummary::new(&made), &report::cohort(&made))?;
    Ok(())
}
