//! Rate of each hash of the dictionary attack on one core, in codes a second, beside `openssl speed` in the same run.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its result and stops at the first error"
)]

use std::collections::HashMap;
use std::process::Command;
use std::time::Instant;

use salanimi::verify::rates;

/// Names of our hashes and of the same hashes in `openssl speed`.
const OPENSSL: [(&str, &str); 8] = [
    ("MD5", "md5"),
    ("SHA-1", "sha1"),
    ("SHA-256", "sha256"),
    ("SHA-512", "sha512"),
    ("SHA3-256", "sha3-256"),
    ("SHA3-512", "sha3-512"),
    ("BLAKE2b-512", "blake2b512"),
    ("BLAKE2s-256", "blake2s256"),
];

fn main() {
    let began = Instant::now();
    let peer: HashMap<&str, f64> = OPENSSL.iter().filter_map(|(ours, name)| Some((*ours, openssl(name)?))).collect();
    println!("{:<14}{:>14}{:>24}", "hash", "million/s", "openssl speed, million/s");
    for rate in rates(&|| began.elapsed()) {
        let beside = peer.get(rate.hash).map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"));
        println!("{:<14}{:>14.1}{beside:>24}", rate.hash, rate.per_second / 1e6);
    }
}

/// Returns millions of messages of 16 bytes a second; `None` without `openssl`.
fn openssl(name: &str) -> Option<f64> {
    let line = ["speed", "-mr", "-seconds", "1", "-bytes", "16", "-evp", name];
    let output = Command::new("openssl").args(line).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // +F:22:SHA256:123456789.00, in bytes a second.
    let bytes: f64 = text.lines().find(|line| line.starts_with("+F:"))?.rsplit(':').next()?.parse().ok()?;
    Some(bytes / 16.0 / 1e6)
}
