//! A list of persons that one holder chose, on its way to others: encrypted to them, signed, and never in the clear on a
//! disk. Inside the age file stand a line of headings and an identifier a line, in order:
//!
//! ```text
//! salanimi-cohort/1;toituavain;kela;hetu;41234;2026-11-24
//! ```

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::signing::{Signer, SigningError, signature_path};
use crate::config::Contract;
use crate::crypto::{
    Digest, Hasher, HashingWriter, Message, Recipient, SealingError, Signatory, SignedReader, Unlock, seal,
};
use crate::files::{self, FileError, Pending};
use salanimi_core::{Day, Id};

/// Format of cohort lists.
pub const COHORT_FORMAT: &str = "salanimi-cohort/1";
const BUFFER_BYTES: usize = 1 << 20;
/// No line is longer; the rest of one that is would be read as the next, which is then no identifier.
const MAX_LINE_BYTES: u64 = 4096;

/// What a cohort list says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CohortHeader {
    /// The study.
    pub study: Id,
    /// The holder who chose the persons.
    pub holder: Id,
    /// The kind of their identifiers.
    pub kind: Id,
    /// How many they are.
    pub persons: u64,
    /// The day on which it was made: an older list may hold persons who have objected since.
    pub made: Day,
}

/// A cohort list cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum CohortListError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error("{path}: the list is encrypted: {source}")]
    Sealing { path: PathBuf, source: SealingError },
    #[error("{path}: not a cohort list of this version; ask the holder who sent it for another")]
    Header { path: PathBuf },
    #[error("{path}: the list is of the study '{found}', the contract is of '{expected}'; give the list of this study")]
    Study { path: PathBuf, found: Id, expected: Id },
    #[error(
        "{path}: the list holds identifiers of kind '{found}', the tables have '{expected}'; ask for the right list"
    )]
    Kind { path: PathBuf, found: Id, expected: Id },
    #[error("{path}: '{signer}' signed a list that says it is of '{said}'; ask both")]
    Sender { path: PathBuf, signer: Id, said: Id },
    #[error("{path}: the list says that it has {said} persons and has {found}; ask for it again")]
    Count { path: PathBuf, said: u64, found: u64 },
}

impl CohortHeader {
    fn line(&self) -> String {
        format!("{COHORT_FORMAT};{};{};{};{};{}\n", self.study, self.holder, self.kind, self.persons, self.made)
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let fields: Vec<&str> = std::str::from_utf8(line).ok()?.trim_end_matches('\n').split(';').collect();
        let [COHORT_FORMAT, study, holder, kind, persons, made] = fields[..] else { return None };
        let id = |text| Id::new(text).ok();
        let (persons, made) = (persons.parse().ok()?, Day::try_from(made.to_owned()).ok()?);
        Some(Self { study: id(study)?, holder: id(holder)?, kind: id(kind)?, persons, made })
    }
}

/// Writes `identifiers` for `recipients` to a new file at `path`, as they come, with the signature of `signatory` beside
/// it if there is one. Returns the file's digest.
///
/// # Errors
/// The file exists or cannot be written, or no recipient is named; nothing is then left.
pub fn write_cohort<'a>(
    path: &Path,
    header: &CohortHeader,
    recipients: &[Recipient],
    signatory: Option<&Signatory>,
    identifiers: impl Iterator<Item = &'a [u8]>,
) -> Result<Digest, CohortListError> {
    let io = |source| FileError::Write { path: path.to_owned(), source };
    let sealing = |source| CohortListError::Sealing { path: path.to_owned(), source };
    let file = BufWriter::with_capacity(BUFFER_BYTES, Pending::create(path)?);
    let hashed = HashingWriter::new(HashingWriter::new(file, Hasher::default()), Message::default());
    let mut list = seal(recipients, hashed).map_err(sealing)?;
    list.write_all(header.line().as_bytes()).map_err(io)?;
    for identifier in identifiers {
        list.write_all(identifier).and_then(|()| list.write_all(b"\n")).map_err(io)?;
    }
    let (hashed, message) = list.finish().map_err(io)?.into_parts();
    let (file, hasher) = hashed.into_parts();
    let file = file.into_inner().map_err(|e| io(e.into_error()))?;
    file.sync()?;
    if let Some(signatory) = signatory {
        let comment = format!("{COHORT_FORMAT} {} {} {}", header.study, header.holder, header.kind);
        files::write_public(&signature_path(path), message.sign(signatory, &comment).as_bytes())?;
    }
    file.publish().inspect_err(|_| drop(std::fs::remove_file(signature_path(path))))?;
    Ok(hasher.finish())
}

/// Reads the cohort list at `path`, of identifiers of `kind` if one is named, and hands each to `take`, with its line. What
/// was taken counts only if this succeeds: whether the signature holds is known at the end. Says who signed.
///
/// # Errors
/// The list is not for the study or kind, cannot be opened, is damaged, or is not signed as `contract` asks; or the first
/// error of `take`.
pub fn read_cohort<E: From<CohortListError>>(
    path: &Path,
    contract: &Contract,
    kind: Option<&Id>,
    unlock: &Unlock,
    take: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<(CohortHeader, Option<Id>), E> {
    let mut file = files::open_regular(path).map_err(CohortListError::File)?;
    let Some(signer) = Signer::find(contract, false, path).map_err(CohortListError::Signing)? else {
        return Ok((read_list(path, contract, kind, unlock, file, take)?, None));
    };
    let read = |source| CohortListError::File(FileError::Read { path: path.to_owned(), source });
    // Once to see that it is the sender's, before anything in it is believed; then again with what is in it, in case the
    // file was changed in between.
    let through = |file: &File| -> Result<_, CohortListError> {
        Ok(signer.read(BufReader::with_capacity(BUFFER_BYTES, file.try_clone().map_err(read)?))?)
    };
    let holds = |signed: SignedReader<'_, BufReader<File>>| -> Result<(), CohortListError> {
        Ok(signed.finish().map_err(read)?.map_err(|source| signer.invalid(source))?)
    };
    holds(through(&file)?)?;
    file.rewind().map_err(read)?;
    let mut signed = through(&file)?;
    let header = read_list(path, contract, kind, unlock, &mut signed, take)?;
    holds(signed)?;
    if header.holder != *signer.party {
        let (signer, said) = (signer.party.clone(), header.holder);
        return Err(CohortListError::Sender { path: path.to_owned(), signer, said }.into());
    }
    Ok((header, Some(signer.party.clone())))
}

fn read_list<E: From<CohortListError>>(
    path: &Path,
    contract: &Contract,
    kind: Option<&Id>,
    unlock: &Unlock,
    input: impl Read,
    mut take: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<CohortHeader, E> {
    let sealing = |source| CohortListError::Sealing { path: path.to_owned(), source };
    let mut lines = BufReader::new(unlock.open_as_recipient(input).map_err(sealing)?);
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', line).map_err(|_| sealing(SealingError::Damaged))
    };
    next(&mut line)?;
    let header = CohortHeader::parse(&line).ok_or_else(|| CohortListError::Header { path: path.to_owned() })?;
    check_subject(path, &header, contract, kind)?;
    let mut found = 0;
    while next(&mut line)? > 0 {
        found += 1;
        take(found + 1, line.strip_suffix(b"\n").unwrap_or(&line))?;
    }
    if found != header.persons {
        return Err(CohortListError::Count { path: path.to_owned(), said: header.persons, found }.into());
    }
    Ok(header)
}

fn check_subject(
    path: &Path,
    header: &CohortHeader,
    contract: &Contract,
    kind: Option<&Id>,
) -> Result<(), CohortListError> {
    let path = || path.to_owned();
    if header.study != contract.study.id {
        let (found, expected) = (header.study.clone(), contract.study.id.clone());
        return Err(CohortListError::Study { path: path(), found, expected });
    }
    match kind {
        Some(kind) if header.kind != *kind => {
            Err(CohortListError::Kind { path: path(), found: header.kind.clone(), expected: kind.clone() })
        }
        _ => Ok(()),
    }
}
