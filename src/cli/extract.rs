use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::audit::{AuditArguments, under};
use super::clock::now;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, Exit, print};
use salanimi::audit::Act;
use salanimi::exchange::Lists;
use salanimi::extract::{DEFAULT_MEMORY, Extracted, Inputs, LEDGER_ENDING, ListPaths, Output, check, dry_run, extract};
use salanimi::files::beside;
use salanimi::report;
use salanimi::study::read_contract;

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
    /// The holder's signing key; needed where the contract lists one.
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// The delivery's folder, which must not exist.
    #[arg(long, required_unless_present_any = ["dry_run", "check"])]
    out: Option<PathBuf>,
    /// Check this delivery against the sources and the key: persons drawn at random are recomputed, and no value of a
    /// column that is left out may be in it. Writes nothing. A delivery that is sealed to others cannot be opened: check
    /// the same extract made with --unsealed, which has the same contents.
    #[arg(long, value_name = "DELIVERY", conflicts_with_all = ["out", "dry_run", "rejects"])]
    check: Option<PathBuf>,
    /// Deliver only the persons on this list: one identity code a line, or a list that another holder encrypted.
    #[arg(long, value_name = "LIST")]
    cohort: Option<PathBuf>,
    /// Leave out the persons on this list.
    #[arg(long, value_name = "LIST")]
    exclude: Option<PathBuf>,
    /// Blank the area columns of the persons on this list.
    #[arg(long, value_name = "LIST")]
    protect: Option<PathBuf>,
    /// Leave the delivery readable to everyone who gets it. Without this it is sealed to the contract's recipients.
    #[arg(long)]
    unsealed: bool,
    /// Where the rejects ledger goes; beside the delivery if not given.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Memory for rows that wait to be written; more of them wait on disk.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Read and report only: needs no key and no --out, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, holder, cohort, exclude, protect, unlock, signing_key, audit, memory, unsealed, .. } =
        arguments;
    let lists = ListPaths { cohort, exclude, protect };
    let inputs = || -> Result<Inputs, CliError> {
        let contract = Arc::new(read_contract(&contract)?);
        Ok(Inputs { contract, holder, lists, unlock: unlock.read()?, signing_key, today: now().day() })
    };
    let bar = Bar::default();
    if let (Some(delivery), Some(key)) = (&arguments.check, &arguments.key) {
        let found = check(&inputs()?, key, delivery, memory.0, &bar)?;
        drop(bar);
        print(json, &found, &report::delivery_check(&found));
        return match found.holds() {
            true => Ok(()),
            false => Err(CliError::new(
                Exit::Verification,
                &"the delivery is not what the source and the key make; see above",
            )),
        };
    }
    let (Some(key), Some(out), false) = (arguments.key, arguments.out, arguments.dry_run) else {
        let found = dry_run(&inputs()?, &bar)?;
        drop(bar);
        print(json, &found, &report::dry_run(&found));
        return Ok(());
    };
    let ledger = arguments.rejects.unwrap_or_else(|| beside(&out, LEDGER_ENDING));
    let output = Output { delivery: &out, ledger: &ledger, memory: memory.0, unsealed };
    let command = if unsealed { "extract --unsealed" } else { "extract" };
    let extracted = audit.record(command, &out, |act| {
        let inputs = inputs()?;
        under(act, &inputs.contract);
        let extracted = extract(&inputs, &key, &output, &bar)?;
        note(&extracted, act);
        Ok(extracted)
    })?;
    drop(bar);
    print(json, &report::ExtractSummary::new(&extracted), &report::extracted(&extracted));
    Ok(())
}

/// Notes what the audit log keeps of an extract.
fn note(extracted: &Extracted, act: &mut Act) {
    let manifest = &extracted.manifest;
    (act.key_id, act.signed_by) = (Some(manifest.key_id), extracted.signed_by);
    act.digest("manifest", extracted.digest);
    act.count("delivery", manifest.delivery.number.into());
    for table in &extracted.account.tables {
        let counts = [
            ("records", table.records),
            ("rows", table.rows),
            ("persons", table.persons),
            ("left out", table.filtered.total()),
            ("rejected", table.rejected_total()),
        ];
        counts.iter().for_each(|(what, count)| act.count(format!("{}: {what}", table.name), *count));
    }
    let Lists { cohort, exclude, protect } = &extracted.account.lists;
    for (name, list) in [("cohort", cohort), ("exclude", exclude), ("protect", protect)] {
        list.iter().for_each(|list| act.count(format!("{name} list: persons"), list.listed));
    }
}
