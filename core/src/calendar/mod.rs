//! Days, months and times of the proleptic Gregorian calendar.

mod day;
mod days;
mod month;
mod timestamp;

pub use day::{Day, DayError};
pub use days::Days;
pub use month::Month;
pub use timestamp::{Timestamp, TimestampError};
