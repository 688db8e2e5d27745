//! Summary of a cohort list.

use salanimi_core::KeyId;
use serde::Serialize;

use crate::crypto::Digest;
use crate::extract::WrittenCohort;

/// Summary of a cohort list, for JSON.
#[derive(Debug, Serialize)]
pub struct CohortSummary<'a> {
    list: String,
    list_digest: Digest,
    signed_by: Option<KeyId>,
    recipients: usize,
    kind: &'a str,
    persons: u64,
    temporary: u64,
    rejected: u64,
}

impl<'a> CohortSummary<'a> {
    /// Creates the summary of a list.
    #[must_use]
    pub fn new(made: &'a WrittenCohort) -> Self {
        Self {
            list: made.path.display().to_string(),
            list_digest: made.digest,
            signed_by: made.signed_by,
            recipients: made.recipients,
            kind: made.header.kind.as_str(),
            persons: made.header.persons,
            temporary: made.temporary,
            rejected: made.rejected,
        }
    }
}

/// Returns the summary of a cohort list as text.
#[must_use]
pub fn cohort(made: &WrittenCohort) -> String {
    let tables: Vec<&str> = made.tables.iter().map(salanimi_core::Id::as_str).collect();
    let signed = if made.signed_by.is_some() { " and signed" } else { ", NOT signed" };
    format!(
        "{} persons of {} from {}, encrypted to {} recipients{signed}\n  \
         omitted: {} persons with temporary codes, {} rejected records (`extract --dry-run` names their rows)\n\
         List: {}\n\
         The list names persons to everyone who opens it. Send it only to these holders, and ask them to destroy it \
         after the extract.",
        made.header.persons,
        made.header.holder,
        tables.join(", "),
        made.recipients,
        made.temporary,
        made.rejected,
        made.path.display()
    )
}
