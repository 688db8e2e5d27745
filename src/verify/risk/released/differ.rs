//! Differencing: tables with the same labels of which few cells differ, and by few persons.

use std::collections::HashMap;

use super::sheet::{CellColumn, Sheet};
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use crate::verify::risk::findings::DIFFERENCING;
use crate::verify::risk::limits::Limits;
use crate::verify::subject::listed;

/// Most cells that are compared, over all pairs of tables.
const MOST_COMPARED: usize = 1 << 26;

/// Labels of a row, with the names of their columns.
type Key<'a> = Vec<(&'a str, &'a str)>;

/// A table whose rows are found by their labels.
struct Keyed<'a> {
    sheet: &'a Sheet<'a>,
    label_names: Vec<&'a str>,
    rows: HashMap<Key<'a>, usize, ahash::RandomState>,
}

impl<'a> Keyed<'a> {
    /// Returns the table; `None` if two rows have the same labels.
    fn new(sheet: &'a Sheet<'a>) -> Option<Self> {
        let rows: HashMap<Key<'a>, usize, ahash::RandomState> =
            (0..sheet.rows).map(|row| (sheet.key(row), row)).collect();
        (rows.len() == sheet.rows).then(|| Self { sheet, label_names: sheet.label_names(), rows })
    }
}

/// Result of the comparison of two tables, over their inner cells.
#[derive(Debug, Default, PartialEq, Eq)]
struct Comparison {
    equal: usize,
    /// Cells that differ by fewer persons than the least cell.
    close: usize,
    apart: usize,
}

/// Result of the comparison of all tables of a subject.
struct Pairs {
    /// Labels of the pairs whose difference discloses few persons.
    disclosing: Vec<String>,
    compared: usize,
    /// Pairs that are not compared, because there are too many cells.
    skipped: usize,
}

impl Pairs {
    fn new(sheets: &[Sheet<'_>], min_cell: i64) -> Self {
        let tables = sheets.iter().filter(|sheet| !sheet.counts.is_empty());
        let tables: Vec<Keyed<'_>> = tables.filter_map(Keyed::new).collect();
        let mut pairs = Self { disclosing: Vec::new(), compared: 0, skipped: 0 };
        let mut left = MOST_COMPARED;
        for (number, one) in tables.iter().enumerate() {
            for other in tables[number + 1..].iter().filter(|other| other.label_names == one.label_names) {
                let cells = one.sheet.rows * one.sheet.counts.len();
                if cells > left {
                    pairs.skipped += 1;
                    continue;
                }
                left -= cells;
                pairs.compared += 1;
                if compare(one, other, min_cell).is_disclosing() {
                    pairs.disclosing.push(format!("{} – {}", one.sheet.table.label, other.sheet.table.label));
                }
            }
        }
        pairs
    }
}

/// Reports the pairs of a subject's tables whose difference discloses few persons.
pub(super) fn note(sheets: &[Sheet<'_>], limits: &Limits, notes: &mut Notes<'_>) {
    let pairs = Pairs::new(sheets, i64::from(limits.thresholds.min_cell));
    if pairs.compared + pairs.skipped == 0 {
        let none = Text::new(
            "no two tables have the same labels",
            "millään kahdella taulukolla ei ole samoja luokkia",
            "inga två tabeller har samma klasser",
        );
        notes.note(DIFFERENCING, limits.unless_unread(Verdict::NotApplicable), none);
        return;
    }
    let verdict = match pairs.disclosing.is_empty() {
        true if pairs.skipped > 0 => Verdict::NotChecked,
        is_within => limits.verdict(!is_within),
    };
    notes.note(DIFFERENCING, verdict, limits.qualified(evidence(&pairs, limits)));
}

fn evidence(pairs: &Pairs, limits: &Limits) -> Text {
    let Pairs { disclosing, compared, skipped } = pairs;
    let tables = listed(disclosing);
    let min_cell = limits.thresholds.min_cell;
    let mut parts = vec![match disclosing.is_empty() {
        true => Text::new(
            format!("pairs of tables compared: {compared}; none nearly agrees"),
            format!("verrattuja taulukkopareja: {compared}; mikään pari ei ole lähes sama"),
            format!("jämförda tabellpar: {compared}; inget par är nästan lika"),
        ),
        false => Text::new(
            format!("most cells agree and some differ by fewer than {min_cell} persons: {}", tables.en),
            format!("useimmat solut ovat samat ja jotkin eroavat alle {min_cell} henkilöllä: {}", tables.fi),
            format!("de flesta celler är lika och några skiljer sig med färre än {min_cell} personer: {}", tables.sv),
        ),
    }];
    if *skipped > 0 {
        parts.push(Text::new(
            format!("pairs not compared, because there are too many cells: {skipped}"),
            format!("pareja vertaamatta, koska soluja on liikaa: {skipped}"),
            format!("par som inte jämfördes, eftersom cellerna är för många: {skipped}"),
        ));
    }
    Text::join(&parts, "; ")
}

/// Compares the columns of counts that two tables share.
fn compare(one: &Keyed<'_>, other: &Keyed<'_>, min_cell: i64) -> Comparison {
    let mut comparison = Comparison::default();
    for column in &one.sheet.counts {
        let Some(twin) = twin(column, one.sheet, other.sheet) else { continue };
        for (key, &row) in &one.rows {
            // Totals repeat the differences of their parts.
            let is_inner = key.len() == one.label_names.len();
            let Some(&other_row) = other.rows.get(key).filter(|_| is_inner) else { continue };
            let Some((a, b)) = column.cells[row].count().zip(twin.cells[other_row].count()) else { continue };
            match (a - b).abs() {
                0 if a == 0 => {}
                0 => comparison.equal += 1,
                difference if difference < min_cell => comparison.close += 1,
                _ => comparison.apart += 1,
            }
        }
    }
    comparison
}

/// Returns the column of `other` with the name of `column`, or the only columns of counts of both.
fn twin<'a>(column: &CellColumn, sheet: &Sheet<'_>, other: &'a Sheet<'_>) -> Option<&'a CellColumn> {
    match (sheet.counts.len(), &other.counts[..]) {
        (1, [only]) => Some(only),
        _ => other.counts.iter().find(|twin| twin.name.text == column.name.text),
    }
}

impl Comparison {
    /// Returns true if at least half of the cells are equal, and some differ by few persons.
    fn is_disclosing(&self) -> bool {
        self.close > 0 && self.equal >= self.close + self.apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_that_nearly_agree_disclose_few_persons() {
        assert!(Comparison { equal: 1, close: 1, apart: 0 }.is_disclosing());
        assert!(!Comparison { equal: 5, close: 0, apart: 2 }.is_disclosing());
        assert!(!Comparison { equal: 1, close: 2, apart: 9 }.is_disclosing());
    }
}
