//! Identifiers: canonical forms, and the reasons for which a value is rejected.

mod identity_code;
mod reason;
mod syntax;
mod text;

pub use identity_code::{IdentityCode, Sex};
pub use reason::Reason;
pub use syntax::{Identifier, Syntax};
pub use text::{TextForm, TextSyntax};
