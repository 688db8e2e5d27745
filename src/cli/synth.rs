//! `salanimi synth`: generates synthetic registers.

use std::path::PathBuf;

use clap::Args;

use super::progress::Bar;
use super::{CliError, print};
use salanimi::progress::Progress;
use salanimi::study::synth;

/// Arguments of `synth`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Contract of the study. The holder files beside it define the sources and their formats.
    #[arg(long)]
    contract: PathBuf,
    /// Number of persons in the synthetic population.
    #[arg(long)]
    persons: u64,
    /// Seed of the generator. The same seed gives the same bytes.
    #[arg(long)]
    seed: u64,
    /// Folder to create; it must not exist.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let Arguments { contract, persons, seed, out } = arguments;
    let bar = Bar::default();
    bar.begin("synth", *persons);
    let options = synth::Options { contract: contract.clone(), persons: *persons, seed: *seed, out: out.clone() };
    let made = synth::run(&options, &|persons| bar.advance(persons))?;
    drop(bar);
    print(json, &made, &made.in_words())?;
    Ok(())
}
