//! Deliveries and linked datasets, checked and read.

use std::path::PathBuf;

use arrow::array::RecordBatchReader;
use arrow_pyarrow::IntoPyArrow;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use salanimi::config::Contract;
use salanimi::exchange::LinkedManifest;
use salanimi::study::read_contract;
use salanimi::table::ParquetTable;

use crate::arrays::{TableReader, known_schema};
use crate::errors::refused;
use crate::inputs::{to_python, unlock};

/// A delivery whose files are those of its manifest, and whose signature holds if the contract asks for one.
///
/// path: folder of the delivery. contract: path of the study's contract. identity: path of the age identity of a
/// recipient, needed if the delivery is sealed.
///
/// Raises SalanimiError if a check fails or nothing opens the delivery.
#[pyclass(frozen, module = "salanimi")]
pub(crate) struct Delivery {
    contract: Contract,
    opened: salanimi::exchange::Delivery,
}

#[pymethods]
impl Delivery {
    #[new]
    #[pyo3(signature = (path, contract, *, identity=None))]
    fn new(py: Python<'_>, path: PathBuf, contract: PathBuf, identity: Option<PathBuf>) -> PyResult<Self> {
        py.detach(|| {
            let contract = read_contract(&contract).map_err(refused)?;
            let opened = salanimi::exchange::Delivery::open(&path, &contract, &unlock(identity)?).map_err(refused)?;
            Ok(Self { contract, opened })
        })
    }

    /// Names of the tables, in the contract's order.
    #[getter]
    fn tables(&self) -> Vec<String> {
        self.opened.account.tables.iter().map(|table| table.name.to_string()).collect()
    }

    /// The manifest as a dict.
    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.opened.manifest)
    }

    /// The holder's account of every record as a dict.
    #[getter]
    fn account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.opened.account)
    }

    /// Returns a table's rows in the order of the pseudonym as a pyarrow.RecordBatchReader; parts are read one after
    /// another.
    ///
    /// Raises KeyError for an unknown table, and SalanimiError if the table is not as the account states. A fault
    /// within the rows is an error of pyarrow, which reads them.
    #[pyo3(signature = (table, /))]
    fn read<'py>(&self, py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyAny>> {
        let found = py.detach(|| self.opened.table_named(table, &self.contract).map_err(refused))?;
        reader(py, &found.ok_or_else(|| unknown(&self.tables()))?)
    }
}

/// A linked dataset whose files are those of its manifest.
///
/// path: folder of the dataset. Raises SalanimiError if it is none, or a file was changed.
#[pyclass(frozen, module = "salanimi")]
pub(crate) struct LinkedDataset {
    path: PathBuf,
    opened: LinkedManifest,
}

#[pymethods]
impl LinkedDataset {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| {
            let not_linked = || refused(format!("{}: not a linked dataset; give its folder", path.display()));
            let opened = LinkedManifest::read(&path).ok_or_else(not_linked)?;
            opened.check_files(&path).map_err(refused)?;
            Ok(Self { path, opened })
        })
    }

    /// Names of the tables.
    #[getter]
    fn tables(&self) -> Vec<String> {
        self.opened.tables.iter().map(|table| table.name.clone()).collect()
    }

    /// The manifest as a dict.
    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.opened)
    }

    /// Returns a table's rows in the order of the person as a pyarrow.RecordBatchReader. Codes are dictionaries, which
    /// pandas and polars read as categories.
    ///
    /// Raises KeyError for an unknown table.
    #[pyo3(signature = (table, /))]
    fn read<'py>(&self, py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyAny>> {
        let found = self.opened.tables.iter().find(|known| known.name == table);
        let found = found.ok_or_else(|| unknown(&self.tables()))?;
        let codes = found.columns.iter().filter(|(_, value, _)| value == "code");
        let codes: Vec<&str> = codes.map(|(name, ..)| name.as_str()).collect();
        let path = self.path.join(&found.file);
        let file = py.detach(|| ParquetTable::with_codes(&path, &codes).map_err(refused))?;
        reader(py, &file)
    }
}

fn unknown(tables: &[String]) -> PyErr {
    PyKeyError::new_err(format!("no such table; there are: {}", tables.join(", ")))
}

fn reader<'py>(py: Python<'py>, file: &ParquetTable) -> PyResult<Bound<'py, PyAny>> {
    let schema = known_schema(&file.schema());
    let reader: Box<dyn RecordBatchReader + Send> =
        Box::new(TableReader { schema, batches: Box::new(file.all_batches()) });
    reader.into_pyarrow(py)
}
