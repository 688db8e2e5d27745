use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::subkeys::ProjectKeys;
use salanimi_core::{Id, PSEUDONYM_BYTES, Syntax};

/// Published test codes of the 900-series; some need every step of the normalisation.
const HETU: [&str; 5] =
    ["010594Y9032", " 020594x902n ", "１３１０５２\u{2212}３０８ｔ", "\u{a0}290296\u{2013}7808", "020504a902e"];
/// Texts that need trimming, composing and, where the kind folds case, folding.
const TEXT: [&str; 4] = ["canary-1", "\u{2003}canary-2\t", "a\u{308}iti-3", "K\u{c4}RKI-4"];

/// What the published test values become under a key: equal at two parties only if the key and the normalisation are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// The identifier kind or reference label.
    pub name: Id,
    /// The pseudonyms of the test values under the canary subkey, in hexadecimal.
    pub values: Vec<String>,
}

impl Canary {
    /// The canary of the kind or label `name`, whose identifiers follow `syntax`.
    ///
    /// The rule for temporary codes is skipped, and so is a kind's pattern, which need not admit the test values.
    #[must_use]
    pub fn new(keys: &ProjectKeys<'_>, name: &Id, syntax: &Syntax) -> Self {
        let (tests, syntax): (&[&str], _) = match syntax {
            Syntax::Hetu => (&HETU, Syntax::Hetu),
            Syntax::Text(text) => (&TEXT, Syntax::Text(text.without_pattern())),
        };
        let hash = keys.canary(name);
        let value = |test: &&str| match syntax.canonical(test.as_bytes()) {
            Ok(identifier) => HEXLOWER.encode(&hash.leftmost::<PSEUDONYM_BYTES>(identifier.as_bytes())),
            // A test value that no longer parses differs from everyone else's, which is what a canary is for.
            Err(reason) => reason.name().to_owned(),
        };
        Self { name: name.clone(), values: tests.iter().map(value).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Key, ProjectKey};
    use salanimi_core::{IdentityCode, TextSyntax};

    #[test]
    fn every_test_code_is_valid_and_normalises() {
        for test in HETU {
            let code = IdentityCode::parse(test.as_bytes()).unwrap();
            assert_eq!(code.as_bytes().len(), 11);
        }
    }

    #[test]
    fn the_key_and_the_normalisation_both_show() {
        let (study, name) = (Id::new("s").unwrap(), Id::new("case").unwrap());
        let syntax = |fold| Syntax::Text(TextSyntax::new("[0-9]+", fold).unwrap());
        let canary = |key: [u8; 32], fold| {
            let key = ProjectKey::from_bytes(key);
            Canary::new(&ProjectKeys::new(&key, &study), &name, &syntax(fold))
        };
        assert_eq!(canary([1; 32], true), canary([1; 32], true));
        assert_ne!(canary([1; 32], true), canary([1; 32], false));
        assert_ne!(canary([1; 32], true), canary([2; 32], true));
    }
}
