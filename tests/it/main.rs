//! Integration tests of the binary: bad input, privacy, deliveries, links, verification and release.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first error; clippy allows this in test functions, but not in their helpers"
)]

mod analysis;
mod audit;
mod bad_input;
mod bulk;
mod chains;
mod clerk;
mod cohorts;
mod corpus;
mod custody;
mod damage;
mod deliveries;
mod described;
mod distributed;
mod distributed_link;
mod evidence;
mod evidence_cases;
mod faults;
mod foreign;
mod help;
mod hostile;
mod init;
mod judges;
mod linking;
mod mini;
mod notations;
mod page;
mod parts;
mod plain;
mod privacy;
mod readme;
mod release_cases;
mod release_register;
mod releasing;
mod residue_cases;
mod sealed;
mod sentinel;
mod sources;
mod statements;
mod stock_tools;
mod synthetic_linkage;
mod tables;
mod verifying;
mod warnings;
mod world;
