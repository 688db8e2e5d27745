//! The data holder's stage: source files in, a delivery out.
//!
//! The steps, in order: read, reshape and convert columns (`sources`, `table`), identify persons and apply lists
//! (`people`, `lists`, `found`, `old_codes`; without an identifier `codeless`), pseudonymise and transform
//! (`batch`), sort and write (`deliver`, `division`, `written`), account (`account`, `tally`, `ledger`), and warn
//! of a run that may have gone wrong (`profile`, `coverage`, `warnings`). No identity code is written anywhere but
//! into an encrypted cohort list (`cohort`, `selection`). [`check`] compares a delivery with its sources
//! afterwards. Rows can also come in batches (`in_batches`), and many processes can make one delivery
//! (`distributed`).
//!
//! A program calls the stage without the command line:
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use salanimi::extract::{Inputs, Output, extract};
//! use salanimi::progress::NoProgress;
//! use salanimi::study::read_contract;
//! use salanimi_core::Day;
//!
//! let contract = Arc::new(read_contract(Path::new("contract.toml"))?);
//! let inputs = Inputs::new(contract, "north.toml", Day::parse("2026-11-24")?);
//! let output = Output::new(Path::new("delivery"), Path::new("rejects.csv"));
//! let extracted = extract(&inputs, Path::new("study.key"), &output, &NoProgress)?;
//! println!("{} tables", extracted.account.tables.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod account;
mod batch;
mod check;
mod codeless;
mod cohort;
mod coverage;
mod deliver;
mod distributed;
mod division;
mod dry_run;
mod error;
mod found;
mod in_batches;
mod ledger;
mod lists;
mod old_codes;
mod people;
mod prepare;
mod profile;
mod selection;
mod sources;
mod tally;
mod warnings;
mod written;

pub use check::{DeliveryCheck, TableCheck, check};
pub use cohort::{WrittenCohort, cohort};
pub use deliver::{Extracted, Output, extract};
pub use distributed::{ExtractJob, ExtractRows, FILE_COLUMN, JobPaths, JobSource, JobTable, ROW_COLUMN, extract_part};
pub use dry_run::{DryRun, Emptied, Finding, TableFindings, dry_run};
pub use error::{ExtractError, ListError, MainReason, OldCodesError};
pub use in_batches::{BatchCounts, BatchExtractor};
pub use ledger::LEDGER_ENDING;
pub use lists::ListPaths;
pub use prepare::{DEFAULT_MEMORY, Inputs};
