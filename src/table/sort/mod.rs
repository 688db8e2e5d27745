//! External sort of rows by their key, and rows that repeat a unique key.

mod columns;
mod divided;
mod parts;
mod ranges;
mod rows;
mod sorted;
mod sorter;
mod spill;
mod unique;

pub use divided::DividedRows;
pub use parts::{Parts, PartsError};
pub use ranges::{RANGES, key_within, range_of};
pub use sorted::is_sorted;
pub use sorter::{Group, SortedTable, Sorter, Spills, groups_of};
pub use unique::first_of_each;
