//! Names, birth dates, addresses and client numbers of synthetic persons, and how each register has them.
//!
//! Rates of errors are those of the registers on which linkage without codes was designed. An office has official
//! names. A desk types call names, nicknames, transliterations and mistakes, and learns late of new names and
//! addresses. Names and addresses of people born abroad have 1.6 times as many errors, and they lack a code six times
//! as often.

mod facts;
mod mistakes;
mod names;
mod record;
mod typing;

pub(super) use facts::{Identity, draw_identities};
pub(super) use record::{IdentityField, Record};
