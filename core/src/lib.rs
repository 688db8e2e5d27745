//! Identifiers, days and pseudonyms: the part of salanimi that a data holder must be able to audit.
//!
//! Nothing here reads a file, asks the clock or knows Arrow.

mod day;
mod id;
mod identity_code;

mod month;
mod pseudonym;
mod reject;
mod syntax;
mod timestamp;

pub use day::{Day, DayError, Days};
pub use id::{Id, IdError};
pub use identity_code::{IdentityCode, Sex};
pub use month::Month;
pub use pseudonym::{PERSON_BYTES, PSEUDONYM_BYTES, PersonId, Pseudonym};
pub use reject::Reason;
pub use syntax::{Identifier, Syntax, TextSyntax};
pub use timestamp::{Timestamp, TimestampError};
