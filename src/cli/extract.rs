use std::path::{Path, PathBuf};

use clap::Args;

use super::audit::AuditArguments;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print};
use crate::audit::Act;
use crate::domain::Moment;
use crate::exchange::TableEntry;
use crate::extract::{DEFAULT_MEMORY, Extracted, Inputs, Keys, ListPaths, Output, dry_run, extract};
use crate::files::beside;
use crate::report;

/// What is added to a delivery's name for that of its rejects ledger.
const LEDGER_ENDING: &str = ".rejects.csv";

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
    #[arg(long, required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Deliver only the persons on this list: one identity code a line, or a list that another holder encrypted.
    #[arg(long, value_name = "LIST")]
    cohort: Option<PathBuf>,
    /// Leave out the persons on this list.
    #[arg(long, value_name = "LIST")]
    exclude: Option<PathBuf>,
    /// Blank the area columns of the persons on this list.
    #[arg(long, value_name = "LIST")]
    protect: Option<PathBuf>,
    /// Leave the delivery readable to everyone who gets it, although the contract names recipients.
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
    /// Read and report only: needs no key and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: Arguments, json: bool) -> Result<(), CliError> {
    let lists = ListPaths { cohort: arguments.cohort, exclude: arguments.exclude, protect: arguments.protect };
    let inputs = |unlock: &UnlockArguments| {
        let (contract, holder) = (arguments.contract.clone(), arguments.holder.clone());
        Ok::<_, CliError>(Inputs { contract, holder, lists: lists.clone(), unlock: unlock.read()? })
    };
    let bar = Bar::default();
    let (Some(key), Some(out), false) = (&arguments.key, &arguments.out, arguments.dry_run) else {
        let found = dry_run(&inputs(&arguments.unlock)?, &bar)?;
        drop(bar);
        print(json, &found, &report::dry_run(&found));
        return Ok(());
    };
    let ledger = arguments.rejects.clone().unwrap_or_else(|| ledger_of(out));
    let keys = Keys { project: key, signing: arguments.signing_key.as_deref(), today: Moment::now().day() };
    let output = Output { delivery: out, ledger: &ledger, memory: arguments.memory.0, unsealed: arguments.unsealed };
    let extracted = arguments.audit.record("extract", out, |act| {
        let extracted = extract(&inputs(&arguments.unlock)?, &keys, &output, &bar)?;
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
    act.study = Some(manifest.study.clone());
    act.key_id = Some(manifest.key_id);
    act.digest("contract", manifest.exchange_digest);
    act.digest("manifest", extracted.digest);
    act.count("delivery", manifest.delivery.number.into());
    for TableEntry { name, records, rows, persons, .. } in &extracted.account.tables {
        act.count(format!("{name}: records"), *records);
        act.count(format!("{name}: rows"), *rows);
        act.count(format!("{name}: persons"), *persons);
    }
}

/// The rejects ledger of a delivery at `out`, when not told otherwise.
pub(super) fn ledger_of(out: &Path) -> PathBuf {
    beside(out, LEDGER_ENDING)
}
