//! The real binary on small worlds: bad input, privacy, deliveries and links.

mod bad_input;
mod bulk;
mod chains;
mod faults;
mod judges;
mod plain;
mod privacy;
mod sentinel;
mod tables;
mod world;
