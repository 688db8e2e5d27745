//! Pseudonyms of a column of identifiers.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, FixedSizeBinaryArray, LargeStringArray, StringArray, make_array,
};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;
use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use salanimi::crypto::read_key;
use salanimi::study::read_contract;
use salanimi_core::{Id, Key, PSEUDONYM_BYTES, PersonScope, ProjectKey, ProjectKeys, Pseudonym, Reason};

use crate::arrays::texts;
use crate::errors::{refused, stays_here};
use crate::inputs::{today, unlock};

/// Turns identifiers of one kind into pseudonyms.
///
/// contract: path of the study's contract. key: path of the project key. holder: name of the holder, which counts for
/// temporary codes. kind: kind of identifier in the contract, such as "hetu". identity: path of the age identity that
/// opens an encrypted key.
///
/// Raises SalanimiError if a file is wrong or the key has expired.
#[pyclass(frozen, module = "salanimi")]
pub(crate) struct Pseudonymiser {
    inner: salanimi_core::Pseudonymiser,
    key_id: String,
}

#[pymethods]
impl Pseudonymiser {
    #[new]
    #[pyo3(signature = (contract, key, *, holder, kind, identity=None))]
    fn new(
        py: Python<'_>,
        contract: PathBuf,
        key: PathBuf,
        holder: &str,
        kind: &str,
        identity: Option<PathBuf>,
    ) -> PyResult<Self> {
        let [holder, kind] = [holder, kind].map(Id::new);
        let (holder, kind) = (holder.map_err(refused)?, kind.map_err(refused)?);
        py.detach(|| {
            let contract = read_contract(&contract).map_err(refused)?;
            let study = &contract.study.id;
            let Some(syntax) = contract.identifiers.get(&kind) else {
                let known: Vec<&str> = contract.identifiers.keys().map(Id::as_str).collect();
                return Err(refused(format!("the contract has no such kind; give one of: {}", known.join(", "))));
            };
            let key: ProjectKey = read_key(&key, study, &unlock(identity)?, today()).map_err(refused)?;
            let keys = ProjectKeys::new(&key, study);
            let scope = PersonScope { kind: &kind, holder: &holder };
            let inner = salanimi_core::Pseudonymiser::new(&keys, scope, syntax.clone());
            Ok(Self { inner, key_id: key.id(study).to_string() })
        })
    }

    /// Public name of the key, as manifests state it.
    #[getter]
    fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the pseudonyms of an array of text, or of a column of a pyarrow.Table: 16 bytes each, null where the
    /// identifier is missing or not valid.
    ///
    /// Raises TypeError for any other type: a number that was an identifier may have lost zeros.
    #[pyo3(signature = (identifiers, /))]
    fn array<'py>(&self, identifiers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        each_chunk(identifiers, &DataType::FixedSizeBinary(PSEUDONYM_BYTES as i32), &|texts| {
            let pseudonyms = texts.iter().map(|text| self.inner.pseudonymise(text?.as_bytes()).ok());
            let pseudonyms: Vec<Option<Pseudonym>> = pseudonyms.collect();
            let valid: Vec<bool> = pseudonyms.iter().map(Option::is_some).collect();
            let absent = Pseudonym([0; PSEUDONYM_BYTES]);
            let bytes: Vec<[u8; PSEUDONYM_BYTES]> = pseudonyms.iter().map(|found| found.unwrap_or(absent).0).collect();
            let values = Buffer::from_vec(bytes.into_flattened());
            Arc::new(FixedSizeBinaryArray::new(PSEUDONYM_BYTES as i32, values, Some(valid.into())))
        })
    }

    /// Returns why each identifier of an array of text, or of a column of a pyarrow.Table, is not valid, as one word;
    /// null where it is valid.
    ///
    /// Raises TypeError for any other type.
    #[pyo3(signature = (identifiers, /))]
    fn reasons<'py>(&self, identifiers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        each_chunk(identifiers, &DataType::Utf8, &|texts| {
            let reason = |text: Option<&str>| match text {
                Some(text) => self.inner.pseudonymise(text.as_bytes()).err().map(Reason::name),
                None => Some(Reason::Missing.name()),
            };
            Arc::new(texts.iter().map(reason).collect::<StringArray>())
        })
    }

    fn __reduce__(&self) -> PyResult<()> {
        stays_here()
    }

    fn __repr__(&self) -> String {
        format!("Pseudonymiser(key_id='{}')", self.key_id)
    }
}

/// Applies `work` to an array of text, or to each chunk of a column. The results are of the type `result`.
fn each_chunk<'py>(
    identifiers: &Bound<'py, PyAny>,
    result: &DataType,
    work: &(impl Fn(&LargeStringArray) -> ArrayRef + Sync),
) -> PyResult<Bound<'py, PyAny>> {
    let py = identifiers.py();
    if let Ok(chunks) = identifiers.getattr("chunks") {
        let results = chunks.try_iter()?.map(|chunk| each_chunk(&chunk?, result, work));
        let results = results.collect::<PyResult<Vec<_>>>()?;
        return py.import("pyarrow")?.call_method1("chunked_array", (results, result.to_pyarrow(py)?));
    }
    let array = make_array(ArrayData::from_pyarrow_bound(identifiers)?);
    let worked = py.detach(|| texts(&array).map(|texts| work(texts.as_string())));
    let not_text = || {
        PyTypeError::new_err(format!(
            "identifiers are text, but the array is {}; read the column as text from its source",
            array.data_type()
        ))
    };
    worked.ok_or_else(not_text)?.to_data().to_pyarrow(py)
}
