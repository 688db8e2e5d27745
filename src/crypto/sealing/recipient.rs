//! Recipients of sealed files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Recipient of a sealed file: the public half of an [`Identity`](super::Identity), written `age1…`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(pub(super) age::x25519::Recipient);

/// Error for a text that is not a [`Recipient`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a recipient is written age1… (62 characters, as salanimi key new --identity prints it)")]
pub struct RecipientError;

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| RecipientError)
    }
}

impl TryFrom<String> for Recipient {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Identity;
    use super::*;

    #[test]
    fn a_recipient_is_read_as_it_is_written() {
        let recipient = Identity::generate().recipient();
        assert_eq!(recipient.to_string().parse(), Ok(recipient.clone()));
        for bad in ["", "age1", "AGE-SECRET-KEY-1", &recipient.to_string()[..61], "ssh-ed25519 AAAA"] {
            assert_eq!(bad.parse::<Recipient>(), Err(RecipientError), "{bad}");
        }
    }
}
