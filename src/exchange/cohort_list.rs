//! Cohort lists: persons that one holder selects for extracts of others. Encrypted, signed, never unencrypted on a
//! disk.
//!
//! The age file holds a header line, one identifier a line, in order, and empty lines as padding:
//!
//! ```text
//! salanimi-cohort/1;example;north;hetu;41234;2026-11-24
//! ```

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::padding::padded;
use super::signing::{Signer, SigningError, signature_path};
use crate::config::Contract;
use crate::crypto::{Digest, Hasher, HashingWriter, MessageHasher, Recipient, SealingError, Signatory, Unlock, seal};
use crate::files::{self, FileError, Pending};
use salanimi_core::{Day, Id};

/// Format of cohort lists.
pub const COHORT_FORMAT: &str = "salanimi-cohort/1";
const BUFFER_BYTES: usize = 1 << 20;
/// Fewest bytes between two lengths of a list: those of about 300 persons.
const PADDING_BYTES: u64 = 4096;
/// Length of the longest line, in bytes. The rest of a longer one is read as the next line, which is not an identifier.
const MAX_LINE_BYTES: u64 = 4096;

/// Header of a cohort list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CohortHeader {
    /// Study.
    pub study: Id,
    /// Data holder who selected the persons.
    pub holder: Id,
    /// Kind of their identifiers.
    pub kind: Id,
    /// Number of persons.
    pub persons: u64,
    /// Day on which it was made. An older list may hold persons who have objected since.
    pub made: Day,
}

/// Error in writing or reading a cohort list.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum CohortListError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Signing(#[from] SigningError),
    #[error("{path}: the list is encrypted: {source}")]
    Sealing { path: PathBuf, source: SealingError },
    #[error("{path}: not a cohort list of this version; ask the holder who sent it for another")]
    Header { path: PathBuf },
    #[error("{path}: the list is for the study '{found}', the contract for '{expected}'; give the list of this study")]
    Study { path: PathBuf, found: Id, expected: Id },
    #[error(
        "{path}: the list holds identifiers of kind '{found}', the tables have '{expected}'; ask for the right list"
    )]
    Kind { path: PathBuf, found: Id, expected: Id },
    #[error(
        "{path}: the header names '{stated}' as sender, but '{signer}' signed; ask both holders before you use the list"
    )]
    Sender { path: PathBuf, signer: Id, stated: Id },
    #[error("{path}: the header of the list states {stated} persons, but the list has {found}; ask for it again")]
    Count { path: PathBuf, stated: u64, found: u64 },
}

impl CohortHeader {
    /// Returns the trusted comment of the list's signature.
    fn signature_comment(&self) -> String {
        format!("{COHORT_FORMAT} {} {} {}", self.study, self.holder, self.kind)
    }

    fn line(&self) -> String {
        format!("{COHORT_FORMAT};{};{};{};{};{}\n", self.study, self.holder, self.kind, self.persons, self.made)
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let fields: Vec<&str> = std::str::from_utf8(line).ok()?.trim_end_matches('\n').split(';').collect();
        let [COHORT_FORMAT, study, holder, kind, persons, made] = fields[..] else { return None };
        Some(Self {
            study: Id::new(study).ok()?,
            holder: Id::new(holder).ok()?,
            kind: Id::new(kind).ok()?,
            persons: persons.parse().ok()?,
            made: Day::try_from(made.to_owned()).ok()?,
        })
    }
}

/// Writes `identifiers`, in the given order, to a new file at `path`, encrypted to `recipients`. Writes the signature
/// of `signatory`, if there is one, beside it. Returns the file's digest.
///
/// # Errors
/// The file exists or cannot be written, or `recipients` is empty. No file is then left.
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
    let hashed = HashingWriter::new(HashingWriter::new(file, Hasher::default()), MessageHasher::default());
    let mut list = seal(recipients, hashed).map_err(sealing)?;
    let line = header.line();
    list.write_all(line.as_bytes()).map_err(io)?;
    let mut length = line.len() as u64;
    for identifier in identifiers {
        list.write_all(identifier).and_then(|()| list.write_all(b"\n")).map_err(io)?;
        length += identifier.len() as u64 + 1;
    }
    // The length of an encrypted list is visible.
    let padding = padded(length, PADDING_BYTES) - length;
    io::copy(&mut io::repeat(b'\n').take(padding), &mut list).map_err(io)?;
    let (hashed, message) = list.finish().map_err(io)?.into_parts();
    let (file, hasher) = hashed.into_parts();
    let file = file.into_inner().map_err(|e| io(e.into_error()))?;
    file.sync()?;
    if let Some(signatory) = signatory {
        let signature = message.sign(signatory, &header.signature_comment());
        files::write_public(&signature_path(path), signature.as_bytes())?;
    }
    file.publish().inspect_err(|_| drop(std::fs::remove_file(signature_path(path))))?;
    Ok(hasher.finish())
}

/// A cohort list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedCohort {
    /// Header of the list.
    pub header: CohortHeader,
    /// Holder whose signature was verified; `None` if the contract requires no signature and there is none.
    pub signer: Option<Id>,
}

/// Reads the cohort list at `path`. Checks that its identifiers are of `kind`, if one is given. Passes each identifier
/// with its line number to `take`. The signature is verified at the end, so use the identifiers only on success.
///
/// # Errors
/// The list has another study or kind, cannot be opened, is damaged, or is not signed as `contract` requires. Or the
/// first error of `take`.
pub fn read_cohort<E: From<CohortListError>>(
    path: &Path,
    contract: &Contract,
    kind: Option<&Id>,
    unlock: &Unlock,
    take: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<ReceivedCohort, E> {
    let source = ListSource { path, contract, kind, unlock };
    let mut file = files::open_regular(path).map_err(CohortListError::File)?;
    let Some(signer) = Signer::find(contract, false, path).map_err(CohortListError::Signing)? else {
        return Ok(ReceivedCohort { header: source.read(file, take)?, signer: None });
    };
    // The signature is verified twice: before anything in the list is believed, and over the very bytes that are read,
    // in case the file changes in between.
    source.verify(&signer, &file)?;
    file.rewind().map_err(|error| source.read_error(error))?;
    let buffered = BufReader::with_capacity(BUFFER_BYTES, &file);
    let mut signed = signer.read(buffered).map_err(CohortListError::Signing)?;
    let header = source.read(&mut signed, take)?;
    let result = signed.finish().map_err(|error| source.read_error(error))?;
    result.map_err(|error| CohortListError::Signing(signer.invalid(error)))?;
    if header.holder != *signer.party {
        let signer = signer.party.clone();
        return Err(CohortListError::Sender { path: path.to_owned(), signer, stated: header.holder }.into());
    }
    signer.check_comment(&header.signature_comment()).map_err(CohortListError::Signing)?;
    Ok(ReceivedCohort { header, signer: Some(signer.party.clone()) })
}

/// A list to read, and the expectations of its reader.
struct ListSource<'a> {
    path: &'a Path,
    contract: &'a Contract,
    kind: Option<&'a Id>,
    unlock: &'a Unlock,
}

impl ListSource<'_> {
    /// Verifies the signature over the whole file.
    fn verify(&self, signer: &Signer<'_>, file: &File) -> Result<(), CohortListError> {
        let signed = signer.read(BufReader::with_capacity(BUFFER_BYTES, file))?;
        let result = signed.finish().map_err(|error| self.read_error(error))?;
        Ok(result.map_err(|error| signer.invalid(error))?)
    }

    /// Decrypts the list, checks its header, and passes its identifiers to `take`.
    fn read<E: From<CohortListError>>(
        &self,
        input: impl Read,
        mut take: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<CohortHeader, E> {
        let opened = self.unlock.open_as_recipient(input).map_err(|source| self.sealing_error(source))?;
        let mut lines = BufReader::new(opened);
        let mut line = Vec::new();
        self.next_line(&mut lines, &mut line)?;
        let header =
            CohortHeader::parse(&line).ok_or_else(|| CohortListError::Header { path: self.path.to_owned() })?;
        self.check(&header)?;
        let mut found = 0;
        while self.next_line(&mut lines, &mut line)? > 0 {
            let is_padding = found == header.persons && line == b"\n";
            if is_padding {
                continue;
            }
            found += 1;
            take(found + 1, line.strip_suffix(b"\n").unwrap_or(&line))?;
        }
        if found != header.persons {
            return Err(CohortListError::Count { path: self.path.to_owned(), stated: header.persons, found }.into());
        }
        Ok(header)
    }

    /// Reads the next line into `line`. Returns its length, which is 0 at the end.
    fn next_line(&self, lines: &mut impl BufRead, line: &mut Vec<u8>) -> Result<usize, CohortListError> {
        line.clear();
        let read = lines.take(MAX_LINE_BYTES).read_until(b'\n', line);
        read.map_err(|_| self.sealing_error(SealingError::Damaged))
    }

    /// Checks that the list is for this study and kind.
    fn check(&self, header: &CohortHeader) -> Result<(), CohortListError> {
        let path = self.path.to_owned();
        let study = &self.contract.study.id;
        if header.study != *study {
            return Err(CohortListError::Study { path, found: header.study.clone(), expected: study.clone() });
        }
        match self.kind {
            Some(kind) if header.kind != *kind => {
                Err(CohortListError::Kind { path, found: header.kind.clone(), expected: kind.clone() })
            }
            _ => Ok(()),
        }
    }

    fn sealing_error(&self, source: SealingError) -> CohortListError {
        CohortListError::Sealing { path: self.path.to_owned(), source }
    }

    fn read_error(&self, source: io::Error) -> CohortListError {
        CohortListError::File(FileError::Read { path: self.path.to_owned(), source })
    }
}
