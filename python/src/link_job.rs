//! A link that many processes make together: what the tasks of a cluster call.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use salanimi::audit::CommandRecord;
use salanimi::link::{LinkJob, LinkPaths, Linked, record_deliveries};
use salanimi::report::{self, LinkSummary};
use salanimi::table::Parts;

use crate::errors::{refused, refused_link, stays_here};
use crate::inputs::to_python;
use crate::running::{Running, Taken, ended, host, take, with};

/// Name of the command in the audit log.
const COMMAND: &str = "spark link";

/// Starts a linked dataset that many processes write together, and finishes it. See docs/spark.md.
///
/// contract, deliveries, link_key: paths of the study's contract, of the deliveries and of the link key; each process
/// opens them on its own host, at the same paths. out: folder of the dataset, which all processes reach. parts: number
/// of ranges that are merged, and of parts that are written, each by a process. identity: path of the age identity that
/// opens sealed deliveries and an encrypted link key. strict: stop on every warning that the contract does not explain.
/// audit: path of the audit log; default: beside `out`.
///
/// Raises SalanimiError if an input is wrong, or the contract links persons without an identifier.
#[pyclass(name = "LinkJob", frozen, module = "salanimi")]
pub(crate) struct Job(Taken<Running<LinkJob>>);

#[pymethods]
impl Job {
    #[new]
    #[allow(clippy::too_many_arguments, reason = "keywords of the caller")]
    #[pyo3(signature = (contract, deliveries, link_key, out, *, parts=1, identity=None, strict=false, audit=None))]
    fn new(
        py: Python<'_>,
        contract: PathBuf,
        deliveries: Vec<PathBuf>,
        link_key: PathBuf,
        out: PathBuf,
        parts: usize,
        identity: Option<PathBuf>,
        strict: bool,
        audit: Option<PathBuf>,
    ) -> PyResult<Self> {
        let paths = LinkPaths { contract, deliveries, link_key, identities: identity.into_iter().collect() };
        let parts = Parts::new(parts).map_err(|error| refused(format!("parts: {error}")))?;
        let start = |act: &mut CommandRecord| {
            record_deliveries(&paths.deliveries, act);
            LinkJob::start(&paths, &out, parts, strict, host())
        };
        let contract = LinkJob::contract;
        py.detach(|| Ok(Self(Mutex::new(Some(Running::start(COMMAND, (audit, &out), start, contract)?)))))
    }

    /// Folder that every process must reach (pathlib.Path).
    #[getter]
    fn folder(&self) -> PyResult<PathBuf> {
        with(&self.0, |running| Ok(running.job.folder()))
    }

    /// Adds what `link_range` returned for every range, in any order. `link_part` can be called after that.
    ///
    /// Raises SalanimiError if a range is missing or stated twice.
    fn add_ranges(&self, py: Python<'_>, statements: Vec<Vec<u8>>) -> PyResult<()> {
        py.detach(|| with(&self.0, |running| running.job.add_ranges(&statements).map_err(refused)))
    }

    /// Adds what `link_part` returned for every part, in any order.
    ///
    /// Raises SalanimiError if a part is missing or stated twice.
    fn add_parts(&self, py: Python<'_>, statements: Vec<Vec<u8>>) -> PyResult<()> {
        py.detach(|| with(&self.0, |running| running.job.add_parts(&statements).map_err(refused)))
    }

    /// Finishes the dataset, and removes every file that no statement names. Returns the digest of the manifest, the
    /// exact accounting, which is not for release, and the summary that the program prints, as data and as text, as a
    /// dict.
    ///
    /// Raises SalanimiError if ranges or parts were not added, or a warning stops the link.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let linked = py.detach(|| take(&self.0)?.finish(published, Linked::record))?;
        let result = PyDict::new(py);
        result.set_item("digest", linked.digest.to_string())?;
        result.set_item("accounting", to_python(py, &linked.accounting)?)?;
        result.set_item("summary", to_python(py, &LinkSummary::new(&linked))?)?;
        result.set_item("text", report::linked(&linked))?;
        Ok(result)
    }

    /// Gives up: removes everything that was written.
    fn abandon(&self) -> PyResult<()> {
        // Also after a fault in an earlier call.
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        running.ok_or_else(ended)?.abandon(LinkJob::abandon)
    }

    fn __reduce__(&self) -> PyResult<()> {
        stays_here()
    }
}

fn published(job: LinkJob) -> PyResult<Linked> {
    let (mut staged, contract) = job.finish().map_err(refused)?;
    report::add_documents(&mut staged, &contract).map_err(refused)?;
    staged.publish().map_err(refused)
}

/// Merges one range of persons for a job, on any host. Returns what was merged, for `LinkJob.add_ranges`; encrypted, so
/// that only processes of the job read it.
///
/// folder: the job's folder. range: number of the range, from 0. attempt: a number that no other attempt at this range
/// has. memory: limit for rows in bytes; more are spilled beside the output.
///
/// Raises HostError if this host cannot take part: an input is missing, or it or the package is another one than that
/// of the job.
#[pyfunction]
#[pyo3(signature = (folder, range, attempt, *, memory=268_435_456))]
pub(crate) fn link_range(
    py: Python<'_>,
    folder: PathBuf,
    range: usize,
    attempt: u64,
    memory: usize,
) -> PyResult<Bound<'_, PyBytes>> {
    let stated =
        py.detach(|| salanimi::link::link_range(&folder, range, attempt, memory, host()).map_err(refused_link))?;
    Ok(PyBytes::new(py, &stated))
}

/// Writes one part of every table for a job, on any host, after all ranges were added. Returns what was written, for
/// `LinkJob.add_parts`; encrypted, so that only processes of the job read it.
///
/// folder: the job's folder. part: number of the part, from 0. attempt: a number that no other attempt at this part
/// has. memory: limit for rows in bytes; more are spilled beside the output.
///
/// Raises HostError if this host cannot take part: an input is missing, or it or the package is another one than that
/// of the job.
#[pyfunction]
#[pyo3(signature = (folder, part, attempt, *, memory=268_435_456))]
pub(crate) fn link_part(
    py: Python<'_>,
    folder: PathBuf,
    part: usize,
    attempt: u64,
    memory: usize,
) -> PyResult<Bound<'_, PyBytes>> {
    let stated =
        py.detach(|| salanimi::link::link_part(&folder, part, attempt, memory, host()).map_err(refused_link))?;
    Ok(PyBytes::new(py, &stated))
}
