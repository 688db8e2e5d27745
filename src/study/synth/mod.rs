//! Synthetic registers: people who do not exist, in the layouts of the holders beside a contract.
//!
//! Calibrated to public statistics, with the defects of real data put in at known rates, and with a truth file that
//! says who is where. The same options and configuration give the same bytes, whatever the number of threads.

mod areas;
mod assistance;
mod avain;
mod calendar;
mod chunk;
mod codes;
mod defects;
mod dice;
mod error;
mod folder;
mod layout;
mod notices;
mod people;
mod plan;
mod population;
mod render;
mod report;
mod row;
mod social_work;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod truth;
mod vocabulary;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use chunk::{CHUNK_PERSONS, Chunk, Made};
pub use defects::Defects;
pub use error::{SourceProblem, SynthError};
use folder::Folder;
use plan::Plan;
use salanimi_core::Id;
use vocabulary::Table;

/// The most persons that have identity codes of their own.
pub const MOST_PERSONS: u64 = CHUNK_PERSONS * codes::MOST_CHUNKS;
/// Chunks that each thread makes before they are written.
const CHUNKS_PER_THREAD: u64 = 2;

/// What to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// The contract; holder files and mappings lie beside it.
    pub contract: PathBuf,
    /// How many people are known to any source.
    pub persons: u64,
    /// Decides all chance.
    pub seed: u64,
    /// The folder to make; it must not exist.
    pub out: PathBuf,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// People known to any source.
    pub persons: u64,
    /// Of these, people known to a holder by a temporary code.
    pub temporary: u64,
    /// The holders: each has a folder of its name with `holder.toml` and its sources.
    pub holders: Vec<Id>,
    /// Source rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Bytes of the sources, the tables of changed codes and the truth file.
    pub bytes: u64,
    /// How many rows have which defect.
    pub defects: Defects,
}

/// Makes the registers: `OUT/contract.toml` and its mappings, `OUT/<holder>/holder.toml` and its sources, `OUT/truth.csv`,
/// each folder marked by `SYNTHETIC.txt`. `progress` is told of more persons that are done.
///
/// # Errors
/// The configuration cannot be read or served, the output exists or cannot be written. Nothing is then left behind.
pub fn run(options: &Options, progress: &dyn Fn(u64)) -> Result<Summary, SynthError> {
    if !(1..=MOST_PERSONS).contains(&options.persons) {
        return Err(SynthError::Persons { found: options.persons, most: MOST_PERSONS });
    }
    let plan = Plan::read(&options.contract)?;
    let mut folder = Folder::create(&options.out, &plan)?;
    let mut summary = Summary::new(&plan);
    let chunks = options.persons.div_ceil(CHUNK_PERSONS);
    let step = rayon::current_num_threads() as u64 * CHUNKS_PER_THREAD;
    let mut ready = Vec::new();
    for first in (0..chunks).step_by(step as usize) {
        let numbers = first..(first + step).min(chunks);
        let (written, made) = rayon::join(|| folder.append(&ready), || make(&plan, options, numbers));
        written?;
        ready = made?;
        progress(ready.iter().map(|made| made.persons).sum());
        ready.iter().for_each(|made| summary.add(made));
    }
    folder.append(&ready)?;
    summary.bytes = folder.bytes;
    folder.finish()?;
    Ok(summary)
}

fn make(plan: &Plan, options: &Options, numbers: std::ops::Range<u64>) -> Result<Vec<Made>, SynthError> {
    let chunk = |number: u64| {
        let persons = (options.persons - number * CHUNK_PERSONS).min(CHUNK_PERSONS);
        Chunk::new(plan, options.seed, number).fill(persons)
    };
    numbers.into_par_iter().map(chunk).collect()
}

impl Summary {
    fn new(plan: &Plan) -> Self {
        Self {
            persons: 0,
            temporary: 0,
            holders: plan.holders.iter().map(|holder| holder.id.clone()).collect(),
            rows: Table::ALL.map(|table| (table.name(), 0)).into(),
            bytes: 0,
            defects: Defects::default(),
        }
    }

    fn add(&mut self, made: &Made) {
        self.persons += made.persons;
        self.temporary += made.temporary;
        self.defects.add(&made.defects);
        for (table, rows) in Table::ALL.iter().zip(made.rows) {
            *self.rows.entry(table.name()).or_default() += rows;
        }
    }
}
