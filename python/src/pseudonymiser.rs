//! Pseudonyms of a column of identifiers.

use std::path::PathBuf;

use arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryBuilder, StringBuilder, make_array};
use arrow_pyarrow::{PyArrowType, ToPyArrow};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use salanimi::crypto::read_key;
use salanimi::study::read_contract;
use salanimi_core::{Id, Key, PSEUDONYM_BYTES, PersonScope, ProjectKey, ProjectKeys, Reason};

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

    /// Returns the pseudonyms of an array of text: 16 bytes each, null where the identifier is missing or not valid.
    ///
    /// Raises TypeError for any other type of array: a number that was an identifier may have lost zeros.
    #[pyo3(signature = (identifiers, /))]
    fn array<'py>(
        &self,
        py: Python<'py>,
        identifiers: PyArrowType<arrow::array::ArrayData>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let texts = text_array(identifiers)?;
        let pseudonyms = py.detach(|| {
            let mut pseudonyms = FixedSizeBinaryBuilder::with_capacity(texts.len(), PSEUDONYM_BYTES as i32);
            for text in texts.as_string::<i64>() {
                match text.and_then(|text| self.inner.pseudonymise(text.as_bytes()).ok()) {
                    Some(pseudonym) => pseudonyms.append_value(pseudonym.0).map_err(refused)?,
                    None => pseudonyms.append_null(),
                }
            }
            Ok::<_, PyErr>(pseudonyms.finish())
        })?;
        pseudonyms.to_data().to_pyarrow(py)
    }

    /// Returns why each identifier of an array of text is not valid, as one word; null where it is valid.
    ///
    /// Raises TypeError for any other type of array.
    #[pyo3(signature = (identifiers, /))]
    fn reasons<'py>(
        &self,
        py: Python<'py>,
        identifiers: PyArrowType<arrow::array::ArrayData>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let texts = text_array(identifiers)?;
        let reasons = py.detach(|| {
            let mut reasons = StringBuilder::new();
            for text in texts.as_string::<i64>() {
                let text = text.map_or(&b""[..], str::as_bytes);
                reasons.append_option(self.inner.pseudonymise(text).err().map(Reason::name));
            }
            reasons.finish()
        });
        reasons.to_data().to_pyarrow(py)
    }

    fn __reduce__(&self) -> PyResult<()> {
        stays_here()
    }

    fn __repr__(&self) -> String {
        format!("Pseudonymiser(key_id='{}')", self.key_id)
    }
}

fn text_array(identifiers: PyArrowType<arrow::array::ArrayData>) -> PyResult<ArrayRef> {
    let array = make_array(identifiers.0);
    texts(&array).ok_or_else(|| {
        PyTypeError::new_err(format!(
            "identifiers are text, but the array is {}; read the column as text from its source",
            array.data_type()
        ))
    })
}
