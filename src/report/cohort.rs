use serde::Serialize;

use crate::crypto::{Digest, KeyId};
use crate::extract::WrittenCohort;

/// The closing summary of a cohort list, for a machine.
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
    /// Of what was `made`.
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

/// The closing summary of a cohort list, in words.
#[must_use]
pub fn cohort(made: &WrittenCohort) -> String {
    let tables: Vec<&str> = made.tables.iter().map(salanimi_core::Id::as_str).collect();
    format!(
        "{} persons of {} chosen from {}, encrypted to {} recipients{}\n  left out: {} persons with temporary codes, {} rejected records (`extract --dry-run` names their rows)\nList: {}\nWhoever opens it learns who is on it: send it to those holders alone, and have them destroy it after the extract.",
        made.header.persons,
        made.header.holder,
        tables.join(", "),
        made.recipients,
        if made.signed_by.is_some() { " and signed" } else { ", NOT signed" },
        made.temporary,
        made.rejected,
        made.path.display()
    )
}
