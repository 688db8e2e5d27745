//! The source tables of the study, and the positions of their codes.

use crate::config::Table;
use crate::table::ValueType;

/// A source table of the study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Assistance,
    Notices,
    Events,
    Assessments,
}

impl Source {
    /// Its name in the contract.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Assistance => "kela_social_assistance",
            Self::Notices => "kela_notifications",
            Self::Events => "municipal_social_work",
            Self::Assessments => "municipal_avain",
        }
    }
}

/// Returns the position of `code` in the list of a source column; `None` if the contract does not list it.
pub(super) fn code_position(tables: &[Table], source: Source, column: &str, code: &str) -> Option<u16> {
    let table = tables.iter().find(|table| table.name.as_str() == source.name())?;
    match &table.fields[table.field(column)?].value {
        ValueType::Code(codes) => codes.position(code),
        _ => None,
    }
}
