use super::table::TextTable;
use crate::study::synth::Summary;

/// What `synth` made, in words.
#[must_use]
pub fn synthesised(made: &Summary) -> String {
    let holders: Vec<&str> = made.holders.iter().map(salanimi_core::Id::as_str).collect();
    let mut text = format!(
        "SYNTHETIC registers of {} people for {}; {} people have temporary codes only; {} MB\n",
        made.persons,
        holders.join(", "),
        made.temporary,
        made.bytes / 1_000_000
    );
    let mut tables = TextTable::new(&["table", "source rows"]);
    made.rows.iter().for_each(|(table, rows)| tables.row([(*table).to_owned(), rows.to_string()]));
    text += &tables.render();
    text
}
