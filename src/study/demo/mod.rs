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
use super::{read_contract, synth};
use crate::config::Contract;
use crate::crypto::Unlock;
use crate::extract::{self, DEFAULT_MEMORY, ListPaths, extract};
use crate::files::beside;
use crate::link::{self, link};
use crate::progress::Progress;
use crate::release::{self, Released, release};
use crate::report;
use salanimi_core::Day;

/// Result of a demo.
#[derive(Debug)]
#[non_exhaustive]
pub struct Demo {
    /// The linked persons against the truth.
    pub comparison: Comparison,
    /// The whole exchange in words.
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
    let mut words = String::new();
    let mut deliveries = Vec::new();
    for DemoHolder { name, .. } in HOLDERS {
        let delivery = places.deliveries.join(name);
        words += &deliver(&places, &contract, name, today, progress)?;
        deliveries.push(delivery);
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
    let released = report::released(&release_results(&places, &contract, today, progress)?);
    let verified = verification::verify(options, &contract, &paths, &parties.linker, progress)?;
    let comparison =
        Comparison::new(&contract, &parties.project, &parties.link, &places.sources.join("truth.csv"), &linked)?;
    words += &format!("{}\n\n{released}\n\n", report::linked(&linked));
    words += &format!("{}\n{}\n{}", comparison.in_words(), verified.words, next_steps(options.out));
    Ok(Demo { comparison, words, verification_failed: verified.failed })
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

/// Makes a holder's sealed and signed delivery, and returns its summary in words.
fn deliver(
    places: &DemoPaths,
    contract: &Arc<Contract>,
    holder: &str,
    today: Day,
    progress: &dyn Progress,
) -> Result<String, DemoError> {
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
    let extracted = extract(&inputs, &places.project_key(), &output, progress)?;
    Ok(report::delivery(&extracted.manifest, Some(&extracted.account)))
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

fn next_steps(out: &Path) -> String {
    include_str!("next_steps.txt").replace("{out}", &out.display().to_string()).trim_end().to_owned()
}
