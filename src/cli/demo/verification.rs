//! What the officer makes of the demo: the verification of its deliveries, its linked dataset and what was released, and the pages.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::super::CliError;
use super::super::clock::now;
use super::super::exit::Exit;
use salanimi::config::Contract;
use salanimi::crypto::Unlock;
use salanimi::extract::DEFAULT_MEMORY;
use salanimi::files::write_public;
use salanimi::progress::Progress;
use salanimi::report::{Report, page};
use salanimi::text::Language;
use salanimi::verify::{self, Depth, Options, Verdict};

/// What was found, and what is said of it.
pub(super) struct Verified {
    pub(super) verdict: Verdict,
    pub(super) words: String,
}

/// Verifies what lies at `paths`, and writes the officer's pages and the report into `out`.
pub(super) fn verify(
    out: &Path,
    contract: &Contract,
    paths: &[PathBuf],
    unlock: &Unlock,
    depth: Depth,
    progress: &dyn Progress,
) -> Result<Verified, CliError> {
    let began = Instant::now();
    let (released, memory) = (false, DEFAULT_MEMORY);
    let options =
        Options { paths, contract: Some(contract), unlock, released, depth, memory, clock: &|| began.elapsed() };
    let verification = verify::verify(&options, progress);
    let study = format!("{}, {}", contract.study.id, contract.study.permit);
    let report = Report::new(&verification, now().to_string(), Some(study));
    let fault = |error| CliError::new(Exit::Other, &format!("the page cannot be made: {error}; please report it"));
    for (name, language) in [("verification.html", Language::English), ("verification.fi.html", Language::Finnish)] {
        write_public(&out.join(name), page(&report, language).map_err(fault)?.as_bytes())?;
    }
    write_public(&out.join("verification.json"), &serde_json::to_vec_pretty(&report).unwrap_or_default())?;
    let count = |verdict| report.counts.get(&verdict).copied().unwrap_or(0);
    let words = format!(
        "Verification: {} checks passed, {} warn (registers of persons always do), {} failed; read {}",
        count(Verdict::Pass),
        count(Verdict::Warn),
        count(Verdict::Fail),
        out.join("verification.html").display()
    );
    Ok(Verified { verdict: report.verdict, words })
}
