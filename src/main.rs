//! Parses, dispatches, maps errors to exit codes, and ends cleanly when stopped or at fault.

use std::io::Write;
use std::panic::PanicHookInfo;
use std::process::ExitCode;

mod cli;

use clap::Parser;

use self::cli::Exit;
use salanimi::report::on_one_line;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(say_where));
    // Fails only if there is a handler already, and this is the first thing that the process does.
    let _ = ctrlc::set_handler(stop);
    std::panic::catch_unwind(run).unwrap_or(ExitCode::from(Exit::Other as u8))
}

/// Says where a fault is, and no more: a panic's message could hold a value.
fn say_where(panic: &PanicHookInfo<'_>) {
    if let Some(place) = panic.location() {
        say(&format!("a fault at {}:{}; please report it if the tool stops", place.file(), place.line()));
    }
}

/// Says it to whoever still listens.
fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "salanimi: {}", on_one_line(words));
}

/// Told to stop: removes what is half made, then ends.
fn stop() {
    salanimi::files::remove_unfinished();
    say("interrupted; the unfinished output was removed, run the command again");
    std::process::exit(Exit::Other as i32);
}

fn run() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match cli::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            error.code()
        }
    }
}
