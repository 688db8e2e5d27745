use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use salanimi::progress::Progress;

/// A bar on a terminal; on anything else a plain line for each step.
#[derive(Default)]
pub(super) struct Bar(Mutex<Option<ProgressBar>>);

impl Progress for Bar {
    fn begin(&self, step: &str, total: u64) {
        use std::io::{IsTerminal, Write};
        let mut current = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = current.take() {
            bar.finish_and_clear();
        }
        if !std::io::stderr().is_terminal() {
            // Whoever closed the other end wants no progress.
            let _ = writeln!(std::io::stderr(), "{step} …");
            return;
        }
        let style = ProgressStyle::with_template("{msg:12} {wide_bar} {percent:>3} %  {elapsed} (left {eta})");
        let bar = ProgressBar::new(total).with_message(step.to_owned());
        *current = Some(style.map_or(bar.clone(), |style| bar.with_style(style)));
    }

    fn advance(&self, units: u64) {
        if let Some(bar) = &*self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            bar.inc(units);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &*self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            bar.finish_and_clear();
        }
    }
}
