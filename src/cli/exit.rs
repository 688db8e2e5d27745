//! Errors of the command line and their exit codes.

use salanimi_core::RandomnessError;
use std::fmt;
use std::process::ExitCode;

use salanimi::audit::{AuditError, RegisterFileError};
use salanimi::config::ConfigError;
use salanimi::crypto::{KeyFileError, SealingError};
use salanimi::exchange::{CohortListError, DeliveryBuildError, DeliveryError, DestructionError, FolderError};
use salanimi::extract::ExtractError;
use salanimi::files::FileError;
use salanimi::init::InitError;
use salanimi::link::LinkError;
use salanimi::release::{RegisterError, ReleaseError};
use salanimi::report::DocumentError;
use salanimi::study::demo::DemoError;
use salanimi::study::synth::SynthError;
use salanimi::table::SourceError;

/// Exit codes other than 0 (success) and 2 (wrong usage, from the argument parser).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Any other failure: a full disk, a bug in salanimi.
    Other = 1,
    /// Bad input or configuration, a wrong key, seal or signature.
    Input = 3,
    /// A check failed, or an audit log is broken.
    Verification = 4,
    /// Disclosure refused.
    Disclosure = 5,
}

/// An error message, the problem and then the remedy, with its exit code.
#[derive(Debug)]
pub(crate) struct CliError {
    exit: Exit,
    message: String,
}

impl CliError {
    /// Creates an error with an exit code.
    pub(super) fn new(exit: Exit, error: &impl fmt::Display) -> Self {
        Self { exit, message: error.to_string() }
    }

    /// Creates an error about bad input.
    pub(super) fn input(message: &impl fmt::Display) -> Self {
        Self::new(Exit::Input, message)
    }

    /// Returns the exit code.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    /// Returns the exit code for the shell.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

// A failure of the machine, such as a full disk, is no fault of the input.

fn folder_exit(error: &FolderError) -> Exit {
    match error {
        FolderError::Exists { .. } | FolderError::Busy { .. } | FolderError::Inside { .. } => Exit::Input,
        FolderError::Io { .. } => Exit::Other,
    }
}

fn file_exit(error: &FileError) -> Exit {
    if matches!(error, FileError::Write { .. }) { Exit::Other } else { Exit::Input }
}

fn key_exit(error: &KeyFileError) -> Exit {
    match error {
        KeyFileError::File(file) => file_exit(file),
        KeyFileError::Sealing { source, .. } => sealing_exit(source),
        KeyFileError::Destroy { .. } | KeyFileError::Randomness(_) => Exit::Other,
        _ => Exit::Input,
    }
}

fn sealing_exit(error: &SealingError) -> Exit {
    match error {
        SealingError::File(file) => file_exit(file),
        SealingError::Io(_) => Exit::Other,
        _ => Exit::Input,
    }
}

fn cohort_list_exit(error: &CohortListError) -> Exit {
    match error {
        CohortListError::File(file) => file_exit(file),
        CohortListError::Sealing { source, .. } => sealing_exit(source),
        _ => Exit::Input,
    }
}

fn outgoing_exit(error: &DeliveryBuildError) -> Exit {
    match error {
        DeliveryBuildError::Folder(folder) => folder_exit(folder),
        DeliveryBuildError::Sealing(_) => Exit::Other,
        DeliveryBuildError::NoRecipients | DeliveryBuildError::TooManyFiles { .. } => Exit::Input,
    }
}

fn extract_exit(error: &ExtractError) -> Exit {
    match error {
        ExtractError::DeliveryBuild(outgoing) => outgoing_exit(outgoing),
        ExtractError::CohortList(list) => cohort_list_exit(list),
        ExtractError::Key(key) => key_exit(key),
        ExtractError::File(file) => file_exit(file),
        ExtractError::Sealing(sealing) => sealing_exit(sealing),
        ExtractError::Randomness(_)
        | ExtractError::Store(_)
        | ExtractError::Unbalanced { .. }
        | ExtractError::Ledger { .. } => Exit::Other,
        _ => Exit::Input,
    }
}

fn link_exit(error: &LinkError) -> Exit {
    match error {
        LinkError::Folder(folder) => folder_exit(folder),
        LinkError::Key(key) => key_exit(key),
        LinkError::Randomness(_)
        | LinkError::Store(_)
        | LinkError::Unbalanced { .. }
        | LinkError::Collision
        | LinkError::History { .. } => Exit::Other,
        _ => Exit::Input,
    }
}

fn release_exit(error: &ReleaseError) -> Exit {
    match error {
        ReleaseError::Folder(folder) => folder_exit(folder),
        ReleaseError::Key(key) => key_exit(key),
        ReleaseError::Register(RegisterError::File(RegisterFileError::File(file))) => file_exit(file),
        ReleaseError::Store(_) | ReleaseError::Register(RegisterError::File(RegisterFileError::Write { .. })) => {
            Exit::Other
        }
        error if error.is_refusal() => Exit::Disclosure,
        _ => Exit::Input,
    }
}

fn synth_exit(error: &SynthError) -> Exit {
    match error {
        SynthError::Folder(folder) => folder_exit(folder),
        SynthError::Write { .. } => Exit::Other,
        _ => Exit::Input,
    }
}

fn document_exit(error: &DocumentError) -> Exit {
    match error {
        DocumentError::Link(link) => link_exit(link),
        DocumentError::Release(release) => release_exit(release),
        _ => Exit::Other,
    }
}

fn demo_exit(error: &DemoError) -> Exit {
    match error {
        DemoError::Exists { .. } | DemoError::Config(_) => Exit::Input,
        DemoError::Synth(error) => synth_exit(error),
        DemoError::Key(error) => key_exit(error),
        DemoError::Sealing(error) => sealing_exit(error),
        DemoError::File(error) => file_exit(error),
        DemoError::Extract(error) => extract_exit(error),
        DemoError::Link(error) => link_exit(error),
        DemoError::Document(error) => document_exit(error),
        DemoError::Release(error) => release_exit(error),
        _ => Exit::Other,
    }
}

fn audit_exit(error: &AuditError) -> Exit {
    match error {
        AuditError::File(file) => file_exit(file),
        AuditError::Write { .. } => Exit::Other,
        AuditError::Broken { .. } => Exit::Verification,
        AuditError::ClockSetBack { .. } => Exit::Input,
    }
}

fn destruction_exit(error: &DestructionError) -> Exit {
    match error {
        DestructionError::Key(key) => key_exit(key),
        DestructionError::Sealing(sealing) => sealing_exit(sealing),
        DestructionError::Certificate(_) | DestructionError::Unnamed(_) => Exit::Other,
        _ => Exit::Input,
    }
}

fn input_exit<E>(_: &E) -> Exit {
    Exit::Input
}

macro_rules! exits {
    ($($error:ty => $exit:expr),* $(,)?) => {$(
        impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                Self::new($exit(&error), &error)
            }
        }
    )*};
}

exits! {
    AuditError => audit_exit,
    FolderError => folder_exit,
    CohortListError => cohort_list_exit,
    ConfigError => input_exit,
    DeliveryError => input_exit,
    DemoError => demo_exit,
    DestructionError => destruction_exit,
    DocumentError => document_exit,
    ExtractError => extract_exit,
    FileError => file_exit,
    InitError => input_exit,
    KeyFileError => key_exit,
    LinkError => link_exit,
    ReleaseError => release_exit,
    RandomnessError => |_: &RandomnessError| Exit::Other,
    SealingError => sealing_exit,
    SourceError => input_exit,
    SynthError => synth_exit,
}
