use std::path::PathBuf;

use clap::Args;

use super::CliError;
use crate::config::Contract;
use crate::crypto::{Passphrase, Protection, Recipient, Unlock};

/// What opens files that are encrypted or protected.
#[derive(Debug, Args)]
pub(super) struct UnlockArguments {
    /// An age identity file, which opens what was encrypted to its recipient.
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// A file of passphrases, one a line, that open protected keys; `-` reads or asks for them.
    #[arg(long, value_name = "FILE")]
    passphrase: Option<PathBuf>,
}

impl UnlockArguments {
    pub(super) fn read(&self) -> Result<Unlock, CliError> {
        Ok(Unlock::read(self.passphrase.as_deref(), &self.identity)?)
    }

    /// Whether an identity was given.
    pub(super) fn has_identity(&self) -> bool {
        !self.identity.is_empty()
    }
}

/// How new secret files are protected.
#[derive(Debug, Args)]
pub(super) struct ProtectArguments {
    /// Protect it by the passphrase in this file; `-` asks for one. For shares, a line for each.
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    new_passphrase: Option<PathBuf>,
    /// Encrypt it to this age recipient, or to the one that the contract gives this name. For shares, one for each.
    #[arg(long, value_name = "RECIPIENT")]
    to: Vec<String>,
}

/// How existing secret files are opened and new ones protected.
#[derive(Debug, Args)]
pub(super) struct SecretArguments {
    /// The contract, where --to names its recipients.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    protect: ProtectArguments,
    #[command(flatten)]
    unlock: UnlockArguments,
}

impl SecretArguments {
    pub(super) fn read(&self) -> Result<(Unlock, Protectors), CliError> {
        let contract = self.contract.as_deref().map(Contract::read).transpose()?;
        Ok((self.unlock.read()?, self.protect.read(contract.as_ref())?))
    }
}

/// The secrets and recipients by which new files are protected.
pub(super) struct Protectors {
    passphrases: Vec<Passphrase>,
    recipients: Vec<Recipient>,
}

impl ProtectArguments {
    pub(super) fn read(&self, contract: Option<&Contract>) -> Result<Protectors, CliError> {
        let passphrases = self.new_passphrase.as_deref().map(Passphrase::read_new).transpose()?;
        Ok(Protectors { passphrases: passphrases.unwrap_or_default(), recipients: recipients(&self.to, contract)? })
    }
}

impl Protectors {
    /// The protection of one file: by the only passphrase, or to all recipients.
    pub(super) fn of_one(&self) -> Result<Protection<'_>, CliError> {
        match (&self.passphrases[..], &self.recipients[..]) {
            ([], []) => Ok(Protection::None),
            ([passphrase], _) => Ok(Protection::Passphrase(passphrase)),
            ([], recipients) => Ok(Protection::Recipients(recipients)),
            _ => Err(CliError::input(&"one file has one passphrase, several lines are given; remove all but one")),
        }
    }

    /// The protections of several files, one for each; none if there are none.
    pub(super) fn of_each(&self) -> Vec<Protection<'_>> {
        let to = self.recipients.iter().map(|recipient| Protection::Recipients(std::slice::from_ref(recipient)));
        self.passphrases.iter().map(Protection::Passphrase).chain(to).collect()
    }
}

/// The recipients that `words` write out or name.
pub(super) fn recipients(words: &[String], contract: Option<&Contract>) -> Result<Vec<Recipient>, CliError> {
    let unknown = || {
        CliError::input(
            &"--to: not an age recipient (age1…), and no name under [recipients] or [holders] of the contract; correct it",
        )
    };
    let recipient = |word: &String| match word.parse() {
        Ok(recipient) => Ok(recipient),
        Err(_) => contract.and_then(|c| c.recipient(word)).cloned().ok_or_else(unknown),
    };
    words.iter().map(recipient).collect()
}
