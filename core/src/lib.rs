//! Core of salanimi: personal identifiers in, pseudonyms out.
//!
//! ```
//! use salanimi_core::{Id, Key, PersonScope, ProjectKey, ProjectKeys, Pseudonymiser, Syntax};
//!
//! let key = ProjectKey::generate()?;
//! let study = Id::new("example")?;
//! let scope = PersonScope { kind: &Id::new("hetu")?, holder: &Id::new("north")? };
//! let persons = Pseudonymiser::new(&ProjectKeys::new(&key, &study), scope, Syntax::Hetu);
//! assert_eq!(persons.pseudonymise(b" 131052-308t")?, persons.pseudonymise("131052–308T".as_bytes())?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A data holder can audit this crate in an afternoon. It reads no file and asks no clock. Its only call to the
//! operating system is for the randomness of a new key.
//!
//! # Contents
//!
//! - **Identifiers.** [`Syntax`] brings a raw value to its canonical form, an [`Identifier`]. [`IdentityCode`] is the
//!   Finnish personal identity code (Government Decree 690/2022), [`TextSyntax`] covers any other identifier. A value
//!   that fails has a [`Reason`].
//! - **Keys.** [`ProjectKey`], [`LinkKey`], [`SigningKey`] and [`ReleaseKey`] are 32 random bytes, wiped when
//!   dropped. A subkey for each use comes from HKDF-SHA-256 (RFC 5869). [`KeyedHash`] is HMAC-SHA-256 (FIPS 198-1).
//!   [`KeyId`] is the public id of a key.
//! - **Pseudonyms.** [`Pseudonymiser`] is the one way from a person's identifier to a [`Pseudonym`], with every rule
//!   applied. [`ReferencePseudonymiser`] does the same for households and other references. [`Canary`] lets two parties
//!   compare keys without showing them.
//! - **Linkage without identifiers.** [`LinkageHashes`] turns names, birth date and address into keyed tokens, and
//!   [`LocalPseudonymiser`] gives persons without an identifier a pseudonym.
//! - **Calendar.** [`Day`], [`Days`], [`Month`] and [`Timestamp`] in the proleptic Gregorian calendar.
//!
//! # Scheme
//!
//! The scheme is named [`SCHEME`]. With ‖ for concatenation and fields joined by one zero byte:
//!
//! ```text
//! subkey    = HKDF-SHA-256(IKM = key, salt = "salanimi/v1", info = label ‖ 0 ‖ study ‖ 0 ‖ …, L = 32)
//! pseudonym = leftmost 16 bytes of HMAC-SHA-256(subkey of the project key, canonical identifier)
//! linked id = leftmost  8 bytes of HMAC-SHA-256(subkey of the link key, pseudonym)
//! ```

mod calendar;
mod id;
mod identifier;
mod keys;
mod linkage;
mod pseudonym;

pub use calendar::{Day, DayError, Days, Month, Timestamp, TimestampError};
pub use id::{Id, IdError};
pub use identifier::{Identifier, IdentityCode, Reason, Sex, Syntax, TextForm, TextSyntax};
pub use keys::{
    DatasetKeys, JobKey, KEY_BYTES, Key, KeyId, KeyIdError, KeyMaterial, KeyedHash, LinkKey, LinkKeys, ProjectKey,
    ProjectKeys, Purpose, RandomnessError, ReleaseKey, SCHEME, SEALED_TABLE, SigningKey,
};
pub use linkage::{
    Agreement, AgreementClass, BirthDigits, LEAST_WEIGHT, LINKAGE_CANARIES, LinkageFields, LinkageHashes, LocalPerson,
    LocalPseudonymiser, RULE_SET, RawFields, Rule, SLOTS, Tokens, linkage_canaries, rule_set_text, skeleton, words,
};
pub use pseudonym::{
    Canary, LINKED_ID_BYTES, LinkedId, PSEUDONYM_BYTES, PersonScope, Pseudonym, Pseudonymiser, ReferencePseudonymiser,
};
