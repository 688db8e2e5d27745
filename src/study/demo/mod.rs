//! A whole exchange on synthetic registers, compared with the truth that they were made from.

mod comparison;
mod error;
mod options;
mod parties;
mod verification;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::comparison::Comparison;
pub use self::error::DemoError;
pub use self::options::Options;
use self::parties::{DemoHolder, DemoPaths, HOLDERS, Parties};
use self::verification::Verified;
use super::{read_contract, synth};
use crate::config::Contract;
use crate::crypto::Unlock;
use crate::extract::{self, DEFAULT_MEMORY, Extracted, ListPaths, extract};
use crate::files::{beside, write_public};
use crate::link::{self, link};
use crate::progress::Progress;
use crate::release::{self, Released, release};
use crate::report;
use crate::verify::Depth;
use salanimi_core::Day;

/// The file with the whole exchange in words, in the demo's folder.
const DETAILS: &str = "demo.txt";

/// Result of a demo.
#[derive(Debug)]
#[non_exhaustive]
pub struct Demo {
    /// The linked persons against the truth.
    pub comparison: Comparison,
    /// What was made, on one screen. The whole exchange in words is in the file `demo.txt`.
    pub words: String,
    /// `true` if a check of the verification failed.
    pub verification_failed: bool,
}

/// Runs the whole exchange: keys, registers, deliveries, link, release, verification.
///
/// # Errors
/// The folder exists or cannot be written; any other error is a bug in salanimi.
pub fn run(options: &Options<'_>, progress: &dyn Progress) -> Result<Demo, DemoError> {
    let places = DemoPaths::create(options.out)?;
    let contract_path = make_registers(options, &places, progress)?;
    let today = options.now.day();
    let parties = Parties::create(&places, &contract_path, today)?;
    let contract = Arc::new(read_contract(&contract_path)?);
    let mut details = String::new();
    let mut records = Records::default();
    let mut deliveries = Vec::new();
    for DemoHolder { name, .. } in HOLDERS {
        let extracted = deliver(&places, &contract, name, today, progress)?;
        details += &report::delivery(&extracted.manifest, Some(&extracted.account));
        records.add(&extracted);
        deliveries.push(places.deliveries.join(name));
    }
    let inputs = link::Inputs {
        contract: &contract,
        deliveries: &deliveries,
        link_key: Some(&places.link_key()),
        unlock: &parties.linker,
        today,
        strict: false,
    };
    let mut staged = link(&inputs, &places.linked, DEFAULT_MEMORY, progress)?;
    report::add_documents(&mut staged, &contract)?;
    let linked = staged.publish()?;
    let mut paths = deliveries;
    paths.push(places.linked.clone());
    paths.push(places.released.clone());
    let released = release_results(&places, &contract, today, progress)?;
    let verified = verification::verify(options, &contract, &paths, &parties.linker, progress)?;
    let comparison =
        Comparison::new(&contract, &parties.project, &parties.link, &places.sources.join("truth.csv"), &linked)?;
    details += &format!("{}\n\n{}\n\n", report::linked(&linked), report::released(&released));
    details += &format!("{}\n{}\n\n{}", comparison.in_words(), verified.in_words(), folders(options.out));
    write_public(&options.out.join(DETAILS), details.as_bytes())?;
    let words = screen(options, &Made { records, comparison: &comparison, released: &released, verified: &verified });
    Ok(Demo { comparison, words, verification_failed: verified.failed > 0 })
}

/// Source records of all holders.
#[derive(Debug, Clone, Copy, Default)]
struct Records {
    read: u64,
    rejected: u64,
}

impl Records {
    fn add(&mut self, extracted: &Extracted) {
        for table in &extracted.account.tables {
            self.read += table.records;
            self.rejected += table.rejected_total();
        }
    }
}

/// What the screen tells.
struct Made<'a> {
    records: Records,
    comparison: &'a Comparison,
    released: &'a Released,
    verified: &'a Verified,
}

/// Returns what was made, the numbers that matter, and what to try next.
fn screen(options: &Options<'_>, made: &Made<'_>) -> String {
    let Made { records, comparison, released, verified } = made;
    let share = 100.0 * records.rejected as f64 / records.read.max(1) as f64;
    let attack = if options.depth == Depth::None { "the dictionary attack was not run" } else { "with the attack" };
    let numbers = [
        ("SYNTHETIC people", format!("{}; nobody in the registers exists", options.persons)),
        ("source records", format!("{} read, {} rejected ({share:.1} %)", records.read, records.rejected)),
        (
            "linked persons",
            format!(
                "{} of {} correctly, {} falsely",
                comparison.linked_rightly,
                comparison.persons,
                comparison.linked_falsely + comparison.invented
            ),
        ),
        (
            "released tables",
            format!("{}; every count is a multiple of {}", released.manifest.items.len(), released.manifest.base),
        ),
        (
            "officer's checks",
            format!("{} passed, {} warn, {} failed; {attack}", verified.passed, verified.warned, verified.failed),
        ),
    ];
    let out = options.out.display().to_string();
    let mut text = format!("A whole study, played by all its parties, is in {out}\n\n");
    for (name, number) in numbers {
        text += &format!("  {name:<18} {number}\n");
    }
    text + "\n" + include_str!("next_steps.txt").replace("{out}", &out).trim_end()
}

/// Makes the registers, and returns the path of the contract beside them.
fn make_registers(options: &Options<'_>, places: &DemoPaths, progress: &dyn Progress) -> Result<PathBuf, DemoError> {
    progress.begin("synth", options.persons);
    let registers = synth::Options {
        contract: places.config.join(parties::CONTRACT),
        persons: options.persons,
        seed: options.seed,
        out: places.sources.clone(),
    };
    synth::run(&registers, &|persons| progress.advance(persons))?;
    Ok(places.sources.join(parties::CONTRACT))
}

/// Makes a holder's sealed and signed delivery.
fn deliver(
    places: &DemoPaths,
    contract: &Arc<Contract>,
    holder: &str,
    today: Day,
    progress: &dyn Progress,
) -> Result<Extracted, DemoError> {
    let delivery = places.deliveries.join(holder);
    let inputs = extract::Inputs {
        contract: Arc::clone(contract),
        holder: places.sources.join(holder).join("holder.toml"),
        lists: ListPaths::default(),
        unlock: Unlock::default(),
        signing_key: Some(places.signing_key(holder)),
        today,
    };
    let ledger = beside(&delivery, extract::LEDGER_ENDING);
    let output = extract::Output::new(&delivery, &ledger);
    Ok(extract(&inputs, &places.project_key(), &output, progress)?)
}

/// Makes and publishes the release.
fn release_results(
    places: &DemoPaths,
    contract: &Contract,
    today: Day,
    progress: &dyn Progress,
) -> Result<Released, DemoError> {
    let inputs = release::Inputs {
        contract,
        linked: &places.linked,
        key: &places.release_key(),
        unlock: &Unlock::default(),
        previous: None,
        today,
        memory: DEFAULT_MEMORY,
    };
    let mut staged = release(&inputs, &places.released, progress)?;
    report::add_release_documents(&mut staged, contract)?;
    Ok(staged.publish()?)
}

fn folders(out: &Path) -> String {
    include_str!("folders.txt").replace("{out}", &out.display().to_string())
}
