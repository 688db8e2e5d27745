//! An extract batch by batch.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow_pyarrow::{PyArrowType, ToPyArrow};
use pyo3::prelude::*;
use salanimi::extract::{BatchExtractor, Inputs};
use salanimi::study::read_contract;
use salanimi_core::Id;

use crate::arrays::{known_batch, known_schema};
use crate::errors::{refused, stays_here};
use crate::inputs::{to_python, today, unlock};

/// Pseudonymises and transforms the rows of one table, batch by batch, as `salanimi extract` does.
///
/// contract: path of the study's contract. holder: path of the holder file, which describes exactly one source of
/// the table; its files are not read. key: path of the project key. table: name of the table in the contract.
/// identity: path of the age identity that opens an encrypted key.
///
/// It neither sorts rows nor removes repeats of a key, and cannot serve linkage without codes: these need all rows. It
/// never stops for too many rejects or a warning: judge the counts.
///
/// Raises SalanimiError if a file is wrong or the key has expired.
#[pyclass(frozen, module = "salanimi")]
pub(crate) struct Extractor(BatchExtractor);

#[pymethods]
impl Extractor {
    #[new]
    #[pyo3(signature = (contract, holder, key, table, *, identity=None))]
    fn new(
        py: Python<'_>,
        contract: PathBuf,
        holder: PathBuf,
        key: PathBuf,
        table: &str,
        identity: Option<PathBuf>,
    ) -> PyResult<Self> {
        let table = Id::new(table).map_err(refused)?;
        py.detach(|| {
            let contract = Arc::new(read_contract(&contract).map_err(refused)?);
            let mut inputs = Inputs::new(contract, holder, today());
            inputs.unlock = unlock(identity)?;
            BatchExtractor::new(&inputs, &key, &table).map(Self).map_err(refused)
        })
    }

    /// Names of the source's columns that a batch must have.
    #[getter]
    fn source_columns(&self) -> Vec<String> {
        self.0.source_columns().to_vec()
    }

    /// Schema of the batches that leave (pyarrow.Schema).
    #[getter]
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        known_schema(&self.0.schema()).as_ref().to_pyarrow(py)
    }

    /// Returns the rows of a pyarrow.RecordBatch that leave the holder, pseudonym first. Rejected and filtered rows are
    /// counted.
    ///
    /// Raises SalanimiError if a column is missing, there twice, or of a type that would lose values.
    #[pyo3(signature = (rows, /))]
    fn batch<'py>(&self, py: Python<'py>, rows: PyArrowType<RecordBatch>) -> PyResult<Bound<'py, PyAny>> {
        let extracted = py.detach(|| {
            let extracted = self.0.batch(&rows.0).map_err(refused)?;
            known_batch(&extracted).map_err(refused)
        })?;
        extracted.to_pyarrow(py)
    }

    /// Returns the counts of all batches so far as a dict: rows and records read, kept, filtered and rejected.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.counts())
    }

    fn __reduce__(&self) -> PyResult<()> {
        stays_here()
    }
}
