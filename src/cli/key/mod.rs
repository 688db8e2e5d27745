//! `salanimi key`: creates, identifies, splits, combines and destroys keys.

mod combine;
mod destroy;
mod fingerprint;
mod new;
mod split;

use clap::{Args, Subcommand};

use super::{CliError, examples};

/// Arguments of `key`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a key from the operating system's random numbers.
    #[command(after_help = examples::KEY_NEW)]
    New(new::Arguments),
    /// Print the id and the fingerprint of a key, to compare by telephone.
    #[command(after_help = examples::KEY_FINGERPRINT)]
    Fingerprint(fingerprint::Arguments),
    /// Split a key into shares, so that no one person holds it.
    #[command(after_help = examples::KEY_SPLIT)]
    Split(split::Arguments),
    /// Combine shares into the key.
    #[command(after_help = examples::KEY_COMBINE)]
    Combine(combine::Arguments),
    /// Overwrite and remove a key, and write a signed certificate of destruction.
    #[command(after_help = examples::KEY_DESTROY)]
    Destroy(destroy::Arguments),
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), CliError> {
    match &arguments.command {
        Command::New(arguments) => new::run(arguments, json),
        Command::Fingerprint(arguments) => fingerprint::run(arguments, json),
        Command::Split(arguments) => split::run(arguments, json),
        Command::Combine(arguments) => combine::run(arguments, json),
        Command::Destroy(arguments) => destroy::run(arguments, json),
    }
}
