//! The real binary on small worlds: bad input, privacy, deliveries and links.

mod bad_input;
mod bulk;
mod chains;
mod deliveries;
mod faults;
mod judges;
mod linking;
mod plain;
mod privacy;
mod readme;
mod sentinel;
mod tables;
mod world;
