//! Tables that can be opened and read to the end.

use super::super::check::{Check, Notes, Verdict};
use super::super::residue::TablesRead;
use super::super::subject::{Kind, Subject, listed};
use crate::text::Text;

const READABLE: &str = "integrity.readable";

/// Checks that every table file can be opened as a table.
pub(super) fn readable(subject: &Subject, notes: &mut Notes<'_>) {
    let unreadable = subject.unreadable.len();
    let all = subject.tables.len() + unreadable;
    if let Some((_, error)) = subject.unreadable.first() {
        let en = format!("{unreadable} of {all} tables cannot be opened; the first: {error}");
        let fi = format!("{unreadable}/{all} taulua ei voi avata; ensimmäinen: {error}");
        let sv = format!("{unreadable} av {all} tabeller kan inte öppnas; den första: {error}");
        notes.note(READABLE, Verdict::Fail, Text::new(en, fi, sv));
    } else if all == 0 && subject.kind == Kind::Tables {
        let evidence = Text::new(
            "no CSV or Parquet table found",
            "CSV- tai Parquet-taulua ei ole",
            "det finns ingen CSV- eller Parquet-tabell",
        );
        notes.note(READABLE, Verdict::Fail, evidence);
    } else if all > 0 {
        notes.note(
            READABLE,
            Verdict::Pass,
            Text::new(format!("{all} tables"), format!("{all} taulua"), format!("{all} tabeller")),
        );
    }
}

/// Reports tables that opened, but whose rows cannot all be read. Other checks did not see them whole.
pub(in crate::verify) fn unread(subjects: &[Subject], read: &[TablesRead], checks: &mut Vec<Check>) {
    let unread = read.iter().map(|read| &read.unread);
    for (subject, tables) in subjects.iter().zip(unread).filter(|(_, tables)| !tables.is_empty()) {
        checks.retain(|check| check.name != READABLE || check.about != subject.label || check.verdict == Verdict::Fail);
        let names = listed(tables);
        let evidence = Text::new(
            format!("rows of {} cannot be read and were not checked; ask for the data again", names.en),
            format!("taulun {} rivejä ei voi lukea, eikä niitä tarkastettu; pyydä aineisto uudelleen", names.fi),
            format!("raderna i {} kan inte läsas och kontrollerades inte; be om datamaterialet på nytt", names.sv),
        );
        Notes { about: subject.label.clone(), checks }.note(READABLE, Verdict::Fail, evidence);
    }
}
