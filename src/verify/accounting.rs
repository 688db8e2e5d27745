//! Accounting: do the sums of the link balance, added up again?
//!
//! GDPR article 5(1)(d) and (2): what happened to every row and person can be shown.

use super::check::{Check, Notes, Verdict};
use super::subject::{Kind, Subject};
use crate::exchange::{Accounting, Imbalance, LinkedManifest};
use crate::text::Text;

const BALANCE: &str = "accounting.balance";

pub(super) fn check(subjects: &[Subject], checks: &mut Vec<Check>) {
    for subject in subjects.iter().filter(|subject| subject.kind == Kind::Linked) {
        let mut notes = Notes { about: subject.label.clone(), checks };
        let Some(accounting) = Accounting::read(&subject.path) else {
            let missing = Text::new(
                "no readable accounting file beside the dataset; ask the linker for it",
                "aineiston vieressä ei ole luettavaa täsmäytystä; pyydä se yhdistäjältä",
            );
            notes.note(BALANCE, Verdict::NotChecked, missing);
            continue;
        };
        let named = LinkedManifest::read(&subject.path).map(|manifest| manifest.accounting);
        if Accounting::digest_of_file(&subject.path) != named {
            let other = Text::new(
                "the accounting file beside the dataset is not the one that its manifest names; ask the linker for that one",
                "aineiston vieressä oleva täsmäytys ei ole se, jonka toimitusluettelo nimeää; pyydä oikea yhdistäjältä",
            );
            notes.note(BALANCE, Verdict::Fail, other);
            continue;
        }
        let (verdict, words) = match accounting.imbalance().or_else(|| against_tables(&accounting, subject)) {
            None => {
                let (tables, persons) = (accounting.tables.len(), "persons by sex, age group and tables");
                let en = format!(
                    "{tables} tables by holder, delivery, month and area, and {persons}, add up; so do the rows of the files"
                );
                let fi = format!(
                    "{tables} taulua luovuttajittain, toimituksittain, kuukausittain ja alueittain sekä henkilöt täsmäävät, samoin tiedostojen rivit"
                );
                (Verdict::Pass, Text::new(en, fi))
            }
            Some(Imbalance { table, .. }) => {
                let what = table.map_or_else(|| Text::new("the persons", "henkilöt"), |t| Text::same(format!("'{t}'")));
                let en = format!("{} do not add up; ask the linker to link again", what.en);
                (Verdict::Fail, Text::new(en, format!("{} ei täsmää; pyydä yhdistämään uudelleen", what.fi)))
            }
        };
        notes.note(BALANCE, verdict, words);
    }
}

/// The first table whose file has other rows than were linked into it.
fn against_tables(accounting: &Accounting, subject: &Subject) -> Option<Imbalance> {
    let linked = accounting.tables.iter().map(|table| (table.table.as_str(), table.all.linked_rows));
    linked.chain([("persons", accounting.linked_persons)]).find_map(|(name, whole)| {
        let file = subject.tables.iter().find(|table| table.path.file_stem().is_some_and(|stem| stem == name));
        let parts = file.and_then(|table| table.table.rows()).unwrap_or(0);
        (parts != whole).then(|| Imbalance { table: Some(name.to_owned()), whole, parts })
    })
}
