//! Linkage of persons without an identifier: the contract's section, and the columns of each table that it reads.

use std::sync::{Arc, LazyLock};

use super::error::Problem;
use super::raw::contract::Contract as RawContract;
use super::raw::linkage as raw;
use super::table::{Located, Table};
use crate::table::Codes;
use salanimi_core::{Id, RULE_SET};

/// Column of linked tables: `true` for rows of persons who were linked without an identifier.
pub const BY_EVIDENCE: &str = "by_evidence";
/// Column of persons: how the person is linked, one of [`match_kinds`].
pub const MATCH_KIND: &str = "match_kind";
/// Column of persons: the measured precision of the class by which the person was linked without an identifier.
pub const EVIDENCE_PRECISION: &str = "evidence_precision";
/// Decimals of [`EVIDENCE_PRECISION`].
pub const PRECISION_SCALE: i8 = 2;

/// Returns the codes of [`MATCH_KIND`]: `code`; `evidence`, if only evidence links the person's rows in two holders;
/// `both`.
#[must_use]
pub fn match_kinds() -> Arc<Codes> {
    static KINDS: LazyLock<Arc<Codes>> =
        LazyLock::new(|| match Codes::new(["both", "code", "evidence"].map(str::to_owned)) {
            Some(codes) => codes,
            None => unreachable!("three codes fit any list"),
        });
    KINDS.clone()
}

/// Linkage of persons without an identifier, by names, birth date and address.
#[derive(Debug, Clone)]
pub struct Linkage {
    /// The kind of identifier that persons lack.
    pub kind: Id,
    /// The legal ground.
    pub ground: String,
    /// `true` if an extract under a cohort list also has the persons without an identifier.
    pub with_cohorts: bool,
    /// Thresholds of the link.
    pub settings: raw::LinkageSettings,
}

/// Resolves the contract's section.
pub(super) fn linkage(raw: &RawContract, tables: &[Table]) -> Result<Option<Linkage>, Located> {
    let at = |problem| ("exchange, linkage".to_owned(), problem);
    let Some(section) = &raw.exchange.linkage else {
        let with_columns = raw.exchange.tables.iter().find(|table| table.linkage.is_some());
        return match (with_columns, &raw.linkage) {
            (Some(table), _) => Err((format!("table '{}', linkage", table.name), Problem::NoLinkage)),
            (None, Some(_)) => Err(("linkage".to_owned(), Problem::NoLinkage)),
            (None, None) => Ok(None),
        };
    };
    if section.rules != RULE_SET {
        return Err(at(Problem::LinkageRules { expected: RULE_SET }));
    }
    if section.ground.trim().is_empty() {
        return Err(at(Problem::NoGround));
    }
    if !raw.exchange.identifiers.contains_key(&section.kind) {
        return Err(at(Problem::not_among(&section.kind, raw.exchange.identifiers.keys())));
    }
    let with_columns: Vec<&Table> = tables.iter().filter(|table| table.linkage.is_some()).collect();
    if with_columns.is_empty() {
        return Err(at(Problem::NoLinkageColumns));
    }
    if let Some(other) = with_columns.into_iter().find(|table| table.kind() != &section.kind) {
        return Err((format!("table '{}', linkage", other.name), Problem::OtherKind { kind: section.kind.clone() }));
    }
    let settings = match &raw.linkage {
        Some(settings) => settings.clone(),
        None => raw::LinkageSettings::default(),
    };
    if !(0.0..1.0).contains(&settings.min_class_precision) {
        return Err(("linkage, min_class_precision".to_owned(), Problem::Share));
    }
    let raw::Linkage { kind, ground, with_cohorts, .. } = section.clone();
    Ok(Some(Linkage { kind, ground, with_cohorts, settings }))
}
