//! The source tables that a link has, and the analysis tables that cannot be computed from them.

use super::by_table::Kind;
use super::settings::Settings;
use super::source::Source;
use super::sources::{self, AssessmentColumns, AssistanceColumns, Columns, EventColumns, NoticeColumns};
use crate::config::{OmittedTable, SourceTables};

/// Positions of the columns of each source table; `None` for a table that no delivery has.
#[derive(Default)]
pub(super) struct SourceColumns {
    pub(super) assistance: Option<(usize, AssistanceColumns)>,
    pub(super) notices: Option<(usize, NoticeColumns)>,
    pub(super) events: Option<(usize, EventColumns)>,
    pub(super) assessments: Option<(usize, AssessmentColumns)>,
}

/// Source tables, and the reasons why others are missing.
pub(super) struct FoundSources {
    pub(super) columns: SourceColumns,
    missing: Vec<(Source, String)>,
}

impl FoundSources {
    /// Finds the tables of `sources` at the positions in `delivered`.
    pub(super) fn of(settings: &Settings, sources: &SourceTables<'_>, delivered: &[usize]) -> Self {
        let mut found = Self { columns: SourceColumns::default(), missing: Vec::new() };
        found.columns = SourceColumns {
            assistance: found.find(settings, sources, delivered),
            notices: found.find(settings, sources, delivered),
            events: found.find(settings, sources, delivered),
            assessments: found.find(settings, sources, delivered),
        };
        found
    }

    fn find<C: Columns>(
        &mut self,
        settings: &Settings,
        sources: &SourceTables<'_>,
        delivered: &[usize],
    ) -> Option<(usize, C)> {
        match columns(settings, sources, delivered) {
            Ok(found) => Some(found),
            Err(reason) => {
                self.missing.push((C::SOURCE, reason));
                None
            }
        }
    }

    /// Returns the reason why a table of `kind` cannot be computed.
    pub(super) fn reason_against(&self, kind: Kind) -> Option<&str> {
        let needs = kind.needs().iter();
        let mut missing = needs.filter_map(|need| self.missing.iter().find(|(source, _)| source == need));
        missing.next().map(|(_, reason)| reason.as_str())
    }

    /// Returns the tables that cannot be computed.
    pub(super) fn omitted(&self) -> Vec<OmittedTable> {
        let reasons = Kind::ALL.into_iter().filter_map(|kind| Some((kind, self.reason_against(kind)?)));
        reasons.map(|(kind, why)| OmittedTable { table: kind.name().to_owned(), reason: why.to_owned() }).collect()
    }
}

/// Returns the position of a source table and those of its columns, or the reason why it is missing.
fn columns<C: Columns>(
    settings: &Settings,
    sources: &SourceTables<'_>,
    delivered: &[usize],
) -> Result<(usize, C), String> {
    let name = C::SOURCE.name();
    let found = sources::find::<C>(sources, settings);
    let found = found.ok_or_else(|| format!("the contract has no table {name}"))?;
    let (table, columns) =
        found.map_err(|missing| format!("{name} has no column {} as the table needs it", missing.0))?;
    if delivered.contains(&table) { Ok((table, columns)) } else { Err(format!("no delivery has {name}")) }
}
