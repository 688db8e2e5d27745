//! What describes a linked dataset, beside its tables.

use std::error::Error;

use super::{datapackage, linkage};
use crate::config::Contract;
use crate::exchange::{Accounting, LinkedManifest};
use crate::link::Document;
use crate::text::Language;

/// The linkage report in both languages, and the description of the tables for other tools.
///
/// # Errors
/// One of them cannot be made, which is a fault of the tool.
pub fn documents(
    contract: &Contract,
    manifest: &LinkedManifest,
    accounting: &Accounting,
) -> Result<Vec<Document>, Box<dyn Error + Send + Sync>> {
    Ok(vec![
        ("report.html", linkage::page(contract, manifest, accounting, Language::English)?),
        ("report.fi.html", linkage::page(contract, manifest, accounting, Language::Finnish)?),
        ("datapackage.json", datapackage::datapackage(contract, manifest)?),
    ])
}
