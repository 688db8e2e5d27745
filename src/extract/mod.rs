//! The holder's stage: source files in, a delivery out.
//!
//! Steps, in order: read (`table`), reshape and convert (`table`), identify and choose (`people`, `lists`,
//! `old_codes`), pseudonymise and transform (`batch`), sort and write (`deliver`), account (`tally`,
//! `ledger`). No identity code is written anywhere, but into an encrypted list (`cohort`, `chosen`). Afterwards the holder can
//! check a delivery against its sources (`check`).

mod batch;
mod check;
mod chosen;
mod cohort;
mod deliver;
mod dry_run;
mod error;
mod ledger;
mod lists;
mod old_codes;
mod people;
mod prepare;
mod tally;

pub use check::{DeliveryCheck, TableCheck, check};
pub use cohort::{CohortMade, cohort};
pub use deliver::{Extracted, Output, extract};
pub use dry_run::{DryRun, Finding, TableFindings, dry_run};
pub use error::{ExtractError, ListError, OldCodesError};
pub use ledger::LEDGER_ENDING;
pub use lists::ListPaths;
pub use prepare::{DEFAULT_MEMORY, Inputs};
