//! The Python wheel: pyarrow arrays in, pyarrow arrays out.
//!
//! Every call that computes releases the interpreter's lock. Keys are opened where they are used and refuse to be
//! pickled: a pickled object travels in clear.

mod arrays;
mod errors;
mod extract_job;
mod extractor;
mod folders;
mod inputs;
mod link_job;
mod pseudonymiser;
mod running;
mod verification;

use pyo3::prelude::pymodule;

/// The compiled part of the package `salanimi`.
#[pymodule]
mod _salanimi {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::errors::{HostError, SalanimiError};
    #[pymodule_export]
    use crate::extract_job::{ExtractJob, Rows, extract_part};
    #[pymodule_export]
    use crate::extractor::Extractor;
    #[pymodule_export]
    use crate::folders::{Delivery, LinkedDataset};
    #[pymodule_export]
    use crate::link_job::{Job as LinkJob, link_part, link_range};
    #[pymodule_export]
    use crate::pseudonymiser::Pseudonymiser;
    #[pymodule_export]
    use crate::verification::verify;

    #[pymodule_init]
    #[allow(clippy::unnecessary_wraps, reason = "the signature that the interface asks for")]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        // A panic's message could hold a value: only its place is printed.
        std::panic::set_hook(Box::new(crate::errors::report_panic));
        Ok(())
    }

    /// Version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "the name that Python has for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
