//! The real binary on small worlds: bad input, privacy, deliveries and links.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on must stop; clippy knows test functions, not their helpers"
)]

mod analysis;
mod audit;
mod bad_input;
mod bulk;
mod chains;
mod cohorts;
mod corpus;
mod custody;
mod damage;
mod deliveries;
mod described;
mod faults;
mod foreign;
mod judges;
mod linking;
mod notations;
mod page;
mod plain;
mod privacy;
mod readme;
mod releasing;
mod sealed;
mod sentinel;
mod stock_tools;
mod tables;
mod verifying;
mod world;
