//! Summaries and descriptions of a release.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::documents::DocumentError;
use super::results;
use crate::config::Contract;
use crate::config::raw::release::Method;
use crate::crypto::Digest;
use crate::exchange::{ReleaseManifest, ReleasedItem, ReleasedKind, ReleasedUnit, TOTAL, UNKNOWN};
use crate::release::{Plan, ReleaseError, Released, StagedRelease, released_csv};
use crate::text::Language;

/// Profile that the data package follows.
const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";
/// Width of a line of the text for readers, in characters.
const WIDTH: usize = 96;

/// Summary of a release, for JSON.
#[derive(Debug, Serialize)]
pub struct ReleaseSummary<'a> {
    folder: String,
    manifest_digest: Digest,
    manifest: &'a ReleaseManifest,
    thin: &'a [String],
    empty: &'a [String],
}

impl<'a> ReleaseSummary<'a> {
    /// Creates the summary of a release.
    #[must_use]
    pub fn new(released: &'a Released) -> Self {
        let Released { path, manifest, digest, thin, empty, .. } = released;
        Self { folder: path.display().to_string(), manifest_digest: *digest, manifest, thin, empty }
    }
}

/// Returns the summary of a release as text.
#[must_use]
pub fn released(released: &Released) -> String {
    let mut text = release_manifest(&released.manifest);
    for name in &released.thin {
        text += &format!("Warning: {name} has few persons for so many cells; it is safe, but says little\n");
    }
    for name in &released.empty {
        text += &format!("Warning: hardly any person meets the condition of {name}\n");
    }
    text + &format!("Release: {}\nManifest digest: {}", released.path.display(), released.digest)
}

/// Returns a release's manifest as text: each item with its protection.
#[must_use]
pub fn release_manifest(manifest: &ReleaseManifest) -> String {
    let synthetic = if manifest.synthetic { " (SYNTHETIC data)" } else { "" };
    let mut text = format!("Release of the study {}{synthetic}\n", manifest.study);
    for item in &manifest.items {
        text += &format!("  {} ({} rows)\n    {}\n", item.name, item.rows, item.summary);
    }
    for omitted in &manifest.left_out {
        text += &format!("  omitted: {} ({})\n", omitted.table, omitted.reason);
    }
    let after = &manifest.register.after;
    text += &format!("Register line {}: {}\n", after.number, after.digest);
    if let Some(certainty) = manifest.certainty {
        text += &format!("Certainty about one person, over all releases: {:.0} of 100\n", 100.0 * certainty);
    }
    text
}

/// Returns the plan of a release as text.
#[must_use]
pub fn release_plan(plan: &Plan) -> String {
    let mut text = String::from("Plan of a release; no data and no key was read\n");
    for item in &plan.items {
        let cost = if plan.protect == Method::Noise { format!(", cost {:.4}", item.cost) } else { String::new() };
        text += &format!("  {} ({} cells{cost})\n", item.name, item.cells);
    }
    let tables: usize = plan.items.iter().map(|item| item.tables).sum();
    match (plan.max_items, plan.certainty, plan.allowed) {
        (Some(most), ..) => text + &format!("{tables} tables of numbers, of at most {most} from one linked dataset"),
        (_, Some(reached), Some(allowed)) => {
            text + &format!(
                "Certainty about one person: {:.1} of 100 from these items alone; the contract allows {:.0}",
                100.0 * reached,
                100.0 * allowed
            )
        }
        _ => text,
    }
}

/// Adds the results page in every language, the text for readers and the data package to a release.
///
/// # Errors
/// A document cannot be made, which is a bug in salanimi, or cannot be written.
pub fn add_release_documents(release: &mut StagedRelease, contract: &Contract) -> Result<(), DocumentError> {
    let package = serde_json::to_string_pretty(&package(release.manifest(), contract))? + "\n";
    let text = readme(release.manifest(), contract);
    let csv = release.csv()?;
    for language in Language::ALL {
        let page = results::page(release.manifest(), &csv, contract, language)?;
        release.add_document(&results::page_name(language), &page)?;
    }
    release.add_document("datapackage.json", &package)?;
    release.add_document("README.txt", &text)?;
    Ok(())
}

/// Makes the results page of the release in the folder `path` again, from its files and the contract.
///
/// # Errors
/// The folder holds no release of this tool, or a file cannot be read.
pub fn results_page(path: &Path, contract: &Contract, language: Language) -> Result<String, DocumentError> {
    let Some(manifest) = ReleaseManifest::read(path) else {
        return Err(ReleaseError::NotReleased { path: path.to_owned() }.into());
    };
    let csv = released_csv(path, &manifest)?;
    results::page(&manifest, &csv, contract, language)
}

/// Returns the text for readers of a release.
fn readme(manifest: &ReleaseManifest, contract: &Contract) -> String {
    let mut text = format!("{}\nStudy {}, permit {}\n", contract.study.title, manifest.study, contract.study.permit);
    if manifest.synthetic {
        text += "SYNTHETIC data: nobody in it exists.\n";
    }
    text += "\n";
    text += &paragraph(&promise(manifest, contract));
    text += &paragraph(&format!(
        "Each result is a CSV file (semicolons, UTF-8) and a Parquet file with the same content. datapackage.json \
         describes their columns, manifest.json how each was protected, and results.html shows the pictures. \
         \"{UNKNOWN}\" stands for an absent value, \"{TOTAL}\" for a total. {}",
        totals(manifest.protect)
    ));
    for item in &manifest.items {
        text += &format!("{}\n{}", item.name, paragraph(&item.summary));
    }
    for omitted in &manifest.left_out {
        text += &format!("{}\n{}", omitted.table, paragraph(&format!("Omitted: {}.", omitted.reason)));
    }
    text
}

/// Returns what the protection promises, and its limits.
fn promise(manifest: &ReleaseManifest, contract: &Contract) -> String {
    let Some(limits) = &contract.release else { unreachable!("a release is made by the contract's rules") };
    let promise = match manifest.protect {
        Method::Round => format!(
            "Every count was rounded at random to a multiple of {}, before anything was computed from it. One \
             linked dataset releases at most {} items. In the attacks that were tried on so many, no small count was \
             found more often than by chance. Somebody who knows everyone else in a cell can still be right about one \
             person.",
            manifest.base, limits.max_items
        ),
        Method::Noise => format!(
            "Every count has random noise, and anything else was computed after that. Somebody who knows everyone \
             else, and chooses between two equally likely facts about one person, is right in at most {:.0} of 100 \
             cases, over all that the study ever releases. A guess is right in 50.",
            100.0 * limits.certainty
        ),
    };
    let rows = if manifest.items.iter().any(|item| item.kind == ReleasedKind::Microdata) {
        " Rows of persons are not counts: the number of equal rows is exact."
    } else {
        ""
    };
    promise
        + rows
        + match manifest.protect {
            Method::Round => {
                " Not covered: groups in which all are alike, tables chosen to differ by one small group, facts that \
                 hold for everyone of a kind, and choices made by somebody who saw exact numbers."
            }
            Method::Noise => {
                " Not covered: households of several persons, facts that hold for everyone of a kind, and choices made \
                 by somebody who saw exact numbers."
            }
        }
}

/// Returns how totals relate to their parts.
fn totals(method: Method) -> &'static str {
    match method {
        Method::Round => {
            "In a total each person counts once, and the total is rounded on its own: it differs from the sum of its \
             parts. The curve of all is the sum of its groups."
        }
        Method::Noise => "A total is the sum of the cells shown.",
    }
}

/// Breaks a text into lines, with an empty line after it.
fn paragraph(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let is_full = lines[last].chars().count() + word.chars().count() >= WIDTH;
        if is_full {
            lines.push(word.to_owned());
        } else if lines[last].is_empty() {
            lines[last].push_str(word);
        } else {
            lines[last] += &format!(" {word}");
        }
    }
    lines.join("\n") + "\n\n"
}

/// Returns the data package of a release (Data Package 2.0).
fn package(manifest: &ReleaseManifest, contract: &Contract) -> Json {
    json!({
        "$schema": PROFILE,
        "name": manifest.study,
        "title": contract.study.title,
        "description": format!("Released results of the study {}: every count is protected.", manifest.study),
        "synthetic": manifest.synthetic,
        "resources": manifest.items.iter().map(|item| resource(item, contract)).collect::<Vec<_>>(),
    })
}

fn resource(item: &ReleasedItem, contract: &Contract) -> Json {
    let csv = format!("{}.csv", item.name);
    let digest = item.files.get(&csv);
    json!({
        "name": item.name,
        "type": "table",
        "title": contract.words.table(item.name.as_str()).text("en"),
        "description": item.summary,
        "path": csv,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "hash": digest.map(|digest| format!("sha256:{digest}")),
        "dialect": { "delimiter": ";" },
        "schema": {
            "fields": item.columns.iter().map(|column| field(item, column, contract)).collect::<Vec<_>>(),
            "missingValues": [""],
        },
    })
}

fn field(item: &ReleasedItem, column: &str, contract: &Contract) -> Json {
    let count = item.counts.iter().find(|count| count.columns.iter().any(|known| known == column));
    let kind = match (count.map(|count| count.unit), column) {
        (Some(ReleasedUnit::Persons | ReleasedUnit::Rows), _) => "integer",
        (Some(ReleasedUnit::Sum), _) | (None, "share" | "lower" | "upper" | "survival" | "bound") => "number",
        _ => "string",
    };
    let dimension = item.dimensions.iter().find(|dimension| dimension.title == column);
    let title = dimension.and_then(|dimension| {
        let words = contract.words.column(item.table.as_str(), &dimension.column)?;
        Some(words.title.text("en").to_owned())
    });
    json!({ "name": column, "type": kind, "title": title.unwrap_or_else(|| column.to_owned()) })
}
