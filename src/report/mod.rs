//! Results in words and in JSON, for the screen.

mod count;
mod extract;
mod link;
mod show;
mod synth;
mod table;

pub use count::rounded;
pub use extract::{ExtractSummary, dry_run, extracted, manifest};
pub use link::{LinkSummary, linked, linked_tables};
pub use show::{contract, key, parquet};
pub use synth::synthesised;
pub use table::TextTable;
