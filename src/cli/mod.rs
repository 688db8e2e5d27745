//! The command line: arguments → options → one call of the library → words.

mod audit;
mod cohort;
mod demo;
mod exit;
mod extract;
mod key;
mod link;
mod memory;
mod progress;
mod secrets;
mod show;
mod synth;
mod verify;

use clap::{Parser, Subcommand};

pub use exit::{CliError, Exit};

/// Link registers that hold personal identity codes, without the codes ever reaching the research environment.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// Arguments of every command.
#[derive(Debug, clap::Args)]
struct Common {
    /// Print the closing summary as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Threads to work on; all processors if not given.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A whole exchange on synthetic registers: keys, sealed and signed deliveries, link.
    Demo(demo::Arguments),
    /// Make synthetic registers in the holders' own layouts.
    Synth(synth::Arguments),
    /// Make, name, split, bring together or destroy a key.
    Key(key::Arguments),
    /// Data holder: choose the persons for other holders' extracts, in a list encrypted to them.
    Cohort(cohort::Arguments),
    /// Data holder: pseudonymise an extract.
    Extract(extract::Arguments),
    /// Research team: link deliveries into a dataset.
    Link(link::Arguments),
    /// Data-protection officer: check deliveries and linked datasets from evidence, without the project key.
    Verify(verify::Arguments),
    /// Say in words what a file or folder of this tool is.
    Show(show::Arguments),
}

/// Runs the command that `arguments` name.
///
/// # Errors
/// What went wrong, in words, and the exit code for it.
pub fn run(arguments: Arguments) -> Result<(), CliError> {
    if let Some(threads) = arguments.common.threads {
        // Fails only if a pool exists already, and this is the first thing that a process does.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    }
    let json = arguments.common.json;
    match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments, json),
        Command::Synth(arguments) => synth::run(&arguments, json),
        Command::Key(arguments) => key::run(&arguments, json),
        Command::Cohort(arguments) => cohort::run(arguments, json),
        Command::Extract(arguments) => extract::run(arguments, json),
        Command::Link(arguments) => link::run(&arguments, json),
        Command::Verify(arguments) => verify::run(&arguments, json),
        Command::Show(arguments) => show::run(&arguments, json),
    }
}

/// Prints a closing summary: as JSON for a machine, or in words.
fn print(json: bool, value: &impl serde::Serialize, words: &str) {
    use std::io::Write;
    let text = if json { serde_json::to_string_pretty(value).unwrap_or_default() } else { words.to_owned() };
    // A reader that closed the pipe has all it wanted.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}
