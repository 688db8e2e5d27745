//! The truth: who is where, for whoever checks a link against it.
//!
//! One line for each person with a usable or unusable row under a registered code, with the newest code, and one for
//! each person whom a holder knows by a temporary code, with that holder. A table's column is 1 if a row with a usable
//! code, not rejected, in the window and the holder's period, stands in any holder's files of that table.

use super::people::{Person, Traces};
use super::plan::Holder;
use super::render::number;
use super::vocabulary::Table;
use salanimi_core::IdentityCode;

/// The file's name.
pub(super) const FILE: &str = "truth.csv";

/// The header line.
pub(super) fn header() -> Vec<u8> {
    let tables = Table::ALL.map(Table::name).join(";");
    format!("person;code;temporary;{tables}\n").into_bytes()
}

/// Appends what is true of a person; `person` is their number.
pub(super) fn write(out: &mut Vec<u8>, holders: &[Holder], number: u64, person: &Person) {
    if person.registered.written {
        line(out, number, &person.code, "", person.registered);
    }
    if let Some((holder, code)) = &person.temporary
        && person.unregistered.written
    {
        line(out, number, code, holders[*holder].id.as_str(), person.unregistered);
    }
}

fn line(out: &mut Vec<u8>, person: u64, code: &IdentityCode, holder: &str, traces: Traces) {
    number(out, person, 1);
    out.push(b';');
    out.extend(code.as_bytes());
    out.push(b';');
    out.extend(holder.as_bytes());
    for table in Table::ALL {
        out.extend(if traces.usable(table) { b";1" } else { b";0" });
    }
    out.push(b'\n');
}
