//! Pseudonyms of persons.

use super::value::Pseudonym;
use crate::id::Id;
use crate::identifier::{Identifier, Reason, Syntax};
use crate::keys::{KeyedHash, ProjectKeys};

/// Scope within which the pseudonyms of persons match.
#[derive(Debug, Clone, Copy)]
pub struct PersonScope<'a> {
    /// Kind of the identifiers. All holders of a study use the same name for one kind.
    pub kind: &'a Id,
    /// Data holder whose records are pseudonymised. Only temporary codes depend on it.
    pub holder: &'a Id,
}

/// Pseudonymises the identifiers of persons of one kind, at one holder:
///
/// ```text
/// pseudonym = leftmost 16 bytes of HMAC-SHA-256(subkey, canonical identifier)
/// subkey    = HKDF-SHA-256(project key, "person", study, kind)               usual identifiers
///             HKDF-SHA-256(project key, "temporary", study, kind, holder)    temporary codes, 900–999
/// ```
///
/// FIPS 198-1 section 4, RFC 5869 section 2; truncation as in SP 800-107r1 section 5.1. An organisation issues
/// temporary codes for its own use, and two organisations may issue the same code to different persons. So these
/// pseudonyms never match across holders.
///
/// An identifier costs two compressions of SHA-256. Identity codes need no allocation, nor does text in canonical form.
pub struct Pseudonymiser {
    person: KeyedHash,
    temporary: KeyedHash,
    syntax: Syntax,
}

impl Pseudonymiser {
    /// Derives the subkeys of `scope`, for identifiers of `syntax`.
    #[must_use]
    pub fn new(keys: &ProjectKeys<'_>, scope: PersonScope<'_>, syntax: Syntax) -> Self {
        Self { person: keys.person(scope.kind), temporary: keys.temporary(scope.kind, scope.holder), syntax }
    }

    /// Canonicalises, validates and pseudonymises `raw`.
    ///
    /// # Errors
    /// The [`Reason`] for which `raw` is not an identifier of this kind.
    pub fn pseudonymise(&self, raw: &[u8]) -> Result<Pseudonym, Reason> {
        self.syntax.canonical(raw).map(|identifier| self.pseudonym(&identifier))
    }

    /// Pseudonymises `identifier`, which has the syntax of this kind. For pipelines that need the canonical identifier
    /// on the way: to replace a changed code, to look it up in a list, or to derive birth date and sex.
    #[must_use]
    pub fn pseudonym(&self, identifier: &Identifier<'_>) -> Pseudonym {
        let hash = if identifier.is_temporary() { &self.temporary } else { &self.person };
        Pseudonym(hash.leftmost(identifier.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::identifier::{TextForm, TextSyntax};
    use crate::keys::{Key, ProjectKey};

    fn pseudonym(kind: &str, holder: &str, syntax: Syntax, raw: &str) -> Result<String, Reason> {
        let key = ProjectKey::from_bytes(std::array::from_fn(|i| i as u8));
        let [study, kind, holder] = ["example", kind, holder].map(|name| Id::new(name).unwrap());
        let scope = PersonScope { kind: &kind, holder: &holder };
        let pseudonymiser = Pseudonymiser::new(&ProjectKeys::new(&key, &study), scope, syntax);
        pseudonymiser.pseudonymise(raw.as_bytes()).map(|pseudonym| HEXLOWER.encode(&pseudonym.0))
    }

    fn hetu(holder: &str, raw: &str) -> String {
        pseudonym("hetu", holder, Syntax::Hetu, raw).unwrap()
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn a_usual_code_has_one_pseudonym_at_every_holder() {
        for holder in ["north", "south"] {
            for raw in ["131052-308T", " 131052–308t"] {
                assert_eq!(hetu(holder, raw), "46678c8bed6a92b8750b56de8fd66a71");
            }
        }
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn a_temporary_code_has_another_pseudonym_at_each_holder() {
        assert_eq!(hetu("north", "010594Y9032"), "2ed342a3a4fc2a822adaa4ba49c34d35");
        assert_eq!(hetu("south", "010594Y9032"), "971443c922ae0d5a1eb40d3dba953071");
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn text_is_canonicalised_before_it_is_hashed() {
        let syntax = Syntax::Text(
            TextSyntax::new("[A-ZÄ]+-[0-9]+", TextForm { fold_case: true, ..TextForm::default() }).unwrap(),
        );
        let found = pseudonym("client", "north", syntax, " a\u{308}b-12 ");
        assert_eq!(found.unwrap(), "03d7a72ffc79995dd61a02c4048ab41d");
    }

    #[test]
    fn an_invalid_identifier_has_no_pseudonym() {
        assert_eq!(pseudonym("hetu", "north", Syntax::Hetu, "131052-308U"), Err(Reason::ControlCharacter));
    }
}
