//! `salanimi verify`: runs the checks of the data-protection officer.

use std::path::{Path, PathBuf};

use super::attack_depth::AttackDepth;
use super::clock::now;
use super::exit::Exit;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print_line, to_json};
use salanimi::exchange::refuse_inside_output;
use salanimi::extract::DEFAULT_MEMORY;
use salanimi::files::{refuse_existing, write_public};
use salanimi::report::{self, Report};
use salanimi::study::read_contract;
use salanimi::text::Language;
use salanimi::verify::{Options, Verdict, Verification, verify};

/// File name that stands for standard output.
const STANDARD_OUTPUT: &str = "-";

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Contract that lists the signatures, recipients, columns and contents to expect.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// Write the report as an HTML page to read, print and sign. The file must not exist.
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Language of the page.
    #[arg(long, value_parser = language_codes(), default_value = Language::default().code())]
    lang: String,
    /// Write the report as JSON. The file must not exist; `-` prints to standard output instead of the summary.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Check the tables as a release: a disclosure risk fails instead of warning.
    #[arg(long)]
    released: bool,
    /// Depth of the dictionary attack.
    #[arg(long, value_enum, value_name = "DEPTH", default_value_t)]
    attack: AttackDepth,
    /// Memory to use: bytes, or a number with MiB or GiB.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    /// Deliveries, linked datasets, and folders or files of CSV and Parquet. Deliveries are also checked together.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Accepts the codes of the languages that the page is written in.
fn language_codes() -> clap::builder::PossibleValuesParser {
    Language::ALL.map(Language::code).into()
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let contract = arguments.contract.as_deref().map(read_contract).transpose()?;
    let missing = arguments.paths.iter().find(|path| path.symlink_metadata().is_err());
    if let Some(path) = missing {
        return Err(CliError::input(&format!("{}: no such file or folder; correct the path", path.display())));
    }
    let outputs = [&arguments.report, &arguments.json].into_iter().flatten();
    for path in outputs.filter(|path| !is_standard_output(path)) {
        refuse_existing(path)?;
        refuse_inside_output(path)?;
    }
    let bar = Bar::default();
    let began = std::time::Instant::now();
    let options = Options {
        paths: &arguments.paths,
        contract: contract.as_ref(),
        unlock: &arguments.unlock.read()?,
        released: arguments.released,
        depth: arguments.attack.into(),
        clock: &|| began.elapsed(),
        memory: arguments.memory.0,
    };
    let verification = verify(&options, &bar);
    drop(bar);
    let study = contract.map(|contract| format!("{}, {}", contract.study.id, contract.study.permit));
    write(arguments, &verification, study.as_deref())
}

/// Writes the reports that the command line asks for.
fn write(arguments: &Arguments, verification: &Verification, study: Option<&str>) -> Result<(), CliError> {
    let report = Report::new(verification, now().to_string(), study.map(str::to_owned));
    if let Some(path) = &arguments.report {
        write_page(path, &report, &arguments.lang)?;
    }
    match &arguments.json {
        None => print_line(&report::verification(&report))?,
        Some(path) if is_standard_output(path) => print_line(&to_json(&report))?,
        Some(path) => {
            write_public(path, to_json(&report).as_bytes())?;
            print_line(&report::verification(&report))?;
        }
    }
    match report.verdict {
        Verdict::Fail => Err(CliError::new(Exit::Verification, &"a check failed; see the failed checks above")),
        _ => Ok(()),
    }
}

#[expect(clippy::expect_used, reason = "the command line accepts codes of languages only")]
fn write_page(path: &Path, report: &Report<'_>, code: &str) -> Result<(), CliError> {
    let language = Language::from_code(code).expect("the code of a language");
    let page = report::page(report, language).map_err(|error| {
        CliError::new(Exit::Other, &format!("the page cannot be rendered: {error}; please report it"))
    })?;
    Ok(write_public(path, page.as_bytes())?)
}

fn is_standard_output(path: &Path) -> bool {
    path == Path::new(STANDARD_OUTPUT)
}
