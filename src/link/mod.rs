//! The linker's stage: deliveries in, a linked dataset out.
//!
//! The steps, in order: the deliveries agree (`exchange`), are merged person by person (`merge`), re-keyed (`rekey`),
//! counted (`account`, `accounting`), written (`tables`, `filled`) and searched for signs of a failed run (`warnings`).
//! The caller adds documents and publishes (`staged`). No identity code and no project key is ever here.

mod account;
mod accounting;
mod distributed;
mod error;
mod evidence;
mod filled;
mod history;
mod matches;
mod merge;
mod references;
mod rekey;
mod run;
mod staged;
mod tables;
mod warnings;

pub use distributed::{LinkJob, LinkPaths, link_part, link_range};
pub use error::LinkError;
pub use run::{Inputs, link, record_deliveries};
pub use staged::{Linked, StagedDataset};
