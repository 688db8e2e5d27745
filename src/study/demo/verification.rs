//! The officer's verification of everything that the demo made, and the pages.

use std::path::PathBuf;

use super::{DemoError, Options};
use crate::config::Contract;
use crate::crypto::Unlock;
use crate::extract::DEFAULT_MEMORY;
use crate::files::write_public;
use crate::progress::Progress;
use crate::report::{Report, page};
use crate::text::Language;
use crate::verify::{self, Verdict};

/// Result of the verification.
pub(super) struct Verified {
    pub(super) passed: usize,
    pub(super) warned: usize,
    pub(super) failed: usize,
}

impl Verified {
    pub(super) fn in_words(&self) -> String {
        let Self { passed, warned, failed } = self;
        format!("Verification: {passed} checks passed, {warned} warn (registers of persons always do), {failed} failed")
    }
}

/// Verifies everything at `paths`, and writes the officer's pages and the report into the demo's folder.
pub(super) fn verify(
    options: &Options<'_>,
    contract: &Contract,
    paths: &[PathBuf],
    unlock: &Unlock,
    progress: &dyn Progress,
) -> Result<Verified, DemoError> {
    let checks = verify::Options {
        paths,
        contract: Some(contract),
        unlock,
        released: false,
        depth: options.depth,
        memory: DEFAULT_MEMORY,
        clock: options.clock,
    };
    let verification = verify::verify(&checks, progress);
    let study = format!("{}, {}", contract.study.id, contract.study.permit);
    let report = Report::new(&verification, options.now.to_string(), Some(study));
    for language in Language::ALL {
        write_public(&options.out.join(page_name(language)), page(&report, language)?.as_bytes())?;
    }
    write_public(&options.out.join("verification.json"), &serde_json::to_vec_pretty(&report)?)?;
    Ok(Verified {
        passed: count(&report, Verdict::Pass),
        warned: count(&report, Verdict::Warn),
        failed: count(&report, Verdict::Fail),
    })
}

/// Number of checks with this verdict.
fn count(report: &Report, verdict: Verdict) -> usize {
    report.counts.get(&verdict).map_or(0, |count| *count)
}

/// The file name of the officer's page in a language; English has no code in it.
fn page_name(language: Language) -> String {
    if language == Language::English {
        return "verification.html".to_owned();
    }
    format!("verification.{}.html", language.code())
}
