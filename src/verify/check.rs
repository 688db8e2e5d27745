use serde::Serialize;

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It could not be looked at; the evidence says why.
    NotChecked,
    /// It may be in order, and someone must say so.
    Warn,
    /// It does not hold.
    Fail,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotChecked => "not checked",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }
}

/// One check of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable name, `family.check`.
    pub name: &'static str,
    /// What was looked at: a folder as it was given, or all of them.
    pub about: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why; never a value.
    pub evidence: String,
}

/// Everything that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
}

impl Verification {
    /// The worst verdict of all.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::NotChecked)
    }
}

/// Notes the checks of one thing.
pub(super) struct Notes<'a> {
    pub(super) about: String,
    pub(super) checks: &'a mut Vec<Check>,
}

impl Notes<'_> {
    pub(super) fn note(&mut self, name: &'static str, verdict: Verdict, evidence: impl Into<String>) {
        self.checks.push(Check { name, about: self.about.clone(), verdict, evidence: evidence.into() });
    }

    /// Notes a pass with what `result` holds, or a failure with its error; what it held.
    pub(super) fn result<T, E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        result: Result<T, E>,
        passed: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.note(name, Verdict::Pass, passed(&value));
                Some(value)
            }
            Err(error) => {
                self.note(name, Verdict::Fail, error.to_string());
                None
            }
        }
    }
}
