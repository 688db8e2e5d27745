//! The exception of the package.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

pyo3::create_exception!(
    salanimi,
    SalanimiError,
    PyValueError,
    "An input is wrong. The message says where, what is wrong and what to do; it never holds a value."
);

pyo3::create_exception!(
    salanimi,
    HostError,
    SalanimiError,
    "This host cannot take part in a job: it has another version of the package, lacks an input, or has another one.\n\
     \n\
     Another attempt on this host ends so too."
);

/// Returns an error of a process of an extract as an exception.
pub(crate) fn refused_extract(error: salanimi::extract::ExtractError) -> PyErr {
    if error.is_of_host() { HostError::new_err(error.to_string()) } else { refused(error) }
}

/// Returns an error of a process of a link as an exception.
pub(crate) fn refused_link(error: salanimi::link::LinkError) -> PyErr {
    if error.is_of_host() { HostError::new_err(error.to_string()) } else { refused(error) }
}

/// Returns an error of the library as an exception.
pub(crate) fn refused(error: impl std::fmt::Display) -> PyErr {
    SalanimiError::new_err(error.to_string())
}

/// Prints the place of a panic only. A panic over a damaged file is reported as damage by whoever reads the file.
pub(crate) fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    if salanimi::table::is_guarded() {
        return;
    }
    if let Some(place) = panic.location() {
        eprintln!("salanimi: a fault at {place}; please report it");
    }
}

/// The answer of a key to pickling and copying.
pub(crate) fn stays_here<T>() -> PyResult<T> {
    Err(PyTypeError::new_err(
        "an object with a key is never pickled or copied: the key would travel in clear; open it where it is used",
    ))
}
