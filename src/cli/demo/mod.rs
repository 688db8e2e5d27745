//! Everything end to end on synthetic registers, and what was found against the truth.

mod truth;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use self::truth::Comparison;
use super::exit::Exit;
use super::progress::Bar;
use super::{CliError, print};
use crate::config::Contract;
use crate::crypto::{KeyFileError, LinkKey, ProjectKey, write_key};
use crate::extract::{DEFAULT_MEMORY, Inputs, ListPaths, extract};
use crate::link::link;
use crate::progress::Progress;
use crate::{report, synth};

/// The study's configuration, as `config/` has it.
const CONFIGURATION: [(&str, &str); 6] = [
    ("study.toml", include_str!("../../../config/study.toml")),
    ("kela.toml", include_str!("../../../config/kela.toml")),
    ("helsinki.toml", include_str!("../../../config/helsinki.toml")),
    ("tampere.toml", include_str!("../../../config/tampere.toml")),
    ("mappings/municipality_county_2023.csv", include_str!("../../../config/mappings/municipality_county_2023.csv")),
    ("mappings/organiser_county_2023.csv", include_str!("../../../config/mappings/organiser_county_2023.csv")),
];
/// The holders, each with its own layout of sources.
const HOLDERS: [&str; 3] = ["kela", "helsinki", "tampere"];

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// People in the synthetic population.
    #[arg(long, default_value_t = 50_000)]
    persons: u64,
    /// The same seed gives the same registers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder to make, which must not exist.
    #[arg(long)]
    out: PathBuf,
}

/// Where the parts of a demo lie.
struct Places {
    config: PathBuf,
    sources: PathBuf,
    keys: PathBuf,
    deliveries: PathBuf,
    linked: PathBuf,
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    let places = Places::create(&arguments.out).map_err(|e| refused(&arguments.out, &e))?;
    let bar = Bar::default();
    bar.begin("synth", arguments.persons);
    let options = synth::Options {
        contract: places.config.join("study.toml"),
        persons: arguments.persons,
        seed: arguments.seed,
        out: places.sources.clone(),
    };
    synth::run(&options, &|persons| bar.advance(persons))?;
    let contract_path = places.sources.join("study.toml");
    let contract = Contract::read(&contract_path)?;
    let (project, link_key) =
        (ProjectKey::generate().map_err(KeyFileError::from)?, LinkKey::generate().map_err(KeyFileError::from)?);
    let (project_file, link_file) = (places.keys.join("project.key"), places.keys.join("link.key"));
    write_key(&project_file, &contract.study.id, &project)?;
    write_key(&link_file, &contract.study.id, &link_key)?;
    let mut words = String::new();
    let mut deliveries = Vec::new();
    for holder in HOLDERS {
        let out = places.deliveries.join(holder);
        let inputs = Inputs {
            contract: contract_path.clone(),
            holder: places.sources.join(holder).join("holder.toml"),
            lists: ListPaths::default(),
        };
        let extracted = extract(&inputs, &project_file, &out, &super::extract::beside(&out), DEFAULT_MEMORY, &bar)?;
        words += &report::manifest(&extracted.manifest);
        deliveries.push(out);
    }
    let linked = link(&contract_path, &deliveries, Some(&link_file), &places.linked, DEFAULT_MEMORY, &bar)?;
    drop(bar);
    let comparison = Comparison::new(&contract, &project, &link_key, &places.sources.join("truth.csv"), &linked)
        .map_err(|e| CliError::new(Exit::Other, &e))?;
    words += &format!("{}\n\n{}\n{}", report::linked(&linked), comparison.words(), next(&arguments.out));
    print(json, &comparison, &words);
    match comparison.holds() {
        true => Ok(()),
        false => {
            Err(CliError::new(Exit::Other, &"the linked dataset is not the truth; please report it with the seed"))
        }
    }
}

impl Places {
    fn create(out: &Path) -> io::Result<Self> {
        fs::create_dir(out)?;
        let places = Self {
            config: out.join("config"),
            sources: out.join("sources"),
            keys: out.join("keys"),
            deliveries: out.join("deliveries"),
            linked: out.join("linked"),
        };
        for folder in [&places.config.join("mappings"), &places.keys, &places.deliveries] {
            fs::create_dir_all(folder)?;
        }
        for (name, text) in CONFIGURATION {
            fs::write(places.config.join(name), text)?;
        }
        Ok(places)
    }
}

fn refused(out: &Path, error: &io::Error) -> CliError {
    match error.kind() {
        io::ErrorKind::AlreadyExists => CliError::new(
            Exit::Input,
            &format!("{}: the output exists; choose another folder or remove this one", out.display()),
        ),
        _ => CliError::new(Exit::Other, &format!("{}: {error}; choose another output folder", out.display())),
    }
}

fn next(out: &Path) -> String {
    let out = out.display();
    format!(
        "Where everything lies
  {out}/config       the contract and one file for each holder
  {out}/sources      the synthetic registers, as each holder has them, and truth.csv
  {out}/keys         the project key (holders) and the link key (linker): never together in a real study
  {out}/deliveries   what each holder sends, and beside it the rejects ledger that it keeps
  {out}/linked       what the researcher gets; accounting.json is for the linker and the officer

What to look at next
  salanimi show {out}/deliveries/kela
  salanimi show {out}/deliveries/kela/kela_notifications.parquet
  salanimi show {out}/linked
  salanimi extract --dry-run --contract {out}/sources/study.toml --holder {out}/sources/helsinki/holder.toml"
    )
}
