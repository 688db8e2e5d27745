//! The binary: parses the command line, dispatches, and maps errors to exit codes.

mod cli;

use std::io::Write;
use std::panic::PanicHookInfo;
use std::process::ExitCode;

use clap::Parser;

use self::cli::{Arguments, Exit};
use salanimi::report::on_one_line;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_panic));
    // Fails only if a handler exists already; this is the first act of the process.
    let _ = ctrlc::set_handler(interrupt);
    match std::panic::catch_unwind(run) {
        Ok(code) => code,
        Err(_) => ExitCode::from(Exit::Other as u8),
    }
}

fn run() -> ExitCode {
    match cli::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error.to_string());
            error.code()
        }
    }
}

/// Prints the place of a panic only: its message could hold a value. A panic over a damaged file is reported as damage,
/// by whoever reads the file.
fn report_panic(panic: &PanicHookInfo<'_>) {
    if salanimi::table::is_guarded() {
        return;
    }
    if let Some(place) = panic.location() {
        print_error(&format!("internal error at {}:{}; please report it", place.file(), place.line()));
    }
}

/// Removes unfinished output and ends the process, after an interrupt.
fn interrupt() {
    salanimi::files::remove_unfinished();
    print_error("interrupted; the unfinished output was removed, run the command again");
    std::process::exit(Exit::Other as i32);
}

fn print_error(message: &str) {
    // A closed standard error can be no reason to fail.
    let _ = writeln!(std::io::stderr(), "salanimi: {}", on_one_line(message));
}
