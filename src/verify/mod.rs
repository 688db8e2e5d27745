//! Verification: checks on data that need no project key, for the data-protection officer.
//!
//! Each file or folder below holds one family of checks, or a part that several families share. The order of use is:
//! `detect` · `check`, `statistics`, `options`, `depth` · `subject` · the families · `pass`,
//! which reads each table for several families at once · `verification`.
//!
//! A program calls [`verify`] with [`Options`]; the command line does no more than that.

mod accounting;
mod attack;
mod catalogue;
mod check;
mod contents;
mod depth;
mod detect;
mod distinct;
mod integrity;
mod linkage;
mod options;
mod pass;
mod pseudonym;
mod purpose;
mod released;
mod residue;
mod risk;
mod statistics;
mod subject;
mod verification;

pub use attack::{Rate, rates};
pub use catalogue::{Catalogue, CheckText, FamilyText, catalogue};
pub use check::{Bar, Check, Picture, Table, Verdict};
pub use depth::Depth;
pub use options::{DEFAULT_MEMORY, Options};
pub use subject::Kind;
pub use verification::{SubjectSummary, TableSummary, Verification, verify};
