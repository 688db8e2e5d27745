use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::crypto::KeyFileError;
use crate::exchange::{DeliveryError, Disagreement, FolderError};
use crate::extract::ExtractError;

/// The exit codes, besides 0 for success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Anything else: a full disk, a fault of the tool.
    Other = 1,
    /// Wrong usage of the command line.
    Usage = 2,
    /// Bad input or configuration.
    Input = 3,
    /// Verification failed.
    Verification = 4,
    /// Disclosure refused.
    Disclosure = 5,
}

/// What went wrong, in words: the problem, then the remedy.
#[derive(Debug)]
pub struct CliError {
    exit: Exit,
    message: String,
}

impl CliError {
    /// An error with this exit code.
    pub(super) fn new(exit: Exit, error: &impl fmt::Display) -> Self {
        Self { exit, message: error.to_string() }
    }

    /// The exit code for the shell.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

/// What is wrong with the machine, such as a full disk, is no fault of the input.
fn of_folder(error: &FolderError) -> Exit {
    match error {
        FolderError::Exists { .. } | FolderError::Busy { .. } => Exit::Input,
        FolderError::Io { .. } => Exit::Other,
    }
}

impl From<ExtractError> for CliError {
    fn from(error: ExtractError) -> Self {
        let exit = match &error {
            ExtractError::Folder(folder) => of_folder(folder),
            ExtractError::Store(_) | ExtractError::Unbalanced { .. } | ExtractError::Ledger { .. } => Exit::Other,
            _ => Exit::Input,
        };
        Self::new(exit, &error)
    }
}

impl From<crate::link::LinkError> for CliError {
    fn from(error: crate::link::LinkError) -> Self {
        use crate::link::LinkError;
        let exit = match &error {
            LinkError::Folder(folder) => of_folder(folder),
            LinkError::Store(_) | LinkError::Unbalanced { .. } | LinkError::Collision | LinkError::History { .. } => {
                Exit::Other
            }
            _ => Exit::Input,
        };
        Self::new(exit, &error)
    }
}

impl From<crate::synth::SynthError> for CliError {
    fn from(error: crate::synth::SynthError) -> Self {
        let exit = match &error {
            crate::synth::SynthError::Folder(folder) => of_folder(folder),
            crate::synth::SynthError::Write { .. } => Exit::Other,
            _ => Exit::Input,
        };
        Self::new(exit, &error)
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Input, &error)
    }
}

impl From<KeyFileError> for CliError {
    fn from(error: KeyFileError) -> Self {
        Self::new(Exit::Input, &error)
    }
}

impl From<DeliveryError> for CliError {
    fn from(error: DeliveryError) -> Self {
        Self::new(Exit::Input, &error)
    }
}

impl From<Disagreement> for CliError {
    fn from(error: Disagreement) -> Self {
        Self::new(Exit::Input, &error)
    }
}
