use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::entry::{Act, Entry, FORMAT};
use super::user::user;
use crate::crypto::Digest;
use crate::files::{self, FileError};
use salanimi_core::Timestamp;

/// No audit log is longer, in bytes: a hundred thousand commands fit.
const MAX_BYTES: u64 = 256 << 20;
/// How far a clock may fall back by being corrected, in seconds.
const CLOCK_SLACK: i64 = 300;

/// An audit log cannot be trusted or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what its fields mean")]
pub enum AuditError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "{path}: the audit log breaks at line {line}: {problem}; keep the file as evidence and name a new one with --audit FILE"
    )]
    Broken { path: PathBuf, line: u64, problem: &'static str },
    #[error("{path}: the audit log was last written at {last}, but the clock says {now}; set the clock right")]
    ClockSetBack { path: PathBuf, last: Timestamp, now: Timestamp },
    #[error(
        "{path}: {source}; the audit log is kept there and must be written; free room, or choose a place where you may write"
    )]
    Write { path: PathBuf, source: io::Error },
}

/// The entries of a log whose chain holds.
#[derive(Debug)]
pub struct Chain {
    /// In order.
    pub entries: Vec<Entry>,
    /// SHA-256 of the last line; of nothing if there is none.
    pub head: Digest,
}

impl Chain {
    /// Reads the log at `path` and follows its chain.
    ///
    /// # Errors
    /// The file is unreadable, or the chain breaks: says at which line.
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
            let entry: Entry = serde_json::from_slice(&rest[..end]).map_err(|_| broken("it is no entry of a log"))?;
            if entry.format != FORMAT {
                return Err(broken("it is of another format"));
            }
            if entry.previous != chain.head {
                return Err(broken("it does not follow the line before, which was changed, put in or taken out"));
            }
            if entry.number != line {
                return Err(broken("its number is not that of the line"));
            }
            chain.head = Digest::of(&rest[..end]);
            chain.entries.push(entry);
            rest = &rest[end + 1..];
        }
        Ok(chain)
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

/// A command that has begun and is in the log.
pub struct AuditLog {
    path: PathBuf,
    tool: String,
    begun: u64,
}

impl AuditLog {
    /// Appends to the log at `path`, which is made if it is not there, that `tool` begins `act`, before the work begins.
    ///
    /// # Errors
    /// The log cannot be written, its chain breaks, or its last entry lies ahead of `now`.
    pub fn begin(path: &Path, tool: String, act: &Act, now: Timestamp) -> Result<Self, AuditError> {
        let mut log = Self { path: path.to_owned(), tool, begun: 0 };
        log.begun = log.append(act.clone(), now)?;
        Ok(log)
    }

    /// Appends what became of it.
    ///
    /// # Errors
    /// As [`AuditLog::begin`].
    pub fn end(self, act: Act, now: Timestamp) -> Result<(), AuditError> {
        self.append(Act { begun: Some(self.begun), ..act }, now).map(drop)
    }

    /// Appends an entry of the present user; its number.
    fn append(&self, act: Act, now: Timestamp) -> Result<u64, AuditError> {
        let write = |source| AuditError::Write { path: self.path.clone(), source };
        let (mut file, chain) = self.locked(now)?;
        let (number, previous, tool) = (chain.entries.len() as u64 + 1, chain.head, self.tool.clone());
        let entry = Entry { format: FORMAT.to_owned(), number, previous, time: now, user: user(), tool, act };
        let mut line = serde_json::to_vec(&entry).map_err(|e| write(e.into()))?;
        line.push(b'\n');
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(write)?;
        Ok(number)
    }

    /// The file, to be appended to by no one else until it is dropped, and the chain in it.
    fn locked(&self, now: Timestamp) -> Result<(File, Chain), AuditError> {
        let write = |source| AuditError::Write { path: self.path.clone(), source };
        if self.path.symlink_metadata().is_ok() {
            files::open_regular(&self.path)?;
        }
        let file = files::private_options().read(true).append(true).create(true).open(&self.path).map_err(write)?;
        file.lock().map_err(write)?;
        let chain = Chain::parse(&self.path, &files::read_open(&self.path, &file, MAX_BYTES)?)?;
        chain.check_clock(&self.path, now)?;
        Ok((file, chain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    const NOON: &str = "2026-11-24T12:00:00Z";

    fn begin(path: &Path, act: &Act, now: &str) -> Result<AuditLog, AuditError> {
        AuditLog::begin(path, "salanimi test".into(), act, moment(now))
    }

    fn written(acts: usize) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for number in 0..acts {
            let mut act = Act::new("extract");
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
                assert!(begin(path, &Act::new("link"), NOON).is_err());
                Some(line)
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_chain_says_where_it_breaks() {
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
        // A last line that was changed or cut off is told by the head alone.
        std::fs::write(&path, &text).unwrap();
        let head = Chain::read(&path).unwrap().head;
        assert_eq!(breaks_at(&path, &text.replacen("\"rows\":3", "\"rows\":9", 1)), None);
        assert_ne!(Chain::read(&path).unwrap().head, head);
    }

    #[test]
    fn a_clock_that_was_set_back_is_noticed() {
        let (_folder, path) = written(1);
        let act = Act::new("link");
        assert!(matches!(begin(&path, &act, "2026-11-24T11:00:00Z"), Err(AuditError::ClockSetBack { .. })));
        assert!(begin(&path, &act, "2026-11-24T11:56:00Z").is_ok());
    }

    #[test]
    fn runs_at_once_append_one_after_another() {
        let (_folder, path) = written(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let act = Act::new("link");
                    begin(&path, &act, NOON).unwrap().end(act, moment(NOON)).unwrap();
                });
            }
        });
        let entries = Chain::read(&path).unwrap().entries;
        let ended: std::collections::BTreeSet<_> = entries.iter().filter_map(|entry| entry.act.begun).collect();
        assert_eq!((entries.len(), ended.len()), (16, 8));
    }
}
