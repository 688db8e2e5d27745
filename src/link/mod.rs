//! The linker's stage: deliveries in, a linked dataset out.
//!
//! The steps, in order: the deliveries agree (`exchange`), are merged person by person (`merge`), re-keyed (`rekey`),
//! counted (`account`, `accounting`), written (`tables`) and searched for signs of a failed run (`warnings`). The
//! caller adds documents and publishes (`staged`). No identity code and no project key is ever here.

mod account;
mod accounting;
mod error;
mod evidence;
mod history;
mod matches;
mod merge;
mod references;
mod rekey;
mod run;
mod staged;
mod tables;
mod warnings;

pub use error::LinkError;
pub use run::{Inputs, link};
pub use staged::{Linked, StagedDataset};
