//! Secrets that were left beside the data: with them pseudonyms can be computed again, or sealed files opened.

use super::found::Found;
use super::kind::Kind;

/// What stands in private keys: of PEM (RFC 7468), age, minisign.
const MARKS: [&str; 4] =
    ["PRIVATE KEY-----", "AGE-SECRET-KEY-1", "minisign encrypted secret key", "rsign encrypted secret key"];
/// Words before a secret in hexadecimal digits.
const WORDS: [&str; 7] = ["secret", "salt", "pepper", "suola", "salaisuus", "salainen_avain", "secret_key"];
/// What may stand between such a word and the secret.
const BETWEEN: [char; 6] = [' ', '\t', ':', '=', '"', '\''];
/// The fewest hexadecimal digits of a secret.
const SHORTEST: usize = 32;

/// Notes the secrets in `text`.
pub(super) fn find(text: &str, found: &mut Found) {
    for mark in MARKS {
        text.match_indices(mark).for_each(|_| found.note(Kind::Secret, mark.as_bytes(), true));
    }
    let lower = text.to_ascii_lowercase();
    for word in WORDS {
        for (start, _) in lower.match_indices(word) {
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

    fn finds(text: &str) -> bool {
        let mut found = Found::default();
        find(text, &mut found);
        !found.sightings.is_empty()
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
            assert!(finds(&text), "{text}");
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
            assert!(!finds(&text), "{text}");
        }
    }
}
