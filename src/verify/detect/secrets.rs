//! Secrets beside the data. With them pseudonyms can be computed again, or sealed files opened.

use std::sync::LazyLock;

use serde::Deserialize;

use super::data;
use super::kind::Kind;
use super::sightings::Sightings;

static MARKS: LazyLock<Marks> = LazyLock::new(|| data::table(include_str!("secrets.toml")));

/// Characters between a word and the secret.
const BETWEEN: [char; 6] = [' ', '\t', ':', '=', '"', '\''];
/// Fewest hexadecimal digits of a secret.
const SHORTEST: usize = 32;

/// The lists of `secrets.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    keys: Vec<String>,
    words: Vec<String>,
}

/// Adds the secrets in `text`.
pub(super) fn find(text: &str, found: &mut Sightings) {
    for mark in &MARKS.keys {
        text.match_indices(mark.as_str()).for_each(|_| found.note(Kind::Secret, mark.as_bytes(), true));
    }
    let lower = text.to_ascii_lowercase();
    for word in &MARKS.words {
        for (start, _) in lower.match_indices(word.as_str()) {
            let rest = &lower[start + word.len()..];
            let value = rest.trim_start_matches(BETWEEN);
            let digits = value.bytes().take_while(u8::is_ascii_hexdigit).count();
            if value.len() < rest.len() && digits >= SHORTEST {
                found.note(Kind::Secret, word.as_bytes(), true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_secret(text: &str) -> bool {
        let mut found = Sightings::default();
        find(text, &mut found);
        !found.all.is_empty()
    }

    #[test]
    fn private_keys_and_written_secrets_are_found() {
        let secret = "0123456789abcdef0123456789abcdef";
        for text in [
            "-----BEGIN PRIVATE KEY-----".to_owned(),
            "-----BEGIN OPENSSH PRIVATE KEY-----".to_owned(),
            "# public key: age1\nAGE-SECRET-KEY-1QQQQ".to_owned(),
            format!("salanimi-key/1\nsecret: {secret}{secret}"),
            format!("SALT = '{secret}'"),
            format!("{{\"suola\": \"{secret}\"}}"),
        ] {
            assert!(has_secret(&text), "{text}");
        }
    }

    #[test]
    fn digests_and_public_keys_are_no_secrets() {
        let digest = "0123456789abcdef0123456789abcdef";
        for text in [
            "-----BEGIN PUBLIC KEY-----".to_owned(),
            format!("sha256: {digest}"),
            format!("key: {digest}"),
            format!("secret{digest}"),
            "the secret is kept elsewhere".to_owned(),
            "salt: none".to_owned(),
        ] {
            assert!(!has_secret(&text), "{text}");
        }
    }
}
