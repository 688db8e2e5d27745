//! Labels: every string that separates one use of a key from another.

/// Salt of every derivation (RFC 5869 section 2.2).
pub(super) const SALT: &[u8] = b"salanimi/v1";
/// Pseudonyms of persons, by identifier kind.
pub(super) const PERSON: &str = "person";
/// Pseudonyms of temporary codes, by identifier kind and holder. They never match across holders.
pub(super) const TEMPORARY: &str = "temporary";
/// Pseudonyms of other identifiers, by reference label.
pub(super) const REFERENCE: &str = "reference";
/// Published test values, by kind or reference label.
pub(super) const CANARY: &str = "canary";
/// Public name of a project key.
pub(super) const KEY_ID: &str = "key-id";
/// Commitment to a holder's table of changed codes.
pub(super) const OLD_CODES: &str = "old-codes";
/// Pseudonyms of persons without an identifier, by identifier kind and holder.
pub(super) const LOCAL: &str = "local";
/// Tokens of linkage without identifiers, by rule.
pub(super) const LINKAGE: &str = "linkage";
/// Fill of empty places for tokens, by holder.
pub(super) const LINKAGE_FILL: &str = "linkage-fill";
/// Published test persons of linkage without identifiers.
pub(super) const LINKAGE_CANARY: &str = "linkage-canary";
/// Data key of a delivery that many processes write, by holder.
pub(super) const JOB_DATA_KEY: &str = "job-data-key";
/// Rows on their way between such processes, by holder if there is one.
pub(super) const JOB_ROWS: &str = "job-rows";
/// Marks of the inputs of such processes, by holder if there is one.
pub(super) const JOB_INPUTS: &str = "job-inputs";
/// Statements of such processes, by holder if there is one.
pub(super) const JOB_STATEMENTS: &str = "job-statements";
/// Folds of persons by whom the precision of linkage is measured.
pub(super) const LINKAGE_FOLD: &str = "linkage-fold";
/// Persons of a linked dataset.
pub(super) const LINK_PERSON: &str = "link-person";
/// References of a linked dataset, by reference label.
pub(super) const LINK_REFERENCE: &str = "link-reference";
/// Public name of a link key.
pub(super) const LINK_KEY_ID: &str = "link-key-id";
/// Key pair of a signing key.
pub(super) const SIGNING: &str = "signing";
/// Public name of a signing key.
pub(super) const SIGNING_KEY_ID: &str = "signing-key-id";
/// Public name of a release key.
pub(super) const RELEASE_KEY_ID: &str = "release-key-id";
/// Persons of a linked dataset, as the rounding of released counts knows them, by dataset.
pub(super) const RELEASE_PERSON: &str = "release-person";
/// Rounding of released counts, by dataset.
pub(super) const RELEASE_ROUND: &str = "release-round";
/// Noise of released counts.
pub(super) const RELEASE_NOISE: &str = "release-noise";
/// Register of released items.
pub(super) const RELEASE_REGISTER: &str = "release-register";
/// Binding of a key file's text to its key.
pub(super) const KEY_FILE: &str = "key-file";

/// First field of the additional authenticated data of every sealed table.
pub const SEALED_TABLE: &str = "salanimi/v1";
/// Name of the pseudonym scheme in contracts and manifests.
pub const SCHEME: &str = "hkdf-sha256/hmac-sha256-128/v1";
