//! Persons, and the codes by which holders know them.

use super::vocabulary::Table;
use salanimi_core::IdentityCode;

/// A synthetic person.
pub(super) struct Person {
    /// The newest registered code.
    pub(super) code: IdentityCode,
    /// Earlier codes, each with the last day on which it was valid.
    pub(super) earlier: Vec<(i32, IdentityCode)>,
    /// The one holder that knows the person by a temporary code.
    pub(super) temporary: Option<(usize, IdentityCode)>,
    pub(super) birth: i32,
    pub(super) male: bool,
    /// Decides names and address; the lowest bit tells a man.
    pub(super) drawn: u32,
    /// Rows under registered codes.
    pub(super) registered: Traces,
    /// Rows under the temporary code.
    pub(super) unregistered: Traces,
}

/// Where rows of a person stand.
#[derive(Clone, Copy, Default)]
pub(super) struct Traces {
    /// Whether any row was written, usable or not.
    pub(super) written: bool,
    tables: u8,
}

/// By which code a row names a person.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Newest,
    Earlier,
    Temporary,
}

impl Traces {
    pub(super) fn usable(self, table: Table) -> bool {
        self.tables >> (table as u8) & 1 == 1
    }

    pub(super) fn leave(&mut self, table: Table, usable: bool) {
        self.written = true;
        self.tables |= u8::from(usable) << (table as u8);
    }
}

impl Person {
    /// The code by which `holder` knows the person on a day. Only a holder with a table of changed codes has old ones.
    pub(super) fn code_at(&self, holder: usize, day: i32, has_changes: bool) -> (IdentityCode, Standing) {
        match self.temporary {
            Some((giver, code)) if giver == holder => return (code, Standing::Temporary),
            _ => {}
        }
        let earlier = self.earlier.iter().find(|(last, _)| has_changes && day <= *last);
        earlier.map_or((self.code, Standing::Newest), |(_, code)| (*code, Standing::Earlier))
    }

    /// The traces that a row with a code of this standing leaves.
    pub(super) fn traces(&mut self, standing: Standing) -> &mut Traces {
        if standing == Standing::Temporary { &mut self.unregistered } else { &mut self.registered }
    }

    /// Whether any source knows the person.
    pub(super) fn is_known(&self) -> bool {
        self.registered.written || self.unregistered.written
    }
}
