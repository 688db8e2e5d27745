//! The configuration files as they are written. The comments of these modules are the reference for users.
//!
//! - [`contract`]: the contract, which all parties share.
//! - [`linkage`]: its parts about persons without an identifier.
//! - [`mod@release`]: its section `[release]`.
//! - [`warnings`]: its sections `[warnings]` and `[[accept]]`.
//! - [`holder`]: the holder file, which stays with the holder.
//!
//! A key is required unless its comment states a default or "Optional".

pub mod contract;
pub mod holder;
pub mod linkage;
pub mod release;
pub mod warnings;
