//! salanimi
pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod exchange;
pub mod extract;
pub mod link;
pub mod progress;
pub mod report;
pub mod table;
