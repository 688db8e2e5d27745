//! `salanimi demo`: runs a whole exchange on synthetic registers.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::attack_depth::AttackDepth;
use super::clock::now;
use super::exit::Exit;
use super::progress::Bar;
use super::{CliError, print};
use salanimi::study::demo::{self, Demo};

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Number of persons in the synthetic population; with fewer than 200, a town could have no client at all.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(200..))]
    persons: u64,
    /// Seed of the generator. The same seed gives the same registers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Depth of the dictionary attack in the verification at the end.
    #[arg(long, value_enum, value_name = "DEPTH", default_value_t = AttackDepth::None)]
    attack: AttackDepth,
    /// Folder to create; it must not exist.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let started = Instant::now();
    let options = demo::Options {
        persons: arguments.persons,
        seed: arguments.seed,
        out: &arguments.out,
        depth: arguments.attack.into(),
        now: now(),
        clock: &|| started.elapsed(),
    };
    let bar = Bar::default();
    let Demo { comparison, words, verification_failed, .. } = demo::run(&options, &bar)?;
    drop(bar);
    print(json, &comparison, &words)?;
    if !comparison.holds() {
        let fault = "the linked dataset differs from the truth; please report it with the seed";
        return Err(CliError::new(Exit::Other, &fault));
    }
    if verification_failed {
        let fault = "the verification of the demo's output failed; please report it with the seed";
        return Err(CliError::new(Exit::Verification, &fault));
    }
    Ok(())
}
