//! Errors of the demo.

use salanimi_core::RandomnessError;
use std::io;
use std::path::PathBuf;

use super::comparison::TruthError;
use crate::config::ConfigError;
use crate::crypto::{KeyFileError, SealingError};
use crate::extract::ExtractError;
use crate::files::FileError;
use crate::link::LinkError;
use crate::release::ReleaseError;
use crate::report::DocumentError;
use crate::study::synth::SynthError;

/// The demo could not be completed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message names its fields")]
#[non_exhaustive]
pub enum DemoError {
    #[error("{path}: the output exists; choose another folder or remove this one")]
    Exists { path: PathBuf },
    #[error("{path}: {source}; choose another output folder or free disk space, then run again")]
    Io { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Synth(#[from] SynthError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    #[error(transparent)]
    Sealing(#[from] SealingError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Extract(#[from] ExtractError),
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Truth(#[from] TruthError),
    #[error("the verification page cannot be rendered: {0}; this is a bug in salanimi, please report it")]
    Page(#[from] minijinja::Error),
    #[error("the verification cannot be written as JSON: {0}; this is a bug in salanimi, please report it")]
    Json(#[from] serde_json::Error),
}
