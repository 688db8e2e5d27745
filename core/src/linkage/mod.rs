//! Linkage of persons without an identifier: keyed tokens of names, birth date and address.
//!
//! A token is a keyed hash of a combination of normalised fields, such as a name with the month of birth. Two records
//! of one person share some tokens even if a field differs. Equal tokens tell which combinations agree, nothing else.
//!
//! - [`LinkageFields`] are the fields of a person, normalised.
//! - [`Rule`] is a combination of fields; there are 16, with 57 places for tokens in all.
//! - [`LinkageHashes`] makes the tokens, and the pseudo-random fill of empty places.
//! - [`Agreement`] is the set of rules by which two records agree, with its class and weight.
//! - [`LocalPseudonymiser`] gives persons without an identifier a pseudonym that means nothing to another holder.
//!
//! Tokens over attribute subsets are option 3 of Culnane, Rubinstein and Teague (2018); the Office for National
//! Statistics uses match keys of the same kind.

mod agreement;
mod canary;
mod fields;
mod hashes;
mod local;
mod rules;
mod words;

pub use agreement::{Agreement, AgreementClass, LEAST_WEIGHT};
pub use canary::{LINKAGE_CANARIES, linkage_canaries};
pub use fields::{BirthDigits, LinkageFields, RawFields};
pub use hashes::{LinkageHashes, Tokens};
pub use local::{LocalPerson, LocalPseudonymiser};
pub use rules::{RULE_SET, Rule, SLOTS, rule_set_text};
pub use words::{skeleton, words};
