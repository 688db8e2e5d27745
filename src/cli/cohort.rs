use std::path::PathBuf;
use std::sync::Arc;

use super::audit::{AuditArguments, under};
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
    /// The study's contract.
    #[arg(long)]
    contract: PathBuf,
    /// The holder file.
    #[arg(long)]
    holder: PathBuf,
    /// A holder that the contract lists, or its age recipient, to whom the list is encrypted; may be repeated.
    #[arg(long, required = true, value_name = "RECIPIENT")]
    to: Vec<String>,
    /// The encrypted list, which must not exist; its signature goes beside it.
    #[arg(long)]
    out: PathBuf,
    /// The holder's signing key; needed where the contract lists one.
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// Leave out the persons on this list.
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
        under(act, &contract);
        let to = recipients(&to, &contract, Audience::Holders)?;
        let lists = ListPaths { exclude, ..ListPaths::default() };
        let (unlock, today) = (unlock.read()?, now().day());
        let made = cohort(&Inputs { contract, holder, lists, unlock, signing_key, today }, &to, &out, &bar)?;
        act.signed_by = made.signed_by;
        act.digest("list", made.digest);
        act.count("persons", made.header.persons);
        act.count("recipients", made.recipients as u64);
        act.count("temporary", made.temporary);
        act.count("rejected", made.rejected);
        Ok(made)
    })?;
    drop(bar);
    print(json, &report::CohortSummary::new(&made), &report::cohort(&made));
    Ok(())
}
