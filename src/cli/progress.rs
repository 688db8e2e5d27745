//! Progress on standard error.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use salanimi::progress::Progress;

/// Layout of the bar on a terminal.
const TEMPLATE: &str = "{msg:12} {wide_bar} {percent:>3} %  {elapsed} (left {eta})";

/// A bar on a terminal; on anything else a plain line for each step.
#[derive(Default)]
pub(super) struct Bar(Mutex<Option<ProgressBar>>);

impl Bar {
    fn current(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        // A bar is whole after a panic, too.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bar {
    fn begin(&self, step: &str, total: u64) {
        let mut current = self.current();
        if let Some(bar) = current.take() {
            bar.finish_and_clear();
        }
        if !std::io::stderr().is_terminal() {
            // A closed standard error needs no progress.
            let _ = writeln!(std::io::stderr(), "{step} …");
            return;
        }
        let bar = ProgressBar::new(total).with_message(step.to_owned());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        *current = Some(bar);
    }

    fn advance(&self, units: u64) {
        if let Some(bar) = &*self.current() {
            bar.inc(units);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &*self.current() {
            bar.finish_and_clear();
        }
    }
}
