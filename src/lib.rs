//! Links registers that hold personal identity codes, without the codes ever reaching the research environment.
//!
//! Each data holder pseudonymises its own extract, the linker links the deliveries, the data-protection officer
//! verifies the result, and a release holds only tables that protect small groups. One stage is one function:
//!
//! | stage | function | input | output |
//! |---|---|---|---|
//! | data holder | [`extract::extract`] | source files, project key | delivery |
//! | linker | [`link::link`] | deliveries of all holders | linked dataset |
//! | officer | [`verify::verify`] | deliveries, linked datasets, other tables | checks with evidence |
//! | research team | [`release::release`] | linked dataset | tables for release |
//!
//! # Example
//!
//! The example runs all four stages for a study of one holder. Every stage writes into a folder that must not exist,
//! and leaves nothing there if it fails.
//!
//! ```no_run
//! use std::path::{Path, PathBuf};
//! use std::sync::Arc;
//! use std::time::Instant;
//!
//! use salanimi::crypto::Unlock;
//! use salanimi::progress::NoProgress;
//! use salanimi::study::read_contract;
//! use salanimi::{extract, link, release, report, verify};
//! use salanimi_core::Day;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let memory = extract::DEFAULT_MEMORY;
//! let today = Day::parse("2026-11-28")?;
//! let contract = Arc::new(read_contract(Path::new("contract.toml"))?);
//!
//! let inputs = extract::Inputs {
//!     contract: Arc::clone(&contract),
//!     holder: "holder.toml".into(),
//!     lists: extract::ListPaths::default(),
//!     unlock: Unlock::read(Vec::new(), &[])?,
//!     signing_key: Some("holder.signing".into()),
//!     today,
//! };
//! let delivery = PathBuf::from("delivery");
//! let ledger = Path::new("delivery.rejects.csv");
//! let output = extract::Output { memory, ..extract::Output::new(&delivery, ledger) };
//! extract::extract(&inputs, Path::new("project.key"), &output, &NoProgress)?;
//!
//! let linked = PathBuf::from("linked");
//! let unlock = Unlock::read(Vec::new(), &[PathBuf::from("linker.identity")])?;
//! let deliveries = [delivery];
//! let inputs =
//!     link::Inputs {
//!         contract: &contract, deliveries: &deliveries, link_key: None, unlock: &unlock, today, strict: false,
//!     };
//! let mut dataset = link::link(&inputs, &linked, memory, &NoProgress)?;
//! report::add_documents(&mut dataset, &contract)?;
//! dataset.publish()?;
//!
//! let began = Instant::now();
//! let verification = verify::verify(
//!     &verify::Options {
//!         paths: &[linked.clone()],
//!         contract: Some(&contract),
//!         unlock: &unlock,
//!         released: false,
//!         depth: verify::Depth::Quick,
//!         clock: &|| began.elapsed(),
//!         memory,
//!     },
//!     &NoProgress,
//! );
//! assert!(verification.verdict() != verify::Verdict::Fail);
//!
//! let inputs = release::Inputs {
//!     contract: &contract,
//!     linked: &linked,
//!     key: Path::new("release.key"),
//!     unlock: &Unlock::read(Vec::new(), &[])?,
//!     previous: None,
//!     today,
//!     memory,
//! };
//! let mut tables = release::release(&inputs, Path::new("released"), &NoProgress)?;
//! report::add_release_documents(&mut tables, &contract)?;
//! tables.publish()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Layers
//!
//! The source lists the modules in the order in which data flows, and each uses only those before it. The stages never
//! use each other: they share the types of [`salanimi_core`] and of [`exchange`]. `tests/architecture` tests this.

pub mod platform;
mod shared;

pub mod files;

pub mod progress;

pub mod crypto;

pub mod text;

pub mod table;

pub mod config;

pub mod exchange;

pub mod audit;

// The stages.
pub mod extract;

pub mod init;
pub mod link;

pub mod verify;

pub mod release;

pub mod report;

pub mod study;
