//! Synthetic registers: people who do not exist, in the layouts of the holders beside a contract.
//!
//! The registers are calibrated to public statistics and have the defects of real data at known rates. A truth file
//! records the tables of each person. The same options and configuration give the same bytes with any number of
//! threads.

mod activities;
mod areas;
mod assessments;
mod assistance;
mod batch;
mod codes;
mod defects;
mod dialect;
mod error;
mod events;
mod files;
mod free_text;
mod generate;
mod household;
mod identity;
mod layout;
mod months;
mod notices;
mod number;
mod people;
mod population;
mod random;
mod records;
mod registers;
mod render;
mod report;
mod row;
#[cfg(test)]
mod tests;
mod text;
mod truth;
mod written_code;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use crate::study::vocabulary::SourceTable;
use batch::{BATCH_PERSONS, Batch, BatchOutput};
pub use defects::Defects;
pub use error::{SourceProblem, SynthError};
use files::RegisterFiles;
use registers::Registers;
use salanimi_core::Id;

/// Largest number of persons with unique identity codes.
pub const MAX_PERSONS: u64 = BATCH_PERSONS * codes::MAX_BATCHES;
/// Batches that each thread generates before they are written.
const BATCHES_PER_THREAD: u64 = 2;

/// Options of [`run`].
#[derive(Debug, Clone)]
pub struct Options {
    /// The contract. Holder files and mappings lie beside it.
    pub contract: PathBuf,
    /// Number of persons known to any source, 1 to [`MAX_PERSONS`].
    pub persons: u64,
    /// Seed of all random choices.
    pub seed: u64,
    /// The folder to make. It must not exist.
    pub out: PathBuf,
}

/// Summary of generated registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Persons known to any source.
    pub persons: u64,
    /// Persons known to a holder by a temporary code.
    pub temporary: u64,
    /// The holders. Each has a folder of its name with `holder.toml` and its sources.
    pub holders: Vec<Id>,
    /// Source rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Bytes of the sources, the tables of changed codes and the truth file.
    pub bytes: u64,
    /// Numbers of rows with defects.
    pub defects: Defects,
}

/// Generates synthetic registers in a new folder.
///
/// The folder holds `contract.toml` with its mappings, `<holder>/holder.toml` with its sources, and `truth.csv`. A file
/// `SYNTHETIC.txt` marks each folder. `progress` receives numbers of newly generated persons.
///
/// # Errors
/// The configuration is unreadable, invalid or without a model; the output exists or cannot be written. Nothing is then
/// left behind.
pub fn run(options: &Options, progress: &dyn Fn(u64)) -> Result<Summary, SynthError> {
    if !(1..=MAX_PERSONS).contains(&options.persons) {
        return Err(SynthError::Persons { found: options.persons, max: MAX_PERSONS });
    }
    let registers = Registers::read(&options.contract)?;
    let mut files = RegisterFiles::create(&options.out, &registers)?;
    let mut summary = Summary::new(&registers);
    let batches = options.persons.div_ceil(BATCH_PERSONS);
    let step = rayon::current_num_threads() as u64 * BATCHES_PER_THREAD;
    let mut ready = Vec::new();
    for first in (0..batches).step_by(step as usize) {
        let numbers = first..(first + step).min(batches);
        // One round of batches is written while the next is generated.
        let (written, generated) =
            rayon::join(|| files.append(&ready), || generate_batches(&registers, options, numbers));
        written?;
        ready = generated?;
        progress(ready.iter().map(|batch| batch.persons).sum());
        for batch in &ready {
            summary.add(batch);
        }
    }
    files.append(&ready)?;
    summary.bytes = files.bytes;
    files.finish()?;
    Ok(summary)
}

fn generate_batches(
    registers: &Registers,
    options: &Options,
    numbers: Range<u64>,
) -> Result<Vec<BatchOutput>, SynthError> {
    numbers
        .into_par_iter()
        .map(|number| {
            let persons = (options.persons - number * BATCH_PERSONS).min(BATCH_PERSONS);
            Batch::new(registers, options.seed, number).generate(persons)
        })
        .collect()
}

impl Summary {
    fn new(registers: &Registers) -> Self {
        Self {
            persons: 0,
            temporary: 0,
            holders: registers.holders.iter().map(|holder| holder.id.clone()).collect(),
            rows: SourceTable::ALL.map(|table| (table.name(), 0)).into(),
            bytes: 0,
            defects: Defects::default(),
        }
    }

    fn add(&mut self, batch: &BatchOutput) {
        self.persons += batch.persons;
        self.temporary += batch.temporary;
        self.defects.add(&batch.defects);
        for (table, rows) in SourceTable::ALL.iter().zip(batch.rows) {
            *self.rows.entry(table.name()).or_insert(0) += rows;
        }
    }
}
