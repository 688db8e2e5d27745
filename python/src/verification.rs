//! The officer's verification.

use std::path::PathBuf;
use std::time::Instant;

use pyo3::prelude::*;
use salanimi::progress::NoProgress;
use salanimi::report::Report;
use salanimi::study::read_contract;
use salanimi::verify::{DEFAULT_MEMORY, Depth, Options};

use crate::errors::refused;
use crate::inputs::{to_python, today, unlock};

/// Runs `salanimi verify` and returns its report as a dict, in the form of `verify --json`.
///
/// paths: deliveries, linked datasets, released tables, or any folders and files. contract: path of the study's
/// contract. identity: path of an age identity that opens sealed deliveries. attack: "none", "quick", "standard" or
/// "whole". released: True if the tables are meant for release. memory: limit in bytes.
///
/// Raises SalanimiError if an input is wrong. A failed check is no error: see the report's "verdict".
#[pyfunction]
#[pyo3(signature = (paths, *, contract=None, identity=None, attack="standard", released=false, memory=DEFAULT_MEMORY))]
pub(crate) fn verify<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    contract: Option<PathBuf>,
    identity: Option<PathBuf>,
    attack: &str,
    released: bool,
    memory: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let depth = match attack {
        "none" => Depth::None,
        "quick" => Depth::Quick,
        "standard" => Depth::Standard,
        "whole" => Depth::Whole,
        _ => return Err(refused("attack is \"none\", \"quick\", \"standard\" or \"whole\"; correct it")),
    };
    if paths.is_empty() {
        return Err(refused("no path is given; name at least one folder or file"));
    }
    if let Some(path) = paths.iter().find(|path| path.symlink_metadata().is_err()) {
        return Err(refused(format!("{}: no such file or folder; correct the path", path.display())));
    }
    let contract = contract.map(|path| read_contract(&path)).transpose().map_err(refused)?;
    let unlock = unlock(identity)?;
    let verification = py.detach(|| {
        let began = Instant::now();
        let clock = || began.elapsed();
        let mut options = Options::new(&paths, &unlock, &clock);
        options.contract = contract.as_ref();
        options.released = released;
        options.depth = depth;
        options.memory = memory;
        salanimi::verify::verify(&options, &NoProgress)
    });
    let study = contract.as_ref().map(|contract| format!("{}, {}", contract.study.id, contract.study.permit));
    to_python(py, &Report::new(&verification, today().to_string(), study))
}
