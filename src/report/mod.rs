//! Results as text, as JSON and as HTML pages.

mod cohort;
mod custody;
mod datapackage;
mod documents;
mod extract;
mod link;
mod linkage;
mod plain;
mod release;
mod results;
mod show;
mod table;
mod verification;
mod verify;
mod warnings;

pub use cohort::{CohortSummary, cohort};
pub use custody::{
    ENCRYPTED, KeySummary, NewKey, audit, certificate, cohort_list, combined, key, new_key, signer, split, unproved_key,
};
pub use documents::{DocumentError, add_documents};
pub use extract::{ExtractSummary, STATED_BY_HOLDER, delivery, delivery_check, dry_run, extracted};
pub use link::{LinkSummary, linked, linked_tables};
pub use plain::on_one_line;
pub use release::{ReleaseSummary, add_release_documents, release_manifest, release_plan, released, results_page};
pub use show::{contract, parquet};
pub use table::TextTable;
pub use verification::page;
pub use verify::{Report, verification};
