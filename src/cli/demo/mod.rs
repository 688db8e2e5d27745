//! Everything end to end on synthetic registers, and what was found against the truth.

mod parties;
mod truth;
mod verification;

use std::path::{Path, PathBuf};

use clap::Args;

use self::parties::{HOLDERS, Parties, Places};
use self::truth::Comparison;
use super::super::clock::now;
use super::exit::Exit;
use super::progress::Bar;
use super::{CliError, print};
use salanimi::config::Contract;
use salanimi::extract::{DEFAULT_MEMORY, Inputs, ListPaths, Output, extract};
use salanimi::link::{self, link};
use salanimi::progress::Progress;
use salanimi::release::release;
use salanimi::verify::{Depth, Verdict};
use salanimi::{report, synth};
use salanimi_core::Day;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// People in the synthetic population.
    #[arg(long, default_value_t = 50_000)]
    persons: u64,
    /// The same seed gives the same registers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave the dictionary attack out of the verification at the end.
    #[arg(long)]
    skip_attack: bool,
    /// The folder to make, which must not exist.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let (places, today) = (Places::create(&arguments.out)?, now().day());
    let bar = Bar::default();
    bar.begin("synth", arguments.persons);
    let options = synth::Options {
        contract: places.config.join("contract.toml"),
        persons: arguments.persons,
        seed: arguments.seed,
        out: places.sources.clone(),
    };
    synth::run(&options, &|persons| bar.advance(persons))?;
    let contract_path = places.sources.join("contract.toml");
    let parties = Parties::create(&places, &contract_path, today)?;
    let mut words = String::new();
    let mut deliveries = Vec::new();
    for holder in HOLDERS {
        let (delivery, said) = deliver(&places, &contract_path, holder, today, &bar)?;
        words += &said;
        deliveries.push(delivery);
    }
    let inputs = link::Inputs {
        contract: &contract_path,
        deliveries: &deliveries,
        link_key: Some(&places.link_key()),
        unlock: &parties.linker,
        today,
        describe: &report::documents,
    };
    let linked = link(&inputs, &places.linked, DEFAULT_MEMORY, &bar)?;
    let contract = Contract::read(&contract_path)?;
    let mut paths: Vec<PathBuf> = deliveries.iter().chain([&places.linked]).cloned().collect();
    let released = match release(&contract_path, &places.linked, &places.released, DEFAULT_MEMORY, &bar) {
        Ok(released) => {
            paths.push(places.released.clone());
            report::released(&released)
        }
        // Of very few people, little may be told.
        Err(refused) if refused.is_refusal() => format!("Nothing is released: {refused}"),
        Err(error) => return Err(error.into()),
    };
    let depth = if arguments.skip_attack { Depth::LeftOut } else { Depth::Quick };
    let verified = verification::verify(&arguments.out, &contract, &paths, &parties.linker, depth, &bar)?;
    drop(bar);
    let truth = places.sources.join("truth.csv");
    let comparison = Comparison::new(&contract, &parties.project, &parties.link, &truth, &linked)
        .map_err(|e| CliError::new(Exit::Other, &e))?;
    let next = next(&arguments.out);
    words +=
        &format!("{}\n\n{released}\n\n{}\n{}\n{next}", report::linked(&linked), comparison.words(), verified.words);
    print(json, &comparison, &words);
    match (comparison.holds(), verified.verdict) {
        (true, Verdict::Fail) => Err(CliError::new(
            Exit::Verification,
            &"the verification of what the demo made failed; please report it with the seed",
        )),
        (true, _) => Ok(()),
        (false, _) => {
            Err(CliError::new(Exit::Other, &"the linked dataset is not the truth; please report it with the seed"))
        }
    }
}

/// A holder's sealed and signed delivery, and what is said of it.
fn deliver(
    places: &Places,
    contract: &Path,
    holder: &str,
    today: Day,
    bar: &Bar,
) -> Result<(PathBuf, String), CliError> {
    let delivery = places.deliveries.join(holder);
    let inputs = Inputs {
        contract: contract.to_owned(),
        holder: places.sources.join(holder).join("holder.toml"),
        lists: ListPaths::default(),
        unlock: salanimi::crypto::Unlock::default(),
        signing_key: Some(places.signing_key(holder)),
        today,
    };
    let ledger = super::extract::ledger_of(&delivery);
    let output = Output { delivery: &delivery, ledger: &ledger, memory: DEFAULT_MEMORY, unsealed: false };
    let extracted = extract(&inputs, &places.project_key(), &output, bar)?;
    Ok((delivery, report::delivery(&extracted.manifest, Some(&extracted.account))))
}

fn next(out: &Path) -> String {
    let out = out.display();
    format!(
        "Where everything lies
  {out}/config       the contract and one file for each holder
  {out}/sources      the synthetic registers, as each holder has them, truth.csv, and the contract with everyone's public keys
  {out}/keys         the project key and each holder's signing key (holders), the link key and the identity (linker): never
                     together in a real study
  {out}/deliveries   what each holder sends, sealed and signed, and beside it the rejects ledger that it keeps
  {out}/linked       what the researcher gets, with its own report.html; accounting.json is for the linker and the officer
  {out}/released     what may leave: tables, curves and rows of persons, and in manifest.json what was done to them and why
  {out}/verification.html   what the officer reads, prints and signs; in Finnish verification.fi.html; for machines verification.json

What to look at next
  salanimi verify --quick --contract {out}/sources/contract.toml --identity {out}/keys/linker.identity {out}/deliveries/kela {out}/deliveries/helsinki {out}/deliveries/tampere {out}/linked {out}/released
  salanimi show {out}/released
  salanimi show {out}/deliveries/kela
  salanimi show --contract {out}/sources/contract.toml --identity {out}/keys/linker.identity {out}/deliveries/kela
  salanimi show --identity {out}/keys/linker.identity {out}/deliveries/kela/kela_notifications.parquet
  salanimi show {out}/linked
  salanimi extract --dry-run --contract {out}/sources/contract.toml --holder {out}/sources/helsinki/holder.toml"
    )
}
