//! The real binary on small worlds: bad input, privacy, deliveries and links.

mod bad_input;
mod bulk;
mod chains;
mod deliveries;
mod faults;
mod linking;
mod judges;
mod plain;
mod privacy;
mod sentinel;
mod tables;
mod world;
