//! Parses, dispatches, and maps errors to exit codes.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = salanimi::cli::Arguments::parse();
    match salanimi::cli::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("salanimi: {error}");
            error.code()
        }
    }
}
