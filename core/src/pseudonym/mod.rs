//! Pseudonyms: the one way from a raw identifier to its pseudonym, and the canaries that compare keys.

mod canary;
mod persons;
mod references;
mod value;

pub use canary::Canary;
pub use persons::{PersonScope, Pseudonymiser};
pub use references::ReferencePseudonymiser;
pub use value::{LINKED_ID_BYTES, LinkedId, PSEUDONYM_BYTES, Pseudonym};
