//! The audit log around a command: a beginning, then an end with its counts and digests.

use std::path::{Path, PathBuf};

use super::CliError;
use super::clock::now;
use salanimi::audit::{AUDIT_LOG, AuditError, AuditLog, CommandRecord, Outcome};
use salanimi::exchange::{refuse_inside_output, tool};

/// Place of the audit log.
#[derive(Debug, clap::Args)]
pub(super) struct AuditArguments {
    /// Audit log to append to [default: audit.jsonl in the folder of the output]
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
}

impl AuditArguments {
    /// Runs `work`, whose output is at `out`, between two entries of the audit log.
    ///
    /// The first entry records the start; the second records the counts, digests and outcome. `work` does not run if
    /// the log cannot be written.
    pub(super) fn record<T>(
        &self,
        command: &str,
        out: &Path,
        work: impl FnOnce(&mut CommandRecord) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let path = self.path(out)?;
        refuse_inside_output(out)?;
        refuse_inside_output(&path)?;
        let mut act = CommandRecord::new(command);
        let log = AuditLog::begin(&path, tool(), &act, now())?;
        let done = work(&mut act);
        act.outcome = match &done {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Failed(error.exit() as u8),
        };
        let logged = log.end(act, now());
        let value = done?;
        logged.map_err(not_logged)?;
        Ok(value)
    }

    fn path(&self, out: &Path) -> Result<PathBuf, CliError> {
        match &self.audit {
            Some(path) => Ok(path.clone()),
            None if has_folder(out) => Ok(out.with_file_name(AUDIT_LOG)),
            None => {
                let message =
                    format!("{}: its folder does not exist; create it, or choose another output folder", out.display());
                Err(CliError::input(&message))
            }
        }
    }
}

fn has_folder(path: &Path) -> bool {
    path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}

fn not_logged(error: AuditError) -> CliError {
    let message = format!("the output is complete, but the audit log has no entry of its end: {error}");
    CliError::new(CliError::from(error).exit(), &message)
}
