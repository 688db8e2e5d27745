//! The command line: it parses arguments, calls the library once and prints a summary.

mod attack_depth;
mod audit;
mod clock;
mod cohort;
mod demo;
mod examples;
mod exit;
mod extract;
mod init;
mod key;
mod link;
mod manual;
mod memory;
mod progress;
mod release;
mod secrets;
mod show;
mod synth;
mod verify;

use std::io::{ErrorKind, Write};

use clap::{Parser, Subcommand};
use serde::Serialize;

pub(crate) use exit::{CliError, Exit};

/// The most threads: more only cost memory.
const MOST_THREADS: i64 = 1_024;

/// Link registers that hold personal identity codes, without the codes ever reaching the research environment.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Number of threads, at most 1,024 [default: one for each processor]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    threads: Option<u16>,
}

/// Arguments of a command that ends with a summary.
#[derive(Debug, clap::Args)]
struct Summed<A: clap::Args> {
    #[command(flatten)]
    arguments: A,
    /// Print the summary as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a whole exchange on synthetic registers: keys, deliveries, link, release, verification.
    #[command(after_help = examples::DEMO)]
    Demo(Summed<demo::Arguments>),
    /// Generate synthetic registers in the layouts of the holders.
    #[command(after_help = examples::SYNTH)]
    Synth(Summed<synth::Arguments>),
    /// Create, identify, split, combine or destroy a key.
    #[command(after_help = examples::KEY)]
    Key(Summed<key::Arguments>),
    /// Data holder: select persons for the extracts of other holders, in a list encrypted to them.
    #[command(after_help = examples::COHORT)]
    Cohort(Summed<cohort::Arguments>),
    /// Data holder: begin a holder file from the headers of the source files.
    #[command(after_help = examples::INIT)]
    Init(Summed<init::Arguments>),
    /// Data holder: pseudonymise an extract.
    #[command(after_help = examples::EXTRACT)]
    Extract(Summed<extract::Arguments>),
    /// Linker: link deliveries into a dataset.
    #[command(after_help = examples::LINK)]
    Link(Summed<link::Arguments>),
    /// Researcher: make tables for release. Refuses a table that would disclose a person.
    #[command(after_help = examples::RELEASE)]
    Release(Summed<release::Arguments>),
    /// Data-protection officer: check deliveries, linked datasets and other tables, without the project key.
    #[command(after_help = examples::VERIFY)]
    Verify(verify::Arguments),
    /// Describe a file or folder of this tool.
    #[command(after_help = examples::SHOW)]
    Show(Summed<show::Arguments>),
    /// Write the manual pages and the completions of shells, for packages.
    #[command(hide = true, after_help = examples::MANUAL)]
    Manual(manual::Arguments),
}

/// Runs the command that `arguments` name.
///
/// # Errors
/// Returns the message and the exit code of the failure.
pub(crate) fn run(arguments: Arguments) -> Result<(), CliError> {
    if let Some(threads) = arguments.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        pool.map_err(|error| CliError::new(Exit::Other, &format!("{threads} threads: {error}; use fewer threads")))?;
    }
    match arguments.command {
        Command::Demo(command) => demo::run(&command.arguments, command.json),
        Command::Synth(command) => synth::run(&command.arguments, command.json),
        Command::Key(command) => key::run(&command.arguments, command.json),
        Command::Cohort(command) => cohort::run(command.arguments, command.json),
        Command::Init(command) => init::run(&command.arguments, command.json),
        Command::Extract(command) => extract::run(&command.arguments, command.json),
        Command::Link(command) => link::run(&command.arguments, command.json),
        Command::Release(command) => release::run(&command.arguments, command.json),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Manual(arguments) => manual::run(&arguments),
        Command::Show(command) => show::run(&command.arguments, command.json),
    }
}

/// Prints a summary: `value` as JSON, or `text`.
fn print(json: bool, value: &impl Serialize, text: &str) -> Result<(), CliError> {
    if json { print_line(&to_json(value)) } else { print_line(text) }
}

fn print_line(text: &str) -> Result<(), CliError> {
    let mut output = std::io::stdout();
    match writeln!(output, "{}", text.trim_end()).and_then(|()| output.flush()) {
        // Who closes the pipe has read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("standard output: {error}; what was made is complete, but its summary is not");
            Err(CliError::new(Exit::Other, &message))
        }
        _ => Ok(()),
    }
}

/// Returns `value` as indented JSON.
#[expect(clippy::expect_used, reason = "summaries are structs and maps with text keys, and JSON can hold these")]
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("a summary can be written as JSON")
}
