use std::fmt;
use std::process::ExitCode;

use salanimi::audit::AuditError;
use salanimi::config::ConfigError;
use salanimi::crypto::{KeyFileError, RandomnessError, SealingError};
use salanimi::exchange::{CohortListError, DeliveryBuildError, DeliveryError, DestructionError, FolderError};
use salanimi::extract::ExtractError;
use salanimi::files::FileError;
use salanimi::link::LinkError;
use salanimi::release::ReleaseError;
use salanimi::report::DocumentError;
use salanimi::study::demo::DemoError;
use salanimi::study::synth::SynthError;
use salanimi::table::SourceError;

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

    /// Bad input, in words.
    pub(super) fn input(words: &impl fmt::Display) -> Self {
        Self::new(Exit::Input, words)
    }

    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        self.exit
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

fn of_file(error: &FileError) -> Exit {
    if matches!(error, FileError::Write { .. }) { Exit::Other } else { Exit::Input }
}

fn of_key(error: &KeyFileError) -> Exit {
    match error {
        KeyFileError::File(file) => of_file(file),
        KeyFileError::Sealing { source, .. } => of_sealing(source),
        KeyFileError::Destroy { .. } | KeyFileError::Randomness(_) => Exit::Other,
        _ => Exit::Input,
    }
}

fn of_sealing(error: &SealingError) -> Exit {
    match error {
        SealingError::File(file) => of_file(file),
        SealingError::Io(_) => Exit::Other,
        _ => Exit::Input,
    }
}

fn of_cohort_list(error: &CohortListError) -> Exit {
    match error {
        CohortListError::File(file) => of_file(file),
        CohortListError::Sealing { source, .. } => of_sealing(source),
        _ => Exit::Input,
    }
}

fn of_outgoing(error: &DeliveryBuildError) -> Exit {
    match error {
        DeliveryBuildError::Folder(folder) => of_folder(folder),
        DeliveryBuildError::Randomness(_) | DeliveryBuildError::Sealing(_) => Exit::Other,
        DeliveryBuildError::NoRecipients => Exit::Input,
    }
}

fn of_extract(error: &ExtractError) -> Exit {
    match error {
        ExtractError::DeliveryBuild(outgoing) => of_outgoing(outgoing),
        ExtractError::CohortList(list) => of_cohort_list(list),
        ExtractError::Key(key) => of_key(key),
        ExtractError::Store(_) | ExtractError::Unbalanced { .. } | ExtractError::Ledger { .. } => Exit::Other,
        _ => Exit::Input,
    }
}

fn of_link(error: &LinkError) -> Exit {
    match error {
        LinkError::Folder(folder) => of_folder(folder),
        LinkError::Key(key) => of_key(key),
        LinkError::Randomness(_)
        | LinkError::Store(_)
        | LinkError::Unbalanced { .. }
        | LinkError::Collision
        | LinkError::History { .. } => Exit::Other,
        _ => Exit::Input,
    }
}

fn of_release(error: &ReleaseError) -> Exit {
    match error {
        ReleaseError::Folder(folder) => of_folder(folder),
        ReleaseError::Store(_) => Exit::Other,
        error if error.is_refusal() => Exit::Disclosure,
        _ => Exit::Input,
    }
}

fn of_synth(error: &SynthError) -> Exit {
    match error {
        SynthError::Folder(folder) => of_folder(folder),
        SynthError::Write { .. } => Exit::Other,
        _ => Exit::Input,
    }
}

fn of_document(error: &DocumentError) -> Exit {
    match error {
        DocumentError::Link(link) => of_link(link),
        _ => Exit::Other,
    }
}

fn of_demo(error: &DemoError) -> Exit {
    match error {
        DemoError::Exists { .. } | DemoError::Config(_) => Exit::Input,
        DemoError::Synth(error) => of_synth(error),
        DemoError::Key(error) => of_key(error),
        DemoError::Sealing(error) => of_sealing(error),
        DemoError::File(error) => of_file(error),
        DemoError::Extract(error) => of_extract(error),
        DemoError::Link(error) => of_link(error),
        DemoError::Document(error) => of_document(error),
        DemoError::Release(error) => of_release(error),
        _ => Exit::Other,
    }
}

fn of_audit(error: &AuditError) -> Exit {
    match error {
        AuditError::File(file) => of_file(file),
        AuditError::Write { .. } => Exit::Other,
        AuditError::Broken { .. } => Exit::Verification,
        AuditError::ClockSetBack { .. } => Exit::Input,
    }
}

fn of_destruction(error: &DestructionError) -> Exit {
    match error {
        DestructionError::Key(key) => of_key(key),
        DestructionError::Sealing(sealing) => of_sealing(sealing),
        DestructionError::Certificate(_) | DestructionError::Unnamed(_) => Exit::Other,
        _ => Exit::Input,
    }
}

fn of_input<E>(_: &E) -> Exit {
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
    AuditError => of_audit,
    CohortListError => of_cohort_list,
    ConfigError => of_input,
    DeliveryError => of_input,
    DemoError => of_demo,
    DestructionError => of_destruction,
    DocumentError => of_document,
    ExtractError => of_extract,
    FileError => of_file,
    KeyFileError => of_key,
    LinkError => of_link,
    ReleaseError => of_release,
    RandomnessError => |_: &RandomnessError| Exit::Other,
    SealingError => of_sealing,
    SourceError => of_input,
    SynthError => of_synth,
}
