//! An extract that many processes make together: what the tasks of a cluster call.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use salanimi::audit::CommandRecord;
use salanimi::extract::{ExtractRows, Extracted, JobPaths, JobTable, LEDGER_ENDING, ListPaths, Output};
use salanimi::files::beside;
use salanimi::table::Parts;
use salanimi_core::Id;

use crate::errors::{refused, refused_extract, stays_here};
use crate::inputs::to_python;
use crate::running::{Running, Taken, ended, host, take, with};

/// Names of the command in the audit log.
const COMMAND: &str = "spark extract";
const COMMAND_UNSEALED: &str = "spark extract --unsealed";

/// Names of a source's columns, those of others that it may have, and paths of its files.
type JobSource = (Vec<String>, Vec<String>, Vec<PathBuf>);

/// Starts a delivery that many processes write together, and finishes it. See docs/spark.md.
///
/// contract, holder, key: paths of the study's contract, the holder file and the project key; each process opens them
/// on its own host, at the same paths. out: folder of the delivery, which all processes reach. parts: number of parts
/// of each table. rejects: path of the rejects ledger; default: beside `out`. identity: path of the age identity that
/// opens encrypted keys. signing_key: path of the holder's signing key, on this host only. cohort, exclude, protect:
/// paths of person lists. audit: path of the audit log; default: beside `out`. unsealed: leave the delivery unsealed.
/// strict: stop on every warning that the contract does not explain.
///
/// Raises SalanimiError if an input is wrong, a key has expired, or a table cannot be read in batches.
#[pyclass(frozen, module = "salanimi")]
pub(crate) struct ExtractJob(Taken<Running<salanimi::extract::ExtractJob>>);

#[pymethods]
impl ExtractJob {
    #[new]
    #[allow(clippy::too_many_arguments, reason = "keywords of the caller")]
    #[pyo3(signature = (
        contract, holder, key, out, *, parts=1, rejects=None, identity=None, signing_key=None, cohort=None,
        exclude=None, protect=None, audit=None, unsealed=false, strict=false
    ))]
    fn new(
        py: Python<'_>,
        contract: PathBuf,
        holder: PathBuf,
        key: PathBuf,
        out: PathBuf,
        parts: usize,
        rejects: Option<PathBuf>,
        identity: Option<PathBuf>,
        signing_key: Option<PathBuf>,
        cohort: Option<PathBuf>,
        exclude: Option<PathBuf>,
        protect: Option<PathBuf>,
        audit: Option<PathBuf>,
        unsealed: bool,
        strict: bool,
    ) -> PyResult<Self> {
        let lists = ListPaths { cohort, exclude, protect };
        let paths = JobPaths { contract, holder, key, identities: identity.into_iter().collect(), lists };
        let rejects = rejects.unwrap_or_else(|| beside(&out, LEDGER_ENDING));
        let mut output = Output::new(&out, &rejects);
        output.parts = Parts::new(parts).map_err(|error| refused(format!("parts: {error}")))?;
        output.unsealed = unsealed;
        output.strict = strict;
        let command = if unsealed { COMMAND_UNSEALED } else { COMMAND };
        let start = |_: &mut CommandRecord| salanimi::extract::ExtractJob::start(&paths, signing_key, &output, host());
        let contract = salanimi::extract::ExtractJob::contract;
        py.detach(|| Ok(Self(Mutex::new(Some(Running::start(command, (audit, &out), start, contract)?)))))
    }

    /// Folder that every process must reach (pathlib.Path).
    #[getter]
    fn folder(&self) -> PyResult<PathBuf> {
        with(&self.0, |running| Ok(running.job.folder()))
    }

    /// By table, in the contract's order: the sources, each with the names of its columns, the names of others that it
    /// may have, and the paths of its files.
    #[getter]
    fn tables(&self) -> PyResult<Vec<(String, Vec<JobSource>)>> {
        let sources = |table: JobTable| {
            let sources = table.sources.into_iter().map(|source| (source.columns, source.ignored, source.files));
            (table.name.to_string(), sources.collect())
        };
        with(&self.0, |running| Ok(running.job.tables().into_iter().map(sources).collect()))
    }

    /// Adds what `ExtractRows.finish` returned in every process that read rows of the table, in any order.
    /// `extract_part` can be called after that. Tables come in order.
    fn add_rows(&self, py: Python<'_>, table: &str, statements: Vec<Vec<u8>>) -> PyResult<()> {
        let name = Id::new(table).map_err(refused)?;
        py.detach(|| with(&self.0, |running| running.job.add_rows(&name, &statements).map_err(refused)))
    }

    /// Adds what `extract_part` returned for every part of the table, in any order.
    ///
    /// Raises SalanimiError if a part is missing or stated twice, or too many records were rejected.
    fn add_parts(&self, py: Python<'_>, table: &str, statements: Vec<Vec<u8>>) -> PyResult<()> {
        let name = Id::new(table).map_err(refused)?;
        py.detach(|| with(&self.0, |running| running.job.add_parts(&name, &statements).map_err(refused)))
    }

    /// Finishes the delivery, and removes every file that no statement names. Returns the digest of the manifest, the
    /// public name of the signing key, and the account, as a dict.
    ///
    /// Raises SalanimiError if a table was not added, or a warning stops the run.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let finish = |job: salanimi::extract::ExtractJob| job.finish().map_err(refused);
        let extracted = py.detach(|| take(&self.0)?.finish(finish, Extracted::record))?;
        let result = PyDict::new(py);
        result.set_item("digest", extracted.digest.to_string())?;
        result.set_item("signed_by", extracted.signed_by.map(|id| id.to_string()))?;
        result.set_item("account", to_python(py, &extracted.account)?)?;
        Ok(result)
    }

    /// Gives up: removes everything that was written.
    fn abandon(&self) -> PyResult<()> {
        // Also after a fault in an earlier call.
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        running.ok_or_else(ended)?.abandon(salanimi::extract::ExtractJob::abandon)
    }

    fn __reduce__(&self) -> PyResult<()> {
        stays_here()
    }
}

/// Pseudonymises rows of one table for a job, on any host, and leaves them in the job's folder, encrypted.
///
/// folder: the job's folder. table: name of the table. attempt: a number that no other process that reads the table
/// has. source: position of the source among those of the table.
///
/// Raises HostError if this host cannot take part: an input is missing, or it or the package is another one than that
/// of the job.
#[pyclass(name = "ExtractRows", frozen, module = "salanimi")]
pub(crate) struct Rows(Taken<ExtractRows>);

#[pymethods]
impl Rows {
    #[new]
    #[pyo3(signature = (folder, table, attempt, *, source=0))]
    fn new(py: Python<'_>, folder: PathBuf, table: &str, attempt: u64, source: u32) -> PyResult<Self> {
        let name = Id::new(table).map_err(refused)?;
        let rows = py.detach(|| ExtractRows::open(&folder, &name, source, attempt, host()).map_err(refused_extract))?;
        Ok(Self(Mutex::new(Some(rows))))
    }

    /// Adds a pyarrow.RecordBatch. Besides the source's columns there are `salanimi_file` (text, the name of the file)
    /// and `salanimi_row` (64 bits, from 0).
    ///
    /// Raises SalanimiError if a column is missing or of a type that would lose values.
    #[pyo3(signature = (rows, /))]
    fn add(&self, py: Python<'_>, rows: PyArrowType<RecordBatch>) -> PyResult<()> {
        py.detach(|| {
            let added = with(&self.0, |extract| extract.add(&rows.0).map_err(refused));
            if added.is_err() {
                // Rows are missing now, so it never states what it read.
                drop(take(&self.0));
            }
            added
        })
    }

    /// States what was read, for `ExtractJob.add_rows`; encrypted, so that only processes of the job read it.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let stated = py.detach(|| take(&self.0)?.finish().map_err(refused))?;
        Ok(PyBytes::new(py, &stated))
    }

    fn __reduce__(&self) -> PyResult<()> {
        stays_here()
    }
}

/// Sorts and writes one part of one table for a job, on any host, after the rows of the table were added. Returns what
/// was written, for `ExtractJob.add_parts`; encrypted, so that only processes of the job read it.
///
/// folder: the job's folder. table: name of the table. part: number of the part, from 0. attempt: a number that no
/// other attempt at this part has. memory: limit for rows in bytes; more are spilled beside the output, encrypted.
///
/// Raises HostError if this host cannot take part: an input is missing, or it or the package is another one than that
/// of the job.
#[pyfunction]
#[pyo3(signature = (folder, table, part, attempt, *, memory=268_435_456))]
pub(crate) fn extract_part<'py>(
    py: Python<'py>,
    folder: PathBuf,
    table: &str,
    part: usize,
    attempt: u64,
    memory: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let name = Id::new(table).map_err(refused)?;
    let stated = py.detach(|| {
        salanimi::extract::extract_part(&folder, &name, part, attempt, memory, host()).map_err(refused_extract)
    })?;
    Ok(PyBytes::new(py, &stated))
}
