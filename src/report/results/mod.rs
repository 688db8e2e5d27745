//! The results page: pictures of released tables, and the tables. One HTML file that needs nothing else.
//!
//! It is made of released numbers only, so it can be made again by anybody who has the release and the contract.

mod bars;
mod curves;
mod legend;
mod paper;
mod picture;
mod rates;
mod scale;
mod shapes;
mod sheet;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use self::paper::filled;
use self::picture::{PictureView, picture};
use self::sheet::Sheet;
use self::texts::Texts;
use super::verification::STYLE;
use crate::config::Contract;
use crate::config::raw::release::Method;
use crate::exchange::ReleaseManifest;
use crate::report::documents::DocumentError;
use crate::text::{FixedTexts, Language};
use salanimi_core::Id;

/// The template. The ending of its name makes the engine escape all values.
const TEMPLATE: &str = "results.html";

static WORDS: LazyLock<FixedTexts> = LazyLock::new(|| {
    FixedTexts::parse([include_str!("words.en.toml"), include_str!("words.fi.toml"), include_str!("words.sv.toml")])
});

/// The page as the template sees it, in one language.
#[derive(Serialize)]
struct Page<'a> {
    lang: &'static str,
    words: &'a toml::Table,
    style: &'static str,
    study: &'a str,
    title: &'a str,
    permit: &'a str,
    tool: &'a str,
    synthetic: bool,
    is_noise: bool,
    base: u32,
    /// Texts of the study, paragraph by paragraph.
    lead: Vec<String>,
    paper: Option<String>,
    pictures: Vec<PictureView>,
    /// Released tables without a picture.
    others: Vec<String>,
}

/// Returns the results page as HTML; `csv` has the text of the CSV file of each table, by the name of its item.
///
/// # Errors
/// A CSV file is not that of its item, or the template cannot be rendered, which is a bug in salanimi.
pub(super) fn page(
    manifest: &ReleaseManifest,
    csv: &BTreeMap<Id, String>,
    contract: &Contract,
    language: Language,
) -> Result<String, DocumentError> {
    let texts = Texts { contract, words: WORDS.in_language(language), language };
    let sheets = Sheet::parse_all(&manifest.items, csv)?;
    let specs = contract.release.iter().flat_map(|release| &release.pictures);
    let pictures: Vec<PictureView> = specs
        .filter_map(|spec| {
            let sheet = sheets.iter().find(|sheet| sheet.item.name == spec.of)?;
            Some(picture(spec, sheet, &texts, manifest.base))
        })
        .collect();
    let drawn: Vec<&str> = pictures.iter().map(|picture| picture.of.as_str()).collect();
    let others = manifest.items.iter().map(|item| item.name.to_string());
    let others = others.filter(|name| !drawn.contains(&name.as_str())).collect();
    let words = &contract.words;
    let page = Page {
        lang: language.code(),
        words: texts.words,
        style: STYLE,
        study: contract.study.id.as_str(),
        title: &contract.study.title,
        permit: &contract.study.permit,
        tool: &manifest.tool,
        synthetic: manifest.synthetic,
        is_noise: manifest.protect == Method::Noise,
        base: manifest.base,
        lead: words.lead().iter().map(|text| text.text(language.code()).to_owned()).collect(),
        paper: words.paper().and_then(|text| filled(text.text(language.code()), &sheets, &texts)),
        pictures,
        others,
    };
    let mut environment = Environment::new();
    environment.add_template(TEMPLATE, include_str!("results.html"))?;
    Ok(environment.get_template(TEMPLATE)?.render(Serde(page))?)
}

/// The file name of the results page in a language; English has no code in it.
pub(super) fn page_name(language: Language) -> String {
    match language {
        Language::English => "results.html".to_owned(),
        _ => format!("results.{}.html", language.code()),
    }
}
