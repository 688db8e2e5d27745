use std::path::{Path, PathBuf};

use super::clock::now;
use super::exit::Exit;
use super::memory::Memory;
use super::progress::Bar;
use super::secrets::UnlockArguments;
use super::{CliError, print};
use salanimi::extract::DEFAULT_MEMORY;
use salanimi::files::write_public;
use salanimi::report::{self, Report};
use salanimi::study::read_contract;
use salanimi::text::Language;
use salanimi::verify::{Depth, Options, Verdict, Verification, verify};

/// In place of a file's name.
const STANDARD_OUTPUT: &str = "-";

/// Arguments of `verify`.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The contract, to check signatures, recipients, columns and contents by.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    unlock: UnlockArguments,
    /// Write the report as a page to read, print and sign, which must not exist.
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// The page's language.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// Write the report for a machine, to a file that must not exist; `-` is standard output, in place of words.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Judge the tables as meant to leave the study's environment: risk fails where it else warns.
    #[arg(long)]
    released: bool,
    /// Run only so much of the dictionary attack as takes less than a minute.
    #[arg(long, conflicts_with = "exhaustive")]
    quick: bool,
    /// Run every scheme of the dictionary attack over the whole space of codes; this takes days.
    #[arg(long)]
    exhaustive: bool,
    /// Leave the dictionary attack out; the report says so.
    #[arg(long, conflicts_with_all = ["quick", "exhaustive"])]
    skip_attack: bool,
    /// The most memory to use: bytes, or a number with MiB or GiB.
    #[arg(long, default_value_t = Memory(DEFAULT_MEMORY))]
    memory: Memory,
    /// Deliveries, which are also checked together, linked datasets, and any folders or files of CSV and Parquet.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// A language of the page.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Lang {
    /// English.
    En,
    /// Finnish.
    Fi,
}

impl Arguments {
    fn depth(&self) -> Depth {
        match self {
            Self { skip_attack: true, .. } => Depth::LeftOut,
            Self { quick: true, .. } => Depth::Quick,
            Self { exhaustive: true, .. } => Depth::Exhaustive,
            _ => Depth::Usual,
        }
    }

    fn language(&self) -> Language {
        match self.lang {
            Lang::En => Language::English,
            Lang::Fi => Language::Finnish,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let contract = arguments.contract.as_deref().map(read_contract).transpose()?;
    let missing = arguments.paths.iter().find(|path| path.symlink_metadata().is_err());
    if let Some(path) = missing {
        return Err(CliError::input(&format!("{}: no such file or folder; correct the path", path.display())));
    }
    let outputs = [&arguments.report, &arguments.json].into_iter().flatten();
    outputs.filter(|path| !is_standard_output(path)).try_for_each(|path| salanimi::files::refuse_existing(path))?;
    let bar = Bar::default();
    let began = std::time::Instant::now();
    let options = Options {
        paths: &arguments.paths,
        contract: contract.as_ref(),
        unlock: &arguments.unlock.read()?,
        released: arguments.released,
        depth: arguments.depth(),
        clock: &|| began.elapsed(),
        memory: arguments.memory.0,
    };
    let verification = verify(&options, &bar);
    drop(bar);
    let study = contract.map(|contract| format!("{}, {}", contract.study.id, contract.study.permit));
    write(arguments, &verification, study.as_deref())
}

/// Writes the reports that were asked for.
fn write(arguments: &Arguments, verification: &Verification, study: Option<&str>) -> Result<(), CliError> {
    let report = Report::new(verification, now().to_string(), study.map(str::to_owned));
    let fault = |error| CliError::new(Exit::Other, &format!("the page cannot be made: {error}; please report it"));
    if let Some(path) = &arguments.report {
        let page = report::page(&report, arguments.language()).map_err(fault)?;
        write_public(path, page.as_bytes())?;
    }
    match arguments.json.as_deref() {
        Some(path) if !is_standard_output(path) => {
            let text = serde_json::to_vec_pretty(&report).unwrap_or_default();
            write_public(path, &text)?;
            print(false, &report, &report::verification(&report));
        }
        to_machine => print(to_machine.is_some(), &report, &report::verification(&report)),
    }
    match report.verdict {
        Verdict::Fail => Err(CliError::new(Exit::Verification, &"a check failed; see which, and why, above")),
        _ => Ok(()),
    }
}

fn is_standard_output(path: &Path) -> bool {
    path == Path::new(STANDARD_OUTPUT)
}
