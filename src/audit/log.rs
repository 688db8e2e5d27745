//! The audit log: a hash chain of entries in a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::entry::{CommandRecord, Entry, FORMAT};
use crate::crypto::Digest;
use crate::files::{self, FileError};
use crate::platform::{private_file, user};
use salanimi_core::Timestamp;

/// Length of the longest audit log, in bytes: a hundred thousand commands fit.
const MAX_BYTES: u64 = 256 << 20;
/// Largest correction of a clock backwards, in seconds.
const CLOCK_SLACK: i64 = 300;

/// Error in reading or writing an audit log.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message explains its fields")]
pub enum AuditError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{path}: the audit log breaks at line {line}: {problem}; keep the file as evidence and name a new one with \
         --audit FILE"
    )]
    Broken { path: PathBuf, line: u64, problem: &'static str },
    #[error("{path}: the audit log was last written at {last}, but the clock shows {now}; set the clock")]
    ClockSetBack { path: PathBuf, last: Timestamp, now: Timestamp },
    #[error(
        "{path}: {source}; the audit log cannot be written; free disk space, or choose a place where you may write"
    )]
    Write { path: PathBuf, source: io::Error },
}

/// Entries of a log whose chain holds.
#[derive(Debug)]
pub struct Chain {
    /// Entries in order.
    pub entries: Vec<Entry>,
    /// SHA-256 of the last line. For an empty log, SHA-256 of nothing.
    pub head: Digest,
}

impl Chain {
    /// Reads the log at `path` and verifies its chain.
    ///
    /// # Errors
    /// The file is unreadable, or the chain breaks at a line.
    pub fn read(path: &Path) -> Result<Self, AuditError> {
        Self::parse(path, &files::read_regular(path, MAX_BYTES)?)
    }

    fn parse(path: &Path, text: &[u8]) -> Result<Self, AuditError> {
        let mut chain = Self { entries: Vec::new(), head: Digest::of(b"") };
        let mut rest = text;
        while !rest.is_empty() {
            let line = chain.entries.len() as u64 + 1;
            let broken = |problem| AuditError::Broken { path: path.to_owned(), line, problem };
            let end = rest.iter().position(|&b| b == b'\n').ok_or_else(|| broken("the line was cut short"))?;
            chain.append(&rest[..end]).map_err(broken)?;
            rest = &rest[end + 1..];
        }
        Ok(chain)
    }

    /// Appends a line, if it continues the chain.
    fn append(&mut self, line: &[u8]) -> Result<(), &'static str> {
        let entry: Entry = serde_json::from_slice(line).map_err(|_| "it is not an entry of a log")?;
        if entry.format != FORMAT {
            return Err("it has another format");
        }
        if entry.previous != self.head {
            return Err("it does not follow the line before, which was changed, inserted or removed");
        }
        if entry.number != self.entries.len() as u64 + 1 {
            return Err("its number is not that of the line");
        }
        self.head = Digest::of(line);
        self.entries.push(entry);
        Ok(())
    }

    fn check_clock(&self, path: &Path, now: Timestamp) -> Result<(), AuditError> {
        match self.entries.last() {
            Some(last) if now.seconds_until(last.time) > CLOCK_SLACK => {
                Err(AuditError::ClockSetBack { path: path.to_owned(), last: last.time, now })
            }
            _ => Ok(()),
        }
    }
}

/// Name of an audit log beside an output, unless another place is named.
pub const AUDIT_LOG: &str = "audit.jsonl";

/// A command whose begin is in the log.
pub struct AuditLog {
    path: PathBuf,
    tool: String,
    begun: u64,
}

impl AuditLog {
    /// Records that `tool` begins `act`, before the work begins. Creates the log at `path` if it does not exist.
    ///
    /// # Errors
    /// The log cannot be written, its chain breaks, or its last entry is later than `now`.
    pub fn begin(path: &Path, tool: String, act: &CommandRecord, now: Timestamp) -> Result<Self, AuditError> {
        let mut log = Self { path: path.to_owned(), tool, begun: 0 };
        log.begun = log.append(act.clone(), now)?;
        Ok(log)
    }

    /// Records the end of the command.
    ///
    /// # Errors
    /// As [`AuditLog::begin`].
    pub fn end(self, act: CommandRecord, now: Timestamp) -> Result<(), AuditError> {
        self.append(CommandRecord { begun: Some(self.begun), ..act }, now).map(drop)
    }

    /// Appends an entry of the current user. Returns its number.
    fn append(&self, act: CommandRecord, now: Timestamp) -> Result<u64, AuditError> {
        let (mut file, chain) = self.locked(now)?;
        let entry = Entry {
            format: FORMAT.to_owned(),
            number: chain.entries.len() as u64 + 1,
            previous: chain.head,
            time: now,
            user: user(),
            tool: self.tool.clone(),
            act,
        };
        let mut line = serde_json::to_vec(&entry).map_err(|e| self.write_error(e.into()))?;
        line.push(b'\n');
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(|source| self.write_error(source))?;
        Ok(entry.number)
    }

    /// Opens and locks the file, and reads its chain. No other process can append until the file is dropped.
    fn locked(&self, now: Timestamp) -> Result<(File, Chain), AuditError> {
        if self.path.symlink_metadata().is_ok() {
            files::open_regular(&self.path)?;
        }
        let file = private_file()
            .read(true)
            .append(true)
            .create(true)
            .open(&self.path)
            .map_err(|source| self.write_error(source))?;
        file.lock().map_err(|source| self.write_error(source))?;
        let chain = Chain::parse(&self.path, &files::read_open(&self.path, &file, MAX_BYTES)?)?;
        chain.check_clock(&self.path, now)?;
        Ok((file, chain))
    }

    fn write_error(&self, source: io::Error) -> AuditError {
        AuditError::Write { path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    const NOON: &str = "2026-11-24T12:00:00Z";

    fn begin(path: &Path, act: &CommandRecord, now: &str) -> Result<AuditLog, AuditError> {
        AuditLog::begin(path, "salanimi test".into(), act, timestamp(now))
    }

    /// A log of so many commands, in its folder.
    fn written(acts: usize) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for number in 0..acts {
            let mut act = CommandRecord::new("extract");
            act.count("rows", number as u64);
            begin(&path, &act, NOON).unwrap();
        }
        (folder, path)
    }

    fn breaks_at(path: &Path, text: &str) -> Option<u64> {
        std::fs::write(path, text).unwrap();
        match Chain::read(path) {
            Ok(_) => None,
            Err(AuditError::Broken { line, .. }) => {
                assert!(begin(path, &CommandRecord::new("link"), NOON).is_err());
                Some(line)
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_broken_chain_is_reported_by_line() {
        let (_folder, path) = written(4);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        assert_eq!(Chain::read(&path).unwrap().entries.len(), 4);
        assert_eq!(breaks_at(&path, &text.replacen("\"rows\":1", "\"rows\":9", 1)), Some(3));
        assert_eq!(breaks_at(&path, &[lines[0], lines[2], lines[3]].concat()), Some(2));
        assert_eq!(breaks_at(&path, &[lines[0], lines[1], lines[1], lines[2]].concat()), Some(3));
        assert_eq!(breaks_at(&path, &lines[1..].concat()), Some(1));
        assert_eq!(breaks_at(&path, text.trim_end()), Some(4));
        assert_eq!(breaks_at(&path, "nonsense\n"), Some(1));
        // A last line that was changed or cut off shows in the head alone.
        std::fs::write(&path, &text).unwrap();
        let head = Chain::read(&path).unwrap().head;
        assert_eq!(breaks_at(&path, &text.replacen("\"rows\":3", "\"rows\":9", 1)), None);
        assert_ne!(Chain::read(&path).unwrap().head, head);
    }

    #[test]
    fn a_clock_that_was_set_back_is_detected() {
        let (_folder, path) = written(1);
        let act = CommandRecord::new("link");
        assert!(matches!(begin(&path, &act, "2026-11-24T11:00:00Z"), Err(AuditError::ClockSetBack { .. })));
        assert!(begin(&path, &act, "2026-11-24T11:56:00Z").is_ok());
    }

    #[test]
    fn concurrent_runs_append_one_after_another() {
        let (_folder, path) = written(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let act = CommandRecord::new("link");
                    begin(&path, &act, NOON).unwrap().end(act, timestamp(NOON)).unwrap();
                });
            }
        });
        let entries = Chain::read(&path).unwrap().entries;
        let ended: std::collections::BTreeSet<_> = entries.iter().filter_map(|entry| entry.act.begun).collect();
        assert_eq!((entries.len(), ended.len()), (16, 8));
    }
}
