//! A job that many processes do together: its folder and its file, and what the processes state of their work.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::manifest::tool;
use crate::config::{ConfigError, Contract};
use crate::crypto::{MessageCipher, NONCE_BYTES};
use crate::files::{FileError, read_regular, write_private};
use salanimi_core::{Day, KEY_BYTES, KeyedHash};

/// Folder within an unfinished output, for the job file and what the processes write.
pub const JOB_FOLDER: &str = "work";
/// Its name while it is removed.
const CLOSED: &str = "closed";
/// How often, and how long apart, the folder is tried to be removed.
const MOST_TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(250);
/// Name of the job file.
const JOB_FILE: &str = "job.json";
/// The most bytes of a job file.
const MOST_BYTES: u64 = 1 << 20;
/// Level of compression: statements are mostly zeros.
const ZSTD_LEVEL: i32 = 1;
/// Bytes of a mark that tells whether two hosts have the same input.
const MARK_BYTES: usize = 16;

/// What a process brings itself.
#[derive(Debug, Clone, Copy)]
pub struct Host {
    /// Reads and checks a contract.
    pub read_contract: fn(&Path) -> Result<Contract, ConfigError>,
    /// Day on which keys are used.
    pub today: Day,
}

/// Why there is no job for a process of this host to take part in.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each message names its fields")]
pub enum JobFileError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}: not the folder of a job that is running; give the folder that the job states")]
    NotJob { path: PathBuf },
    #[error("this host has {found}, but the job was started with {expected}; install one version on every host")]
    OtherTool { found: String, expected: String },
}

impl JobFileError {
    /// Returns the error of a `folder` that is not that of a job.
    #[must_use]
    pub fn not_job(folder: &Path) -> Self {
        Self::NotJob { path: folder.to_owned() }
    }
}

/// The program that started a job. Other versions of it may write other fields besides.
#[derive(Deserialize)]
struct StartedBy {
    tool: String,
}

/// Writes the job file into `folder`, readable by its owner alone. A job has a field `tool`, the program that starts
/// it. Returns `None` if a path in it is not UTF-8.
///
/// # Errors
/// The file cannot be written.
pub fn write_job(folder: &Path, job: &impl Serialize) -> Result<Option<()>, FileError> {
    let Ok(text) = serde_json::to_vec(job) else { return Ok(None) };
    write_private(&folder.join(JOB_FILE), &text).map(Some)
}

/// Reads the job file in `folder`, which the same version must have written.
///
/// # Errors
/// As of [`JobFileError`].
pub fn read_job<T: DeserializeOwned>(folder: &Path) -> Result<T, JobFileError> {
    let bytes = read_regular(&folder.join(JOB_FILE), MOST_BYTES)?;
    let StartedBy { tool: expected } = serde_json::from_slice(&bytes).map_err(|_| JobFileError::not_job(folder))?;
    if expected != tool() {
        return Err(JobFileError::OtherTool { found: tool(), expected });
    }
    serde_json::from_slice(&bytes).map_err(|_| JobFileError::not_job(folder))
}

/// Removes the folder of the processes from an unfinished output. It is renamed first, so that a late attempt finds no
/// folder to write into.
///
/// # Errors
/// The folder cannot be removed.
pub fn close_job(output: &Path) -> io::Result<()> {
    let closed = output.join(CLOSED);
    std::fs::rename(output.join(JOB_FOLDER), &closed)?;
    for _ in 0..MOST_TRIES {
        if std::fs::remove_dir_all(&closed).is_ok() {
            return Ok(());
        }
        // On a network folder, a file that a late attempt still holds open keeps its place.
        std::thread::sleep(BETWEEN_TRIES);
    }
    std::fs::remove_dir_all(closed)
}

/// Returns a keyed mark of an input, in hexadecimal digits. Nobody without the key learns anything from it.
#[must_use]
pub fn input_mark(hash: &KeyedHash, bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&hash.leftmost::<MARK_BYTES>(bytes))
}

/// Encrypts and decrypts the statements of one job: they hold counts, and nobody else may make one.
///
/// The nonce is a keyed hash of the statement, so it never repeats for another one.
pub struct Statements {
    cipher: MessageCipher,
    hash: KeyedHash,
    job: [u8; KEY_BYTES],
}

impl Statements {
    /// Returns the statements of the job with this random number, under keys that `hash` derives.
    #[must_use]
    pub fn new(hash: KeyedHash, job: [u8; KEY_BYTES]) -> Self {
        let key = Zeroizing::new(hash.leftmost(&job));
        Self { cipher: MessageCipher::new(&key), hash, job }
    }

    /// Encrypts a statement about `subject`.
    #[must_use]
    pub fn seal(&self, subject: &str, statement: &impl Serialize) -> Vec<u8> {
        let Ok(text) = serde_json::to_vec(statement) else { unreachable!("numbers and texts have a JSON form") };
        let Ok(packed) = zstd::encode_all(text.as_slice(), ZSTD_LEVEL) else { unreachable!("memory takes every byte") };
        let nonce = self.hash.leftmost::<NONCE_BYTES>(&[&self.job, subject.as_bytes(), &[0], &packed].concat());
        self.cipher.seal_with(&nonce, subject.as_bytes(), &packed)
    }

    /// Decrypts statements. Returns `None` if one was not made by a process of this job about `subject`, or was
    /// changed.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, subject: &str, statements: &[Vec<u8>]) -> Option<Vec<T>> {
        let opened = statements.iter().map(|sealed| {
            let packed = self.cipher.open(subject.as_bytes(), sealed)?;
            serde_json::from_slice(&zstd::decode_all(packed.as_slice()).ok()?).ok()
        });
        opened.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::{Id, JobKey, Key, LinkKey, LinkKeys};

    #[test]
    fn a_statement_opens_only_in_its_job_about_its_subject_and_is_the_same_each_time() {
        let key = LinkKey::from_bytes([1; 32]);
        let study = Id::new("example").unwrap();
        let of_job = |job: u8| Statements::new(LinkKeys::new(&key, &study).job(JobKey::Statements), [job; 32]);
        let sealed = of_job(1).seal("part 1", &7);
        assert_eq!(sealed, of_job(1).seal("part 1", &7));
        assert_ne!(sealed, of_job(1).seal("part 1", &8));
        let all = [sealed.clone(), sealed.clone()];
        assert_eq!(of_job(1).open::<u32>("part 1", &all), Some(vec![7, 7]));
        assert_eq!(of_job(1).open::<String>("part 1", &all), None);
        assert_eq!(of_job(1).open::<u32>("part 2", &all), None);
        assert_eq!(of_job(2).open::<u32>("part 1", &all), None);
        assert_eq!(of_job(1).open::<u32>("part 1", &[sealed[1..].to_vec()]), None);
    }

    #[test]
    fn another_version_is_named_also_if_its_file_has_other_fields() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only read")]
        struct Job {
            tool: String,
            parts: usize,
        }
        let folder = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            std::fs::write(folder.path().join(JOB_FILE), text).unwrap();
            read_job::<Job>(folder.path()).map_err(|error| error.to_string())
        };
        assert!(read(&format!(r#"{{"tool":"{}","parts":2}}"#, tool())).is_ok());
        for other in [r#"{"tool":"salanimi 9.0.0","ranges":[2]}"#, r#"{"tool":"salanimi 9.0.0","parts":2}"#] {
            assert!(read(other).unwrap_err().contains("started with salanimi 9.0.0"), "{other}");
        }
        for bad in ["", "[1]", r#"{"parts":2}"#, &format!(r#"{{"tool":"{}","ranges":[2]}}"#, tool())] {
            assert!(read(bad).unwrap_err().contains("not the folder of a job"), "{bad}");
        }
    }

    #[test]
    fn a_late_attempt_finds_no_folder() {
        let output = tempfile::tempdir().unwrap();
        let work = output.path().join(JOB_FOLDER);
        std::fs::create_dir(&work).unwrap();
        write_job(&work, &serde_json::json!({ "tool": tool() })).unwrap().unwrap();
        assert_eq!(read_job::<StartedBy>(&work).unwrap().tool, tool());
        close_job(output.path()).unwrap();
        assert_eq!(std::fs::read_dir(output.path()).unwrap().count(), 0);
        assert!(matches!(read_job::<StartedBy>(&work), Err(JobFileError::File(_))));
    }
}
