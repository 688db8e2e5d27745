//! Text of a key file: parsing and rendering.

use std::fmt;

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use salanimi_core::{Day, Id, KEY_BYTES, KeyId, KeyMaterial, Purpose};

/// First bytes of a key file of any version.
pub const KIND: &str = "salanimi-key/";
/// First line of every key file.
const HEADER: &str = "salanimi-key/1";
const BY_PASSPHRASE: &str = "passphrase";
const TO_RECIPIENTS: &str = "recipients";

/// Description of a key in its file, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription {
    /// Purpose of the key.
    pub purpose: Purpose,
    /// Study of the key.
    pub study: Id,
    /// Day on which it was made.
    pub created: Day,
    /// Last day on which it may be used.
    pub expires: Day,
    /// Public name of the key.
    pub key_id: KeyId,
    /// Binds all of the above to the key.
    pub(super) check: Check,
    /// Number of the share; `None` for a whole key.
    pub share: Option<ShareNumber>,
    /// Protection of the secret.
    pub secrecy: ProtectionKind,
}

/// Keyed hash of a description, as in [`KeyMaterial::file_check`].
pub(super) type Check = [u8; 8];

/// Number of a share among the shares of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareNumber {
    /// From 1.
    pub number: u8,
    /// Number of shares that were made.
    pub shares: u8,
    /// Number of shares that are needed.
    pub threshold: u8,
    /// Random number; the same for all shares of one split.
    pub split: [u8; 4],
}

/// Protection of a key file's secret, besides the file's permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtectionKind {
    /// None.
    Plain,
    /// Encrypted by a passphrase.
    Passphrase,
    /// Encrypted to age recipients.
    Recipients,
}

impl ProtectionKind {
    /// Describes the protection in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Plain => "protected by the file's permissions alone",
            Self::Passphrase => "protected by a passphrase",
            Self::Recipients => "encrypted to recipients",
        }
    }
}

/// Secret in the form in which the file holds it.
pub(super) enum Secret {
    /// The bytes.
    Plain(Zeroizing<Vec<u8>>),
    /// An armoured age file.
    Armoured(Zeroizing<String>),
}

impl KeyDescription {
    /// Returns the text that `check` covers.
    fn covered(&self) -> String {
        let Self { purpose, study, created, expires, key_id, .. } = self;
        format!(
            "purpose: {}\nstudy: {study}\ncreated: {created}\nexpires: {expires}\nkey-id: {key_id}\n",
            purpose.name()
        )
    }

    /// Returns true if `other` describes the same key, shares apart.
    pub(super) fn describes_same_key(&self, other: &Self) -> bool {
        (self.covered(), self.check) == (other.covered(), other.check)
    }

    /// Computes the check under `key`.
    pub(super) fn check_by(&self, key: &KeyMaterial) -> Check {
        key.file_check(self.purpose, &self.study, &self.covered())
    }

    /// Renders the file with `secret`.
    pub(super) fn render(&self, secret: &Secret) -> Zeroizing<String> {
        let share = self.share.map_or_else(String::new, |share| format!("share: {share}\n"));
        let (secrecy, after) = match (secret, self.secrecy) {
            (Secret::Plain(bytes), _) => (Zeroizing::new(HEXLOWER.encode(bytes)), ""),
            (Secret::Armoured(text), ProtectionKind::Passphrase) => {
                (Zeroizing::new(BY_PASSPHRASE.to_owned()), text.as_str())
            }
            (Secret::Armoured(text), _) => (Zeroizing::new(TO_RECIPIENTS.to_owned()), text.as_str()),
        };
        let head = format!("{HEADER}\n{}check: {}\n{share}secret: ", self.covered(), HEXLOWER.encode(&self.check));
        // Full size from the start: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(head.len() + secrecy.len() + 1 + after.len()));
        [head.as_str(), secrecy.as_str(), "\n", after].iter().for_each(|part| text.push_str(part));
        text
    }
}

/// Error for a text that is not a key file.
pub(super) enum Malformed {
    /// A line is wrong.
    Text(&'static str),
    /// The key has this many bytes.
    Size(usize),
}

impl From<&'static str> for Malformed {
    fn from(problem: &'static str) -> Self {
        Self::Text(problem)
    }
}

/// Parses the text of a key file.
pub(super) fn parse(text: &str) -> Result<(KeyDescription, Secret), Malformed> {
    let mut lines = Lines { rest: text };
    if lines.next() != HEADER {
        return Err("the first line is not 'salanimi-key/1'".into());
    }
    let purpose = lines.field("purpose").ok_or("the second line is not 'purpose: …'")?;
    let purpose = Purpose::ALL.into_iter().find(|p| p.name() == purpose);
    let study = lines.field("study").ok_or("the third line is not 'study: …'")?;
    let created = lines.day("created").ok_or("the fourth line is not 'created: ' and a day")?;
    let expires = lines.day("expires").ok_or("the fifth line is not 'expires: ' and a day")?;
    let key_id = lines.field("key-id").ok_or("the sixth line is not 'key-id: …'")?;
    let check = lines.field("check").and_then(hexadecimal).ok_or("the seventh line is not 'check: …'")?;
    let share = match lines.field("share") {
        Some(share) => Some(ShareNumber::parse(share).ok_or("the line 'share: …' is malformed")?),
        None => None,
    };
    let secret = lines.field("secret").ok_or("the line 'secret: …' is missing")?;
    let secrecy = match secret {
        BY_PASSPHRASE => ProtectionKind::Passphrase,
        TO_RECIPIENTS => ProtectionKind::Recipients,
        _ => ProtectionKind::Plain,
    };
    let secret = match secrecy {
        ProtectionKind::Plain => Secret::Plain(plain(secret)?),
        ProtectionKind::Passphrase | ProtectionKind::Recipients => {
            Secret::Armoured(Zeroizing::new(lines.rest.to_owned()))
        }
    };
    let description = KeyDescription {
        purpose: purpose.ok_or("the purpose is not 'project', 'link', 'signing' or 'release'")?,
        study: Id::new(study).map_err(|_| "bad study name")?,
        created,
        expires,
        key_id: KeyId::try_from(key_id.to_owned()).map_err(|_| "a key id is 16 hexadecimal digits")?,
        check,
        share,
        secrecy,
    };
    Ok((description, secret))
}

fn plain(digits: &str) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let bytes = HEXLOWER.decode(digits.as_bytes()).map_err(|_| "the key is not written in hexadecimal")?;
    let bytes = Zeroizing::new(bytes);
    if bytes.len() == KEY_BYTES { Ok(bytes) } else { Err(Malformed::Size(bytes.len())) }
}

fn hexadecimal<const N: usize>(digits: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// Lines of a file, taken from the front.
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> &'a str {
        let (line, rest) = match self.rest.split_once('\n') {
            Some(parts) => parts,
            None => (self.rest, ""),
        };
        self.rest = rest;
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Takes the value of the next line if it is the field `name`; otherwise the line stays.
    fn field(&mut self, name: &str) -> Option<&'a str> {
        let before = self.rest;
        let value = self.next().strip_prefix(name).and_then(|rest| rest.strip_prefix(": "));
        if value.is_none() {
            self.rest = before;
        }
        value
    }

    fn day(&mut self, name: &str) -> Option<Day> {
        self.field(name).and_then(|text| Day::try_from(text.to_owned()).ok())
    }
}

impl ShareNumber {
    fn parse(text: &str) -> Option<Self> {
        let (number, rest) = text.split_once(" of ")?;
        let (shares, rest) = rest.split_once(", threshold ")?;
        let (threshold, split) = rest.split_once(", split ")?;
        let share = Self {
            number: number.parse().ok()?,
            shares: shares.parse().ok()?,
            threshold: threshold.parse().ok()?,
            split: hexadecimal(split)?,
        };
        let possible = (1..=share.shares).contains(&share.number) && (2..=share.shares).contains(&share.threshold);
        possible.then_some(share)
    }
}

impl fmt::Display for ShareNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, shares, threshold, split } = self;
        write!(f, "{number} of {shares}, threshold {threshold}, split {}", HEXLOWER.encode(split))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn described(purpose: Purpose, share: Option<ShareNumber>) -> KeyDescription {
        let key = KeyMaterial::from_bytes(&[7; KEY_BYTES]);
        let study = Id::new("example").unwrap();
        let mut description = KeyDescription {
            purpose,
            created: Day::parse("2026-11-24").unwrap(),
            expires: Day::parse("2027-11-24").unwrap(),
            key_id: KeyId::new(&key, purpose, &study),
            study,
            check: [0; 8],
            share,
            secrecy: ProtectionKind::Plain,
        };
        description.check = description.check_by(&key);
        description
    }

    #[test]
    fn a_file_survives_rendering_and_parsing() {
        let share = ShareNumber { number: 2, shares: 3, threshold: 2, split: [1, 2, 3, 4] };
        for (purpose, share) in Purpose::ALL.into_iter().flat_map(|purpose| [(purpose, None), (purpose, Some(share))]) {
            let description = described(purpose, share);
            let secret = Secret::Plain(Zeroizing::new(vec![7; KEY_BYTES]));
            let (read, secret) = parse(&description.render(&secret)).ok().unwrap();
            assert!(read == description && matches!(secret, Secret::Plain(bytes) if *bytes == [7; KEY_BYTES]));
        }
    }

    #[test]
    fn an_impossible_share_is_refused() {
        for bad in ["", "0 of 3, threshold 2, split 00000000", "4 of 3, threshold 2, split 00000000"] {
            assert_eq!(ShareNumber::parse(bad), None, "{bad}");
        }
        for bad in [
            "1 of 3, threshold 1, split 00000000",
            "1 of 3, threshold 4, split 00000000",
            "1 of 3, threshold 2, split 0",
        ] {
            assert_eq!(ShareNumber::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_without_a_panic(text in "\\PC{0,80}", line in 0_usize..9, with in "\\PC{0,40}") {
            let _ = parse(&text);
            let whole = described(Purpose::Project, None).render(&Secret::Plain(Zeroizing::new(vec![7; KEY_BYTES])));
            let mut lines: Vec<&str> = whole.lines().collect();
            let at = line % lines.len();
            lines[at] = &with;
            let _ = parse(&lines.join("\n"));
        }
    }
}
