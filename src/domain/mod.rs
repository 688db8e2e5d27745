//! The words of the field, as types: identity codes, pseudonyms, persons, days, reasons for rejection.
//!
//! Nothing here reads a file or holds a key.

mod code_space;
mod count;
mod day;
mod id;
mod identity_code;
mod moment;
mod month;
mod pseudonym;
mod reject;
mod syntax;
mod working_days;

pub use code_space::{CodeSpace, PUBLISHED_CODES, Part, RawCode, Share};
pub use count::{COUNT_BASE, rounded};
pub use day::{Day, DayError, Days};
pub use id::{Id, IdError};
pub use identity_code::{IdentityCode, Sex};
pub use moment::{Moment, MomentError};
pub use month::Month;
pub use pseudonym::{PERSON_BYTES, PSEUDONYM_BYTES, PersonId, Pseudonym};
pub use reject::Reason;
pub use syntax::{Identifier, Syntax, TextSyntax};
pub use working_days::WorkingDays;
