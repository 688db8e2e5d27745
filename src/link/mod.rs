//! The linker's stage: deliveries in, a linked dataset out.
//!
//! Steps, in order: agree (`exchange`), spine (`merge`), re-key (`rekey`), account (`account`,
//! `accounting`), analysis tables (`tables`), write and describe (`run`). No identity code and no project key is ever here.

mod account;
mod accounting;
mod error;
mod history;
pub(crate) mod merge;
mod rekey;
mod run;

pub use error::LinkError;
pub use run::{Describe, Document, Inputs, Linked, link};
