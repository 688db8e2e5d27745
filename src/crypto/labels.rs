//! Every string that separates one use of a key from another, in one place.

/// Salt of every derivation (RFC 5869 section 2.2).
pub(super) const SALT: &[u8] = b"salanimi/v1";
/// Persons of a study, by identifier kind.
pub(super) const PERSON: &str = "person";
/// Temporary codes, by identifier kind and holder, so that they never match across holders.
pub(super) const TEMPORARY: &str = "temporary";
/// Other identifiers, by label.
pub(super) const REFERENCE: &str = "reference";
/// The published test values, by kind or label.
pub(super) const CANARY: &str = "canary";
/// The public name of a project key.
pub(super) const KEY_ID: &str = "key-id";
/// The commitment to a holder's table of changed codes.
pub(super) const OLD_CODES: &str = "old-codes";
/// Persons of a linked dataset.
pub(super) const LINK_PERSON: &str = "link-person";
/// References of a linked dataset, by label.
pub(super) const LINK_REFERENCE: &str = "link-reference";
/// The public name of a link key.
pub(super) const LINK_KEY_ID: &str = "link-key-id";
/// The key pair of a signing key.
pub(super) const SIGNING: &str = "signing";
/// The public name of a signing key.
pub(super) const SIGNING_KEY_ID: &str = "signing-key-id";
/// What binds the text of a key file to its key.
pub(super) const KEY_FILE: &str = "key-file";
/// First field of the additional authenticated data of every sealed table.
pub(super) const SEALED_TABLE: &str = "salanimi/v1";

/// Name of the pseudonym scheme, as contracts and manifests write it.
pub const SCHEME: &str = "hkdf-sha256/hmac-sha256-128/v1";
