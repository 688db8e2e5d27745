//! Persons, and the identity codes by which holders know them.

use std::collections::BTreeMap;

use super::identity::{Identity, Record};
use crate::study::vocabulary::SourceTable;
use salanimi_core::{Day, IdentityCode};

/// A synthetic person.
pub(super) struct Person {
    /// The newest registered code.
    pub(super) code: IdentityCode,
    /// Former codes, oldest first.
    pub(super) former: Vec<FormerCode>,
    /// The temporary code by which one holder knows the person.
    pub(super) temporary: Option<TemporaryCode>,
    pub(super) birth: Day,
    pub(super) male: bool,
    /// Decides the telephone number.
    pub(super) text_number: u32,
    /// Drawn with the household.
    pub(super) identity: Option<Identity>,
    /// By holder; made at the first row.
    pub(super) records: Vec<Option<Record>>,
    /// By holder, `true` if it does not know the person's code; drawn at the first row.
    pub(super) lacks_code: Vec<Option<bool>>,
    /// Rows under registered codes.
    pub(super) registered: Presence,
    /// Rows under the temporary code.
    pub(super) unregistered: Presence,
    /// Rows without a usable code, by holder. Only if the contract links persons without a code.
    pub(super) without_code: BTreeMap<usize, Presence>,
}

/// A registered code that was replaced.
pub(super) struct FormerCode {
    pub(super) code: IdentityCode,
    /// The last day on which it was valid.
    pub(super) last: Day,
}

/// A code that one holder issued.
#[derive(Clone, Copy)]
pub(super) struct TemporaryCode {
    pub(super) code: IdentityCode,
    /// Position of the holder.
    pub(super) issuer: usize,
}

/// Tables with rows of a person.
#[derive(Clone, Copy, Default)]
pub(super) struct Presence {
    /// `true` if any row was written, usable or not.
    pub(super) written: bool,
    /// A bit for each table with a usable row.
    tables: u8,
}

/// Kind of the code that a row has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeKind {
    Newest,
    Former,
    Temporary,
}

/// The code that a row has.
#[derive(Clone, Copy)]
pub(super) struct RowCode {
    pub(super) code: IdentityCode,
    pub(super) kind: CodeKind,
}

impl Presence {
    /// Returns true if `table` has a usable row.
    pub(super) fn usable(self, table: SourceTable) -> bool {
        self.tables >> (table as u8) & 1 == 1
    }

    /// Records a row of `table`.
    pub(super) fn record(&mut self, table: SourceTable, usable: bool) {
        self.written = true;
        self.tables |= u8::from(usable) << (table as u8);
    }
}

impl Person {
    /// Returns a person without former or temporary codes and without rows.
    pub(super) fn new(code: IdentityCode, male: bool, text_number: u32) -> Self {
        Self {
            code,
            former: Vec::new(),
            temporary: None,
            birth: code.birth_day(),
            male,
            text_number,
            identity: None,
            records: Vec::new(),
            lacks_code: Vec::new(),
            registered: Presence::default(),
            unregistered: Presence::default(),
            without_code: BTreeMap::new(),
        }
    }

    /// Returns the code by which `holder` knows the person on a day.
    ///
    /// Only a holder with a table of changed codes, `has_changes`, uses former codes.
    pub(super) fn code_at(&self, holder: usize, day: Day, has_changes: bool) -> RowCode {
        if let Some(TemporaryCode { code, issuer }) = self.temporary
            && issuer == holder
        {
            return RowCode { code, kind: CodeKind::Temporary };
        }
        match self.former.iter().find(|former| has_changes && day <= former.last) {
            Some(former) => RowCode { code: former.code, kind: CodeKind::Former },
            None => RowCode { code: self.code, kind: CodeKind::Newest },
        }
    }

    /// Returns the record at a holder with a row of the person.
    pub(super) fn record(&self, holder: usize) -> &Record {
        match self.records.get(holder) {
            Some(Some(record)) => record,
            _ => unreachable!("a record is made at the first row"),
        }
    }

    /// Returns the presence that a row with a code of this kind adds to.
    pub(super) fn presence(&mut self, kind: CodeKind) -> &mut Presence {
        if kind == CodeKind::Temporary { &mut self.unregistered } else { &mut self.registered }
    }

    /// Returns true if any source has a row of the person.
    pub(super) fn is_known(&self) -> bool {
        self.registered.written || self.unregistered.written || !self.without_code.is_empty()
    }
}
