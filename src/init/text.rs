//! The holder file as text, with comments on what was found and what is left to decide.

use std::path::Path;

use super::matching::{ColumnMatch, is_needed};
use super::source::Kind;
use super::{Described, Inputs};
use crate::config::{Column, Content, DECIDE, HOLDER_FORMAT, LinkageColumns, Role, Table};
use crate::table::{Encoding, ValueType};

/// Share of accepted cells below which the line asks for a decision.
const GOOD: f64 = 0.995;

/// Returns the text of a holder file.
pub(super) fn holder_file(inputs: &Inputs<'_>, sources: &[Described<'_>]) -> String {
    let window = inputs.contract.study.window;
    let mut text = format!(
        "# Holder file of {holder}, begun from the headers of its files. docs/configuration.md explains every key.\n\
         # Names of columns and files are copied, no cell below them.\n\
         # Answer every comment that asks to decide, and remove it. Until then only a dry run is possible:\n\
         #   salanimi extract --dry-run --contract CONTRACT --holder THIS-FILE\n\n\
         format = \"{HOLDER_FORMAT}\"\nholder = \"{holder}\"\n\n\
         {DECIDE} the period of the delivery.\n\
         [delivery]\nnumber = 1\nperiod = {{ first = \"{first}\", last = \"{last}\" }}\n",
        holder = inputs.holder,
        first = window.first,
        last = window.last,
    );
    let mut covered: Vec<&str> = Vec::new();
    for described in sources {
        let table = described.matched.table.name.as_str();
        if !covered.contains(&table) {
            covered.push(table);
            text += &coverage(inputs, described);
        }
    }
    for described in sources {
        text += &source(inputs, described);
    }
    text
}

/// Returns the section of the days for which a table is complete.
fn coverage(inputs: &Inputs<'_>, described: &Described<'_>) -> String {
    let contract = inputs.contract;
    let window = contract.study.window;
    let table = &described.matched.table.name;
    let listed = contract.holders.get(inputs.holder).and_then(|listed| listed.organisers.first());
    let organiser = match (contract.organisers[described.matched.position], listed) {
        (Some(_), Some(first)) => first.clone(),
        // Without a list of holders, nobody but the holder knows its organisers.
        (Some(_), None) if contract.holders.is_empty() => String::new(),
        _ => inputs.holder.to_string(),
    };
    format!(
        "\n{DECIDE} the days for which {table} is complete, and the organiser. Write one section for each organiser.\n\
         # Outside these days an absent event is unknown. Within them it did not happen.\n\
         [[coverage]]\norganiser = \"{organiser}\"\ntable = \"{table}\"\nfirst = \"{}\"\nlast = \"{}\"\n",
        window.first, window.last
    )
}

fn source(inputs: &Inputs<'_>, described: &Described<'_>) -> String {
    let Described { sample, matched, found, .. } = described;
    let files: Vec<String> = described.paths.iter().map(|path| relative(path, inputs.folder)).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let mut text = format!(
        "\n# {line}\n{DECIDE} whether {whose} to {table}, the table with the most matching columns.\n\
         [[sources]]\ntable = \"{table}\"\nfiles = {files}\n",
        whose = if files.len() > 1 { "the files belong" } else { "the file belongs" },
        line = "-".repeat(111),
        table = matched.table.name,
        files = list(&files),
    );
    text += &format_keys(described);
    if found.has_short_years {
        text += &format!("{DECIDE} the century of years with two digits: \"d.m.20yy\" or \"d.m.19yy\".\n");
    }
    for column in &found.unread_dates {
        text += &format!("{DECIDE} the form of the dates in {column}; no supported form fits most of them.\n");
    }
    let left: Vec<&str> = (0..sample.columns.len())
        .filter(|at| matched.is_left(*at))
        .map(|at| sample.columns[at].name.as_str())
        .collect();
    if !left.is_empty() {
        text +=
            &format!("{DECIDE} whether these columns may be ignored; they are never read.\nignore = {}\n", list(&left));
    }
    let absent: Vec<&str> = matched
        .read_columns()
        .filter(|(column, found)| found.header.is_none() && !is_needed(column) && column.role != Role::Direct)
        .map(|(column, _)| column.name.as_str())
        .collect();
    if !absent.is_empty() {
        text += &format!(
            "{DECIDE} whether the file lacks these columns; they are delivered empty.\nabsent = {}\n",
            list(&absent)
        );
    }
    text += "\n[sources.columns]\n";
    for (column, found) in matched.read_columns() {
        text += &column_line(described, column, found);
    }
    text
}

/// Returns true if linkage of persons without an identifier reads the column.
fn is_for_linkage(table: &Table, column: &Column) -> bool {
    let positions = table.linkage.map_or_else(Vec::new, LinkageColumns::positions);
    positions.iter().any(|at| table.columns[*at].name == column.name)
}

/// Returns the keys that say how the file is written.
fn format_keys(described: &Described<'_>) -> String {
    let notation = &described.found.notation;
    let dates: Vec<String> = notation.dates.iter().map(|form| String::from(*form)).collect();
    let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
    let missing: Vec<&str> = notation.missing.iter().map(String::as_str).collect();
    let mut text = match &described.sample.kind {
        Kind::Csv(format) => {
            let encoding = if format.encoding == Encoding::Utf8 { "utf-8" } else { "latin-1" };
            let delimiter = char::from(format.delimiter).to_string();
            format!(
                "format = \"csv\"\ndelimiter = {}\nencoding = \"{encoding}\"\ndecimal = \"{}\"\n",
                quoted(&delimiter),
                notation.decimal
            )
        }
        Kind::Parquet => "format = \"parquet\"\n".to_owned(),
        Kind::Sas => return "format = \"sas\"\n".to_owned(),
    };
    text += &format!("dates = {}\n", list(&dates));
    if !missing.is_empty() {
        text += &format!("{DECIDE} whether these texts stand for a missing value.\nmissing = {}\n", list(&missing));
    }
    text
}

/// Returns the line of a contract column: its header and what the cells tell, or what is to be decided.
fn column_line(described: &Described<'_>, column: &Column, found: &ColumnMatch) -> String {
    let headers = &described.sample.columns;
    let name = &column.name;
    let is_for_linkage = is_for_linkage(described.matched.table, column);
    let Some(header) = found.header else {
        let use_of_it = match (is_needed(column), is_for_linkage) {
            (true, _) => "which is required",
            (false, true) => "which linkage without codes reads; take it out of `ignore`",
            (false, false) => return String::new(),
        };
        let closest = match found.closest {
            Some(at) => format!("; the closest header is {}", quoted(&headers[at].name)),
            None => String::new(),
        };
        return format!("{DECIDE} the header of {name} ({}), {use_of_it}{closest}\n# {name} = \"\"\n", kind(column));
    };
    let told = match (column.role, found.accepted) {
        (Role::Direct, _) if is_for_linkage => "  # direct: read for linkage without codes, never delivered".to_owned(),
        (Role::Direct, _) => "  # direct: never read".to_owned(),
        (_, Some(share)) if share < GOOD => {
            let percent = (100.0 * share).floor();
            let remedy = match column.rules().map(|rules| &rules.value) {
                Some(ValueType::Code(_)) => "; give the others under [sources.codes]",
                _ => "",
            };
            format!("  {DECIDE} the contract accepts {percent} % of the first cells as {}{remedy}", kind(column))
        }
        _ => String::new(),
    };
    format!("{name} = {}{told}\n", quoted(&headers[header].name))
}

fn kind(column: &Column) -> String {
    match &column.content {
        Content::Person(kind) => format!("identifier {kind}"),
        Content::Reference(..) => "reference".to_owned(),
        Content::Direct => "direct identifier".to_owned(),
        Content::Value(rules) => rules.value.name().to_owned(),
        Content::Derived(_) => "derived".to_owned(),
    }
}

/// Returns a path as the holder file names it: from its folder if it lies there, otherwise from the root.
fn relative(path: &Path, folder: &Path) -> String {
    let [path, folder] = [path, folder].map(|path| path.canonicalize().map_or(path.to_owned(), |found| found));
    path.strip_prefix(&folder).map_or(path.as_path(), |inside| inside).display().to_string()
}

/// Returns a text as TOML writes it on one line: a header can hold a line break.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\u{:04X}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn list(texts: &[&str]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}
