//! Pseudonyms of references: identifiers of households, decisions and the like.

use super::value::Pseudonym;
use crate::id::Id;
use crate::identifier::{Reason, TextSyntax};
use crate::keys::{KeyedHash, ProjectKeys};

/// Pseudonymises references under one label:
///
/// ```text
/// pseudonym = leftmost 16 bytes of HMAC-SHA-256(subkey, canonical text)
/// subkey    = HKDF-SHA-256(project key, "reference", study, label)
/// ```
///
/// FIPS 198-1 section 4, RFC 5869 section 2. Columns under the same label match, at all holders of the study.
pub struct ReferencePseudonymiser {
    hash: KeyedHash,
    syntax: TextSyntax,
}

impl ReferencePseudonymiser {
    /// Derives the subkey of `label`.
    #[must_use]
    pub fn new(keys: &ProjectKeys<'_>, label: &Id) -> Self {
        Self { hash: keys.reference(label), syntax: TextSyntax::unrestricted() }
    }

    /// Canonicalises and pseudonymises `raw`: text of any form, trimmed and in Unicode normalisation form C.
    ///
    /// # Errors
    /// [`Reason::ForeignCharacter`] if not UTF-8, [`Reason::Missing`] if empty.
    pub fn pseudonymise(&self, raw: &[u8]) -> Result<Pseudonym, Reason> {
        let canonical = self.syntax.canonical(raw)?;
        Ok(Pseudonym(self.hash.leftmost(canonical.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::keys::{Key, ProjectKey};

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn a_reference_is_trimmed_and_hashed_under_its_label() {
        let key = ProjectKey::from_bytes(std::array::from_fn(|i| i as u8));
        let study = Id::new("example").unwrap();
        let keys = ProjectKeys::new(&key, &study);
        let households = ReferencePseudonymiser::new(&keys, &Id::new("household").unwrap());
        let found = households.pseudonymise(b" H-77 ").unwrap();
        assert_eq!(HEXLOWER.encode(&found.0), "e527e0e2e801df0487f84c301ff9aa52");
        let decisions = ReferencePseudonymiser::new(&keys, &Id::new("decision").unwrap());
        assert_ne!(decisions.pseudonymise(b"H-77").unwrap(), found);
        assert_eq!(households.pseudonymise(b"  "), Err(Reason::Missing));
    }
}
