//! The real binary on small worlds: bad input, privacy, deliveries and links.

mod bad_input;
mod faults;
mod tables;
mod world;
