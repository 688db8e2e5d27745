//! Documents that describe a linked dataset, beside its tables.

use super::{datapackage, linkage};
use crate::config::Contract;
use crate::link::{LinkError, StagedDataset};
use crate::release::ReleaseError;
use crate::text::Language;
use salanimi_core::Id;

/// A document of a linked dataset or a release cannot be made or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The linkage report cannot be rendered.
    #[error("the linkage report cannot be rendered: {0}; this is a bug in salanimi, please report it")]
    Page(#[from] minijinja::Error),
    /// The CSV file of a released table does not have the columns that the manifest states.
    #[error("{name}.csv does not have the columns that manifest.json states; use the release as it was written")]
    Sheet {
        /// Name of the result.
        name: Id,
    },
    /// The data package cannot be written as JSON.
    #[error("the data package cannot be written as JSON: {0}; this is a bug in salanimi, please report it")]
    Json(#[from] serde_json::Error),
    /// A document cannot be written into the dataset.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A document cannot be written into the release.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

/// Adds the linkage report in every language, and the description of the tables for other tools.
///
/// # Errors
/// A document cannot be made, which is a bug in salanimi, or cannot be written.
pub fn add_documents(dataset: &mut StagedDataset, contract: &Contract) -> Result<(), DocumentError> {
    for language in Language::ALL {
        let page = linkage::page(contract, dataset.manifest(), dataset.accounting(), language)?;
        dataset.add_document(&page_name(language), &page)?;
    }
    let package = datapackage::datapackage(contract, dataset.manifest())?;
    Ok(dataset.add_document("datapackage.json", &package)?)
}

/// The file name of the linkage report in a language; English has no code in it.
fn page_name(language: Language) -> String {
    if language == Language::English {
        return "report.html".to_owned();
    }
    format!("report.{}.html", language.code())
}
