use std::path::{Path, PathBuf};

use super::CliError;
use super::clock::now;
use salanimi::audit::{Act, AuditError, AuditLog, Outcome};
use salanimi::config::Contract;
use salanimi::exchange::tool;

/// Name of the audit log when not told otherwise.
const AUDIT_LOG: &str = "audit.jsonl";

/// Where the audit log is kept.
#[derive(Debug, clap::Args)]
pub(super) struct AuditArguments {
    /// The audit log to append to; `audit.jsonl` beside the output if not given.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
}

impl AuditArguments {
    /// Does `work`, whose output is at `out`, and says in the log that it begins, and then what it noted and how it ended.
    /// Nothing is done if the log cannot be written.
    pub(super) fn record<T>(
        &self,
        command: &str,
        out: &Path,
        work: impl FnOnce(&mut Act) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        let path = self.audit.clone().unwrap_or_else(|| out.with_file_name(AUDIT_LOG));
        if self.audit.is_none() && !has_folder(out) {
            let words =
                format!("{}: its folder does not exist; make it, or choose another output folder", out.display());
            return Err(CliError::input(&words));
        }
        let mut act = Act::new(command);
        let log = AuditLog::begin(&path, tool(), &act, now())?;
        let done = work(&mut act);
        act.outcome = match &done {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Failed(error.exit() as u8),
        };
        let logged = log.end(act, now());
        let value = done?;
        logged.map_err(unlogged)?;
        Ok(value)
    }
}

/// Notes the contract under which the command runs, before anything can go wrong.
pub(super) fn under(act: &mut Act, contract: &Contract) {
    act.study = Some(contract.study.id.clone());
    act.digest("contract, exchange section", contract.exchange_digest);
    act.digest("contract, settings", contract.settings_digest);
}

fn has_folder(path: &Path) -> bool {
    path.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir())
}

fn unlogged(error: AuditError) -> CliError {
    let words = format!("all is done and the output is in place, but it is not in the audit log: {error}");
    CliError::new(CliError::from(error).exit(), &words)
}
