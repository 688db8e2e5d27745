//! The truth: the tables that each person is in, for the evaluation of a link; and what causes what, for that of an
//! analysis.
//!
//! Each person with a row under a registered code, usable or not, has a line with the newest code. Each person with a
//! row under a temporary code has a line with this code and its holder. The column of a table is 1 if any holder's
//! files of the table have a usable row: a valid code, not rejected, in the window and the holder's period.
//!
//! If the contract links persons without a code, a second file has a line for each person and holder with rows whose
//! code is missing or mistyped. It says whose rows they are.

use super::number::push_number;
use super::people::{Person, Presence};
use crate::study::vocabulary::SourceTable;
use salanimi_core::{Id, IdentityCode};

/// Name of the file.
pub(super) const FILE: &str = "truth.csv";

/// What the registers are made to hold, as JSON.
pub(super) const EFFECTS: (&str, &str) = ("truth.json", include_str!("truth.json"));

/// Returns the header line.
pub(super) fn header() -> Vec<u8> {
    let tables = SourceTable::ALL.map(SourceTable::name).join(";");
    format!("person;code;temporary;{tables}\n").into_bytes()
}

/// Appends the lines of a person. `number` is the person's number, `issuer` the holder of the temporary code.
pub(super) fn append(out: &mut Vec<u8>, number: u64, person: &Person, issuer: Option<&Id>) {
    if person.registered.written {
        append_line(out, number, &person.code, "", person.registered);
    }
    if let (Some(temporary), Some(issuer)) = (&person.temporary, issuer)
        && person.unregistered.written
    {
        append_line(out, number, &temporary.code, issuer.as_str(), person.unregistered);
    }
}

/// Name of the file about rows without a code, if the contract links them.
pub(super) const WITHOUT_CODE_FILE: &str = "truth_without_code.csv";

/// Returns the header line of the file about rows without a code.
pub(super) fn header_without_code() -> Vec<u8> {
    let tables = SourceTable::ALL.map(SourceTable::name).join(";");
    format!("person;code;holder;client_number;{tables}\n").into_bytes()
}

/// Appends the line of a person with rows without a usable code at a holder, which has this number of the person.
pub(super) fn append_without_code(
    out: &mut Vec<u8>,
    number: u64,
    person: &Person,
    holder: &Id,
    client: &str,
    presence: Presence,
) {
    push_number(out, number, 1);
    for text in [person.code.as_bytes(), holder.as_str().as_bytes(), client.as_bytes()] {
        out.push(b';');
        out.extend(text);
    }
    append_tables(out, presence);
}

fn append_line(out: &mut Vec<u8>, person: u64, code: &IdentityCode, issuer: &str, presence: Presence) {
    push_number(out, person, 1);
    out.push(b';');
    out.extend(code.as_bytes());
    out.push(b';');
    out.extend(issuer.as_bytes());
    append_tables(out, presence);
}

fn append_tables(out: &mut Vec<u8>, presence: Presence) {
    for table in SourceTable::ALL {
        out.extend(if presence.usable(table) { b";1" } else { b";0" });
    }
    out.push(b'\n');
}
