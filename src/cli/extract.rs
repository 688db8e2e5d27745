//! `salanimi extract`: pseudonymises an extract, checks one, or tries one without output.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::audit::AuditArguments;
use super::clock::now;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, Exit, print};
use salanimi::extract::{DEFAULT_MEMORY, Inputs, LEDGER_ENDING, ListPaths, Output, check, dry_run, extract};
use salanimi::files::beside;
use salanimi::report;
use salanimi::study::read_contract;
use salanimi::table::Parts;

/// Arguments of `extract`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Contract of the study.
    #[arg(long)]
    contract: PathBuf,
    /// Holder file.
    #[arg(long)]
    holder: PathBuf,
    /// File of the project key.
    #[arg(long, required_unless_present = "dry_run")]
    key: Option<PathBuf>,
    /// Signing key of the holder. Required if the contract lists one.
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// Folder of the delivery; it must not exist.
    #[arg(long, required_unless_present_any = ["dry_run", "check"])]
    out: Option<PathBuf>,
    /// Check this delivery against the source and the key, and write nothing.
    ///
    /// The check computes the rows of randomly drawn persons again. It also searches the delivery for values of omitted
    /// columns. A delivery sealed to others cannot be opened: make the same extract with --unsealed and check that one.
    #[arg(long, value_name = "DELIVERY", conflicts_with_all = ["out", "dry_run", "rejects"])]
    check: Option<PathBuf>,
    /// Deliver only the persons on this list: one identity code a line, or a list encrypted by another holder.
    #[arg(long, value_name = "LIST")]
    cohort: Option<PathBuf>,
    /// Omit the persons on this list.
    #[arg(long, value_name = "LIST")]
    exclude: Option<PathBuf>,
    /// Blank the area columns of the persons on this list.
    #[arg(long, value_name = "LIST")]
    protect: Option<PathBuf>,
    /// Write a delivery that everyone can read, instead of one sealed to the recipients of the contract.
    #[arg(long)]
    unsealed: bool,
    /// Stop on every warning that the contract does not explain.
    #[arg(long)]
    strict: bool,
    /// Write each table as this many files, one for each part of the pseudonyms: 1, 2, 4 … 4096.
    #[arg(long, value_name = "N", default_value_t = Parts::ONE, conflicts_with_all = ["dry_run", "check"])]
    parts: Parts,
    /// Rejects ledger to write [default: beside the delivery]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Memory for sorting. Rows that do not fit are spilled to disk.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Read the source and report, without a key and without output.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    match (&arguments.key, &arguments.check, &arguments.out) {
        (Some(key), Some(delivery), _) => arguments.run_check(key, delivery, json),
        (Some(key), None, Some(out)) if !arguments.dry_run => arguments.run_extract(key, out, json),
        _ => arguments.run_dry(json),
    }
}

impl Arguments {
    fn inputs(&self) -> Result<Inputs, CliError> {
        Ok(Inputs {
            contract: Arc::new(read_contract(&self.contract)?),
            holder: self.holder.clone(),
            lists: ListPaths {
                cohort: self.cohort.clone(),
                exclude: self.exclude.clone(),
                protect: self.protect.clone(),
            },
            unlock: self.unlock.read()?,
            signing_key: self.signing_key.clone(),
            today: now().day(),
        })
    }

    fn run_check(&self, key: &Path, delivery: &Path, json: bool) -> Result<(), CliError> {
        let bar = Bar::default();
        let found = check(&self.inputs()?, key, delivery, self.memory.0, &bar)?;
        drop(bar);
        print(json, &found, &report::delivery_check(&found))?;
        if found.holds() {
            return Ok(());
        }
        let message = "the delivery differs from what the source and the key produce; see the differences above";
        Err(CliError::new(Exit::Verification, &message))
    }

    fn run_dry(&self, json: bool) -> Result<(), CliError> {
        let bar = Bar::default();
        let found = dry_run(&self.inputs()?, self.strict, &bar)?;
        drop(bar);
        print(json, &found, &report::dry_run(&found))?;
        match found.would_stop() {
            true => {
                Err(CliError::input(&"a real run would stop; correct the source or the holder file, as shown above"))
            }
            false => Ok(()),
        }
    }

    fn run_extract(&self, key: &Path, out: &Path, json: bool) -> Result<(), CliError> {
        let beside_delivery = beside(out, LEDGER_ENDING);
        let ledger = self.rejects.as_ref().unwrap_or(&beside_delivery);
        let output = Output {
            delivery: out,
            ledger,
            memory: self.memory.0,
            parts: self.parts,
            unsealed: self.unsealed,
            strict: self.strict,
        };
        let command = if self.unsealed { "extract --unsealed" } else { "extract" };
        let bar = Bar::default();
        let extracted = self.audit.record(command, out, |act| {
            let inputs = self.inputs()?;
            act.contract(&inputs.contract);
            let extracted = extract(&inputs, key, &output, &bar)?;
            extracted.record(act);
            Ok(extracted)
        })?;
        drop(bar);
        print(json, &report::ExtractSummary::new(&extracted), &report::extracted(&extracted))?;
        Ok(())
    }
}
