//! The command line: arguments → options → one call of the library → words.

mod audit;
mod clock;
mod cohort;
mod demo;
mod exit;
mod extract;
mod key;
mod link;
mod memory;
mod progress;
mod release;
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
    /// Threads to work on; all processors if not given.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Arguments of a command that ends with a summary.
#[derive(Debug, clap::Args)]
struct Summed<A: clap::Args> {
    #[command(flatten)]
    arguments: A,
    /// Print the closing summary as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A whole exchange on synthetic registers: keys, sealed and signed deliveries, link, verification.
    Demo(Summed<demo::Arguments>),
    /// Make synthetic registers in the holders' own layouts.
    Synth(Summed<synth::Arguments>),
    /// Make, name, split, bring together or destroy a key.
    Key(Summed<key::Arguments>),
    /// Data holder: choose the persons for other holders' extracts, in a list encrypted to them.
    Cohort(Summed<cohort::Arguments>),
    /// Data holder: pseudonymise an extract.
    Extract(Summed<extract::Arguments>),
    /// Research team: link deliveries into a dataset.
    Link(Summed<link::Arguments>),
    /// Research team: make the tables that may leave, or refuse to.
    Release(Summed<release::Arguments>),
    /// Data-protection officer: check deliveries, linked datasets and other data from evidence, without the project key.
    Verify(verify::Arguments),
    /// Say in words what a file or folder of this tool is.
    Show(Summed<show::Arguments>),
}

/// Runs the command that `arguments` name.
///
/// # Errors
/// What went wrong, in words, and the exit code for it.
pub fn run(arguments: Arguments) -> Result<(), CliError> {
    if let Some(threads) = arguments.threads {
        // Fails only if a pool exists already, and this is the first thing that a process does.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    }
    match arguments.command {
        Command::Demo(command) => demo::run(&command.arguments, command.json),
        Command::Synth(command) => synth::run(&command.arguments, command.json),
        Command::Key(command) => key::run(&command.arguments, command.json),
        Command::Cohort(command) => cohort::run(command.arguments, command.json),
        Command::Extract(command) => extract::run(command.arguments, command.json),
        Command::Link(command) => link::run(&command.arguments, command.json),
        Command::Release(command) => release::run(&command.arguments, command.json),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Show(command) => show::run(&command.arguments, command.json),
    }
}

/// Prints a closing summary: as JSON for a machine, or in words.
fn print(json: bool, value: &impl serde::Serialize, words: &str) {
    use std::io::Write;
    let text = if json { serde_json::to_string_pretty(value).unwrap_or_default() } else { words.to_owned() };
    // A reader that closed the pipe has all it wanted.
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}
