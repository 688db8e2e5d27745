//! What opens files and what protects new ones, as the command line names it.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::{CliError, Exit};
use salanimi::config::Contract;
use salanimi::crypto::{KeyDescription, Passphrase, Protection, Purpose, Recipient, Secrecy, Unlock};
use salanimi::files::read_private;
use salanimi::study::read_contract;

/// In place of a file's name.
const STANDARD_INPUT: &str = "-";
/// No file of passphrases is longer.
const MAX_PASSPHRASES_BYTES: u64 = 64 << 10;

/// What opens files that are encrypted or protected.
#[derive(Debug, Args)]
pub(super) struct UnlockArguments {
    /// An age identity file, which opens what is encrypted to its recipient: deliveries, lists, keys. May be repeated.
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// A file of passphrases, one a line, that open protected keys and identities; `-` reads or asks for them.
    #[arg(long, value_name = "FILE")]
    passphrase: Option<PathBuf>,
}

impl UnlockArguments {
    pub(super) fn read(&self) -> Result<Unlock, CliError> {
        let passphrases = self.passphrase.as_deref().map(|path| passphrases(path, "Passphrase: ")).transpose()?;
        Ok(Unlock::read(passphrases.unwrap_or_default(), &self.identity)?)
    }

    /// Whether an identity was given.
    pub(super) fn has_identity(&self) -> bool {
        !self.identity.is_empty()
    }
}

/// How a new secret file is protected besides its permissions.
#[derive(Debug, Args)]
pub(super) struct ProtectArguments {
    /// Protect it by the passphrase in this file; `-` asks for one. When a key is split: a line for each share. Not
    /// together with --to.
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    new_passphrase: Option<PathBuf>,
    /// Encrypt it to this party of the contract, or age recipient; may be repeated, and each can open it alone. When a key
    /// is split: one for each share. A project key goes to holders only.
    #[arg(long, value_name = "RECIPIENT", requires = "contract")]
    to: Vec<String>,
}

/// How existing secret files are opened and new ones protected.
#[derive(Debug, Args)]
pub(super) struct SecretArguments {
    /// The contract, whose parties --to names.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    protect: ProtectArguments,
    /// Protect what is made by its permissions alone, although what it is made from is protected.
    #[arg(long, conflicts_with_all = ["to", "new_passphrase"])]
    plain: bool,
    #[command(flatten)]
    unlock: UnlockArguments,
}

impl SecretArguments {
    /// For what is made from the key file that says `said`.
    pub(super) fn read(&self, said: &KeyDescription) -> Result<(Unlock, Protectors), CliError> {
        let unprotected = self.protect.to.is_empty() && self.protect.new_passphrase.is_none();
        if said.secrecy != Secrecy::Plain && unprotected && !self.plain {
            return Err(CliError::input(
                &"this would drop the protection that the key has; protect what is made with --to or --new-passphrase, or give --plain",
            ));
        }
        let both = [&self.protect.new_passphrase, &self.unlock.passphrase];
        if both.iter().all(|path| path.as_deref() == Some(Path::new(STANDARD_INPUT))) && !io::stdin().is_terminal() {
            return Err(CliError::input(&"standard input can be read once; give one of the passphrases in a file"));
        }
        let contract = self.contract.as_deref().map(read_contract).transpose()?;
        Ok((self.unlock.read()?, self.protect.read(contract.as_ref(), Audience::of(said.purpose))?))
    }
}

/// Who may be sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Holders alone, and never someone who can open deliveries: identity codes and what makes pseudonyms of them.
    Holders,
    /// Any party.
    Anyone,
}

impl Audience {
    pub(super) fn of(purpose: Purpose) -> Self {
        if purpose == Purpose::Project { Self::Holders } else { Self::Anyone }
    }
}

/// The secrets and recipients by which new files are protected.
pub(super) struct Protectors {
    passphrases: Vec<Passphrase>,
    recipients: Vec<Recipient>,
}

impl ProtectArguments {
    pub(super) fn read(&self, contract: Option<&Contract>, audience: Audience) -> Result<Protectors, CliError> {
        let passphrases = self.new_passphrase.as_deref().map(new_passphrases).transpose()?.unwrap_or_default();
        let recipients = match contract {
            Some(contract) => recipients(&self.to, contract, audience)?,
            None => Vec::new(),
        };
        Ok(Protectors { passphrases, recipients })
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
pub(super) fn recipients(
    words: &[String],
    contract: &Contract,
    audience: Audience,
) -> Result<Vec<Recipient>, CliError> {
    words.iter().zip(1..).map(|(word, position)| recipient(word, position, contract, audience)).collect()
}

/// A word that is wrong is told by its position: it could be anything, an identity code too.
fn recipient(word: &str, position: usize, contract: &Contract, audience: Audience) -> Result<Recipient, CliError> {
    let refuse = |problem: &str| CliError::input(&format!("--to, number {position}: {problem}"));
    let holder = contract.holders.get(word).map(|keys| keys.recipient.as_ref());
    let found = match (word.parse(), holder, contract.recipients.get(word)) {
        (Ok(written), _, _) => written,
        (_, Some(Some(recipient)), _) | (_, None, Some(recipient)) => recipient.clone(),
        (_, Some(None), _) => {
            return Err(refuse("the contract lists this holder without a `recipient`; add it under [holders]"));
        }
        (_, None, None) => {
            return Err(refuse("neither an age recipient (age1…) nor a party of the contract; correct it"));
        }
    };
    if audience == Audience::Holders && contract.recipients.values().any(|opens| *opens == found) {
        return Err(refuse(
            "someone who can open deliveries must have neither identity codes nor the project key; name holders only",
        ));
    }
    Ok(found)
}

/// The passphrases in the file at `path`, one a line; `-` is standard input, or whoever types at a terminal.
fn passphrases(path: &Path, prompt: &str) -> Result<Vec<Passphrase>, CliError> {
    let fault = |error: io::Error| CliError::new(Exit::Other, &format!("{}: {error}; try again", path.display()));
    let mut text = Zeroizing::new(String::with_capacity(MAX_PASSPHRASES_BYTES as usize));
    if path != Path::new(STANDARD_INPUT) {
        let bytes = read_private(path, MAX_PASSPHRASES_BYTES, |_| true)?.unwrap_or_default();
        text.push_str(std::str::from_utf8(&bytes).unwrap_or_default());
    } else if io::stdin().is_terminal() {
        text = Zeroizing::new(rpassword::prompt_password(prompt).map_err(fault)?);
    } else {
        io::stdin().lock().take(MAX_PASSPHRASES_BYTES).read_to_string(&mut text).map_err(fault)?;
    }
    let passphrases = Passphrase::lines(&text);
    if passphrases.is_empty() {
        let words = format!("{}: holds no passphrase; write one a line, in UTF-8", path.display());
        return Err(CliError::input(&words));
    }
    Ok(passphrases)
}

/// Passphrases for new files: long ones, and typed twice where they are typed.
fn new_passphrases(path: &Path) -> Result<Vec<Passphrase>, CliError> {
    let first = passphrases(path, "New passphrase: ")?;
    first.iter().try_for_each(Passphrase::check_length)?;
    let typed = path == Path::new(STANDARD_INPUT) && io::stdin().is_terminal();
    if typed && !passphrases(path, "The same again: ")?.iter().zip(&first).all(|(a, b)| a.is_same(b)) {
        return Err(CliError::input(&"the two passphrases differ; type the same twice"));
    }
    Ok(first)
}
