//! Identities, passphrases and recipients named on the command line.

use salanimi_core::Purpose;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::{CliError, Exit};
use salanimi::config::Contract;
use salanimi::crypto::{KeyDescription, Passphrase, Protection, ProtectionKind, Recipient, Unlock};
use salanimi::files::read_private;
use salanimi::study::read_contract;

/// File name that stands for standard input.
const STANDARD_INPUT: &str = "-";
/// Largest file of passphrases, in bytes.
const MAX_PASSPHRASES_BYTES: u64 = 64 << 10;

/// Secrets that open encrypted or protected files.
#[derive(Debug, Args)]
pub(super) struct UnlockArguments {
    /// Age identity file that opens deliveries, lists and keys encrypted to it. May be repeated.
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// File of passphrases, one a line, that open protected keys and identities; `-` reads standard input or prompts.
    #[arg(long, value_name = "FILE")]
    passphrase: Option<PathBuf>,
}

impl UnlockArguments {
    pub(super) fn read(&self) -> Result<Unlock, CliError> {
        let passphrases = match &self.passphrase {
            Some(path) => passphrases(path, "Passphrase: ")?,
            None => Vec::new(),
        };
        Ok(Unlock::read(passphrases, &self.identity)?)
    }

    /// Returns true if the command line names an identity.
    pub(super) fn has_identity(&self) -> bool {
        !self.identity.is_empty()
    }
}

/// Protection of a new secret file, besides its permissions.
#[derive(Debug, Args)]
pub(super) struct ProtectArguments {
    /// Protect the new file by the passphrase in this file; `-` prompts. For shares: one line for each share. Excludes
    /// --to.
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    new_passphrase: Option<PathBuf>,
    /// Encrypt the new file to a party of the contract or to an age recipient.
    ///
    /// May be repeated; each recipient can open the file alone. For shares: one recipient for each share. A project
    /// key can be encrypted to data holders only.
    #[arg(long, value_name = "RECIPIENT", requires = "contract")]
    to: Vec<String>,
}

/// Secrets that open existing files, and protection of new ones.
#[derive(Debug, Args)]
pub(super) struct SecretArguments {
    /// Contract that lists the parties of --to.
    #[arg(long)]
    contract: Option<PathBuf>,
    #[command(flatten)]
    protect: ProtectArguments,
    /// Protect new files by their permissions alone, although the key is protected.
    #[arg(long, conflicts_with_all = ["to", "new_passphrase"])]
    plain: bool,
    #[command(flatten)]
    unlock: UnlockArguments,
}

impl SecretArguments {
    /// Reads the secrets for files that are made from the key file of this description.
    pub(super) fn read(&self, key: &KeyDescription) -> Result<(Unlock, ProtectionInputs), CliError> {
        let unprotected = self.protect.to.is_empty() && self.protect.new_passphrase.is_none();
        if key.secrecy != ProtectionKind::Plain && unprotected && !self.plain {
            return Err(CliError::input(
                &"this would drop the protection of the key; protect the new files with --to or --new-passphrase, or \
                  give --plain",
            ));
        }
        let both = [&self.protect.new_passphrase, &self.unlock.passphrase];
        if both.iter().all(|path| path.as_deref() == Some(Path::new(STANDARD_INPUT))) && !io::stdin().is_terminal() {
            return Err(CliError::input(
                &"standard input can be read only once; give one of the passphrases in a file",
            ));
        }
        let contract = self.contract.as_deref().map(read_contract).transpose()?;
        let unlock = self.unlock.read()?;
        let protectors = self.protect.read(contract.as_ref(), Audience::of(key.purpose))?;
        Ok((unlock, protectors))
    }
}

/// Parties that may receive a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Data holders only, and nobody who can open deliveries: for identity codes and the project key.
    Holders,
    /// Any party.
    Anyone,
}

impl Audience {
    pub(super) fn of(purpose: Purpose) -> Self {
        if purpose == Purpose::Project { Self::Holders } else { Self::Anyone }
    }
}

/// Passphrases and recipients that protect new files.
pub(super) struct ProtectionInputs {
    passphrases: Vec<Passphrase>,
    recipients: Vec<Recipient>,
}

impl ProtectArguments {
    pub(super) fn read(&self, contract: Option<&Contract>, audience: Audience) -> Result<ProtectionInputs, CliError> {
        let passphrases = match &self.new_passphrase {
            Some(path) => new_passphrases(path)?,
            None => Vec::new(),
        };
        let recipients = match contract {
            Some(contract) => recipients(&self.to, contract, audience)?,
            None => Vec::new(),
        };
        Ok(ProtectionInputs { passphrases, recipients })
    }
}

impl ProtectionInputs {
    /// Returns the protection of one file: the only passphrase, or all recipients.
    pub(super) fn of_one(&self) -> Result<Protection<'_>, CliError> {
        match (&self.passphrases[..], &self.recipients[..]) {
            ([], []) => Ok(Protection::None),
            ([passphrase], _) => Ok(Protection::Passphrase(passphrase)),
            ([], recipients) => Ok(Protection::Recipients(recipients)),
            _ => Err(CliError::input(
                &"one file takes one passphrase, but the passphrase file has several lines; keep one",
            )),
        }
    }

    /// Returns the protections of several files, one for each; empty if there are none.
    pub(super) fn of_each(&self) -> Vec<Protection<'_>> {
        let to = self.recipients.iter().map(|recipient| Protection::Recipients(std::slice::from_ref(recipient)));
        self.passphrases.iter().map(Protection::Passphrase).chain(to).collect()
    }
}

/// Returns the recipients of `--to`, each given as an age recipient or as a party's name.
pub(super) fn recipients(
    words: &[String],
    contract: &Contract,
    audience: Audience,
) -> Result<Vec<Recipient>, CliError> {
    words.iter().zip(1..).map(|(word, position)| recipient(word, position, contract, audience)).collect()
}

/// Returns one recipient. An error names the word's position only: a mistyped word could be an identity code.
fn recipient(word: &str, position: usize, contract: &Contract, audience: Audience) -> Result<Recipient, CliError> {
    let holder = contract.holders.get(word).map(|keys| keys.recipient.as_ref());
    let found = match (word.parse(), holder, contract.recipients.get(word)) {
        (Ok(written), _, _) => written,
        (_, Some(Some(recipient)), _) | (_, None, Some(recipient)) => recipient.clone(),
        (_, Some(None), _) => {
            let problem = "the contract lists no `recipient` for this holder; add it under [holders]";
            return Err(wrong_recipient(position, problem));
        }
        (_, None, None) => {
            let problem = "neither an age recipient (age1…) nor a party of the contract; correct it";
            return Err(wrong_recipient(position, problem));
        }
    };
    if audience == Audience::Holders && contract.recipients.values().any(|opens| *opens == found) {
        let problem = "this party can open deliveries, so it must not receive identity codes or the project key; name \
                       data holders only";
        return Err(wrong_recipient(position, problem));
    }
    Ok(found)
}

fn wrong_recipient(position: usize, problem: &str) -> CliError {
    CliError::input(&format!("--to, number {position}: {problem}"))
}

/// Reads passphrases, one a line, from the file at `path`; `-` is standard input or a prompt on a terminal.
fn passphrases(path: &Path, prompt: &str) -> Result<Vec<Passphrase>, CliError> {
    let text = if path != Path::new(STANDARD_INPUT) {
        passphrase_file(path)?
    } else if io::stdin().is_terminal() {
        rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| unreadable(path, &error))?
    } else {
        let mut text = Zeroizing::new(String::with_capacity(MAX_PASSPHRASES_BYTES as usize));
        let read = io::stdin().lock().take(MAX_PASSPHRASES_BYTES).read_to_string(&mut text);
        read.map_err(|error| unreadable(path, &error))?;
        text
    };
    let passphrases = Passphrase::lines(&text);
    if passphrases.is_empty() { Err(no_passphrase(path)) } else { Ok(passphrases) }
}

fn passphrase_file(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let bytes = read_private(path, MAX_PASSPHRASES_BYTES, |_| true)?.ok_or_else(|| no_passphrase(path))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| no_passphrase(path))?;
    // A byte order mark is no part of what somebody types.
    Ok(Zeroizing::new(text.trim_start_matches('\u{feff}').to_owned()))
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    CliError::new(Exit::Other, &format!("{}: {error}; try again", path.display()))
}

fn no_passphrase(path: &Path) -> CliError {
    CliError::input(&format!("{}: holds no passphrase; write one a line, in UTF-8", path.display()))
}

/// Reads passphrases for new files. They must be long, and are asked for twice at a terminal.
fn new_passphrases(path: &Path) -> Result<Vec<Passphrase>, CliError> {
    let first = passphrases(path, "New passphrase: ")?;
    first.iter().try_for_each(Passphrase::check_length)?;
    let typed = path == Path::new(STANDARD_INPUT) && io::stdin().is_terminal();
    if typed && !passphrases(path, "Repeat the passphrase: ")?.iter().zip(&first).all(|(a, b)| a.is_same(b)) {
        return Err(CliError::input(&"the two passphrases differ; type the same one twice"));
    }
    Ok(first)
}
