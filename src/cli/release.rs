//! `salanimi release`: makes results that may leave the secure environment.

use std::path::PathBuf;

use clap::Args;

use super::audit::AuditArguments;
use super::clock::now;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print};
use salanimi::crypto::Digest;
use salanimi::extract::DEFAULT_MEMORY;
use salanimi::release::{Inputs, Plan, Previous, Released, release};
use salanimi::report;
use salanimi::study::read_contract;

/// Arguments of `release`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Contract of the study.
    #[arg(long)]
    contract: PathBuf,
    /// Print the items and what they cost, from the contract alone. Reads neither data nor key.
    #[arg(long, conflicts_with_all = ["key", "out", "linked", "previous"])]
    plan: bool,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Debug, Args)]
struct RunArguments {
    /// Release key; its register lies beside it, as FILE.register.
    #[arg(long, value_name = "FILE", required_unless_present = "plan")]
    key: Option<PathBuf>,
    /// Folder of the release; it must not exist.
    #[arg(long, required_unless_present = "plan")]
    out: Option<PathBuf>,
    /// The study's previous release, or the register digest in its manifest. A register without it is refused.
    #[arg(long, value_name = "FOLDER|DIGEST")]
    previous: Option<String>,
    /// Memory for decoding one part of a table.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    #[command(flatten)]
    unlock: UnlockArguments,
    #[command(flatten)]
    audit: AuditArguments,
    /// Linked dataset.
    #[arg(required_unless_present = "plan")]
    linked: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, run, .. } = arguments;
    let (Some(key), Some(out), Some(linked)) = (&run.key, &run.out, &run.linked) else {
        let plan = Plan::new(&read_contract(contract)?)?;
        print(json, &plan, &report::release_plan(&plan))?;
        return Ok(());
    };
    let bar = Bar::default();
    let released = run.audit.record("release", out, |act| {
        let contract = read_contract(contract)?;
        act.contract(&contract);
        let inputs = Inputs {
            contract: &contract,
            linked,
            key,
            unlock: &run.unlock.read()?,
            previous: run.previous.as_deref().map(previous),
            today: now().day(),
            memory: run.memory.0,
        };
        let mut staged = release(&inputs, out, &bar)?;
        report::add_release_documents(&mut staged, &contract)?;
        let released = staged.publish()?;
        record(&released, act);
        Ok(released)
    })?;
    drop(bar);
    print(json, &report::ReleaseSummary::new(&released), &report::released(&released))?;
    Ok(())
}

/// Returns the previous release: a digest, or else a folder.
fn previous(text: &str) -> Previous {
    match Digest::try_from(text.to_owned()) {
        Ok(digest) => Previous::Line(digest),
        Err(_) => Previous::Folder(PathBuf::from(text)),
    }
}

/// Records in the audit log the digests of a release.
fn record(released: &Released, act: &mut salanimi::audit::CommandRecord) {
    act.key_id = Some(released.manifest.register.key_id);
    act.digest("linked dataset", released.manifest.linked);
    act.digest("manifest", released.digest);
    act.digest("register line", released.manifest.register.after.digest);
    for item in &released.manifest.items {
        act.count(format!("{}: rows", item.name), item.rows);
    }
}
