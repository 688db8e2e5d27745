//! `salanimi manual`: writes manual pages and completions, for whoever packages the program.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::CliError;
use salanimi::files::{FileError, write_public};

/// Name of the program.
const NAME: &str = "salanimi";

/// Arguments of `manual`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder to create; it must not exist.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let out = &arguments.out;
    std::fs::create_dir(out).map_err(|source| FileError::Write { path: out.clone(), source })?;
    // Built, so that subcommands have the names by which they are called.
    let mut command = super::Arguments::command();
    command.build();
    write_pages(&command, NAME, out)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command, NAME, out)
            .map_err(|source| FileError::Write { path: out.clone(), source })?;
    }
    Ok(())
}

/// Writes the page of a command and those of its subcommands: `salanimi-key-new.1`.
fn write_pages(command: &clap::Command, name: &str, out: &Path) -> Result<(), CliError> {
    let path = out.join(format!("{name}.1"));
    let mut page = Vec::new();
    let titled = command.clone().display_name(name);
    clap_mangen::Man::new(titled)
        .render(&mut page)
        .map_err(|source| FileError::Write { path: path.clone(), source })?;
    write_public(&path, &page)?;
    let subcommands = command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help");
    subcommands.into_iter().try_for_each(|inner| write_pages(inner, &format!("{name}-{}", inner.get_name()), out))
}
