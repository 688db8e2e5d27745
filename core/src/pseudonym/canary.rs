//! Canaries: published test values under a key, for the comparison of keys and normalisation.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::value::PSEUDONYM_BYTES;
use crate::id::Id;
use crate::identifier::Syntax;
use crate::keys::{KeyedHash, ProjectKeys};

/// Published test codes of the 900-series, and two valid codes; several need every step of the normalisation.
const HETU: [&str; 5] =
    ["010594Y9032", " 020594x902n ", "１３１０５２\u{2212}３０８ｔ", "\u{a0}290296\u{2013}7808", "020504a902e"];
/// Texts that need trimming, composing and, as the kind asks, folding, removal of characters and zeros before digits.
const TEXT: [&str; 6] = ["canary-1", "\u{2003}canary-2\t", "a\u{308}iti-3", "K\u{c4}RKI-4", "c.a/n_a r-y5", "6"];

/// Published test values under a key. Two parties have equal canaries only if their keys and their normalisation are
/// equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// Identifier kind or reference label.
    pub name: Id,
    /// For each test value, in 32 hexadecimal digits, the leftmost 16 bytes of HMAC-SHA-256(subkey("canary", study,
    /// name), canonical value).
    pub values: Vec<String>,
}

impl Canary {
    /// Computes the canary of the kind or reference label `name`, whose identifiers have `syntax`.
    ///
    /// Test values skip the rule for temporary codes. They also skip a kind's pattern, which need not admit them.
    #[must_use]
    pub fn new(keys: &ProjectKeys<'_>, name: &Id, syntax: &Syntax) -> Self {
        let hash = keys.canary(name);
        let values = match syntax {
            Syntax::Hetu => values(&hash, &Syntax::Hetu, &HETU),
            Syntax::Text(text) => values(&hash, &Syntax::Text(text.without_pattern()), &TEXT),
        };
        Self { name: name.clone(), values }
    }
}

fn values(hash: &KeyedHash, syntax: &Syntax, tests: &[&str]) -> Vec<String> {
    let canonical = tests.iter().map(|test| syntax.canonical(test.as_bytes()));
    let values = canonical.map(|result| match result {
        Ok(identifier) => HEXLOWER.encode(&hash.leftmost::<PSEUDONYM_BYTES>(identifier.as_bytes())),
        // A version that rejects a test value must differ from all others: that is the purpose of a canary.
        Err(reason) => reason.name().to_owned(),
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{IdentityCode, TextForm, TextSyntax};
    use crate::keys::{Key, ProjectKey};

    #[test]
    fn every_test_code_is_valid() {
        for test in HETU {
            assert_eq!(IdentityCode::parse(test.as_bytes()).unwrap().as_bytes().len(), 11);
        }
    }

    fn text_canary(key: [u8; 32], form: TextForm) -> Canary {
        let key = ProjectKey::from_bytes(key);
        let [study, name] = ["example", "client"].map(|name| Id::new(name).unwrap());
        let syntax = Syntax::Text(TextSyntax::new("[0-9]+", form).unwrap());
        Canary::new(&ProjectKeys::new(&key, &study), &name, &syntax)
    }

    #[test]
    fn the_key_and_the_normalisation_both_show() {
        let form = TextForm::default;
        assert_eq!(text_canary([1; 32], form()), text_canary([1; 32], form()));
        assert_ne!(text_canary([1; 32], form()), text_canary([2; 32], form()));
        let others = [
            TextForm { fold_case: true, ..form() },
            TextForm { remove: "-".to_owned(), ..form() },
            TextForm { remove: " ".to_owned(), ..form() },
            TextForm { width: 8, ..form() },
        ];
        for other in others {
            assert_ne!(text_canary([1; 32], form()), text_canary([1; 32], other));
        }
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn a_test_code_has_no_holder() {
        let key = ProjectKey::from_bytes(std::array::from_fn(|i| i as u8));
        let [study, kind] = ["example", "hetu"].map(|name| Id::new(name).unwrap());
        let canary = Canary::new(&ProjectKeys::new(&key, &study), &kind, &Syntax::Hetu);
        assert_eq!(canary.values[0], "ac4904f429fa980e6b152e974dc4e5c8");
    }
}
