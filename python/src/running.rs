//! A job that the audit log knows: its begin, and its end however it ends.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use pyo3::prelude::*;
use salanimi::audit::{AUDIT_LOG, AuditLog, CommandRecord, Outcome};
use salanimi::config::Contract;
use salanimi::exchange::{Host, tool};
use salanimi::study::read_contract;

use crate::errors::refused;
use crate::inputs::{now, today};

/// Exit code of the program for bad input.
const BAD_INPUT: u8 = 3;

/// A value that is taken by the last call.
pub(crate) type Taken<T> = Mutex<Option<T>>;

/// Passes the value to `work`, unless it was taken.
pub(crate) fn with<T, R>(taken: &Taken<T>, work: impl FnOnce(&mut T) -> PyResult<R>) -> PyResult<R> {
    let mut place = taken.lock().map_err(|_| refused("an earlier call failed; start again"))?;
    work(place.as_mut().ok_or_else(ended)?)
}

/// Takes the value, unless it was taken.
pub(crate) fn take<T>(taken: &Taken<T>) -> PyResult<T> {
    taken.lock().map_err(|_| refused("an earlier call failed; start again"))?.take().ok_or_else(ended)
}

/// Returns the error of a call after the last one.
pub(crate) fn ended() -> PyErr {
    refused("finish was called already; open it again")
}

/// Returns what each process brings itself.
pub(crate) fn host() -> Host {
    Host { read_contract, today: today() }
}

/// A job whose begin is in the audit log.
pub(crate) struct Running<J> {
    pub(crate) job: J,
    log: AuditLog,
    act: CommandRecord,
}

impl<J> Running<J> {
    /// Starts a job; `start` adds what it is given to the entry of its end. Its log is at `audit`; default: beside
    /// `out`.
    pub(crate) fn start<E: std::fmt::Display>(
        command: &str,
        (audit, out): (Option<PathBuf>, &Path),
        start: impl FnOnce(&mut CommandRecord) -> Result<J, E>,
        contract: fn(&J) -> &Contract,
    ) -> PyResult<Self> {
        let mut act = CommandRecord::new(command);
        let audit = audit.unwrap_or_else(|| out.with_file_name(AUDIT_LOG));
        let log = AuditLog::begin(&audit, tool(), &act, now()).map_err(refused)?;
        match start(&mut act) {
            Ok(job) => {
                act.contract(contract(&job));
                Ok(Self { job, log, act })
            }
            Err(error) => {
                end(log, act, Outcome::Failed(BAD_INPUT))?;
                Err(refused(error))
            }
        }
    }

    /// Ends the job by `finish`, whose result `record` adds to the log.
    pub(crate) fn finish<R>(
        self,
        finish: impl FnOnce(J) -> PyResult<R>,
        record: fn(&R, &mut CommandRecord),
    ) -> PyResult<R> {
        let Self { job, log, mut act } = self;
        let finished = finish(job);
        let outcome = match &finished {
            Ok(result) => {
                record(result, &mut act);
                Outcome::Done
            }
            Err(_) => Outcome::Failed(BAD_INPUT),
        };
        let logged = end(log, act, outcome);
        let result = finished?;
        logged.map(|()| result)
    }

    /// Ends the job by `abandon`.
    pub(crate) fn abandon(self, abandon: impl FnOnce(J)) -> PyResult<()> {
        abandon(self.job);
        end(self.log, self.act, Outcome::Failed(BAD_INPUT))
    }
}

/// Records the end. A log that cannot be written is an error also if the output is complete.
fn end(log: AuditLog, mut act: CommandRecord, outcome: Outcome) -> PyResult<()> {
    act.outcome = outcome;
    log.end(act, now()).map_err(|error| refused(format!("the audit log has no entry of the end: {error}")))
}
