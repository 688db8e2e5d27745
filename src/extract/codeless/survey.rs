//! Survey of the rows without an identifier, before the extract.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fields::RowFields;
use super::join::{Record, join};
use super::rows::calendar_day;
use super::{Codeless, Resolution, SurveyCounts};
use crate::extract::error::ExtractError;
use crate::extract::people::{LocalFacts, People};
use crate::extract::prepare::{Mode, Prepared};
use crate::shared::Shared;
use crate::table::SourceError;
use salanimi_core::{
    BirthDigits, Day, LinkageFields, LinkageHashes, LocalPerson, LocalPseudonymiser, PersonScope, ProjectKeys, Sex,
};

/// What the rows of a person without an identifier say.
#[derive(Default)]
struct Observed {
    spellings: BTreeSet<LinkageFields>,
    /// As the holder writes it.
    sex_texts: BTreeSet<String>,
    sexes: BTreeSet<bool>,
    births: BTreeSet<BirthDigits>,
}

/// Persons without an identifier by what the holder knows of them, in order.
type ObservedPersons = BTreeMap<LocalPerson, Observed>;

/// Canonical identifiers of client numbers, of which some rows have none.
type Identified = HashMap<String, BTreeSet<Vec<u8>>>;

/// Finds the persons without an identifier in all sources that linkage reads.
pub(in crate::extract) fn survey(
    prepared: &Prepared,
    keys: &ProjectKeys<'_>,
) -> Result<Option<Codeless>, ExtractError> {
    let Some(linkage) = &prepared.contract.linkage else { return Ok(None) };
    let observed = codeless_rows(prepared)?;
    let identified = identified_clients(prepared, &observed)?;
    let holder = &prepared.holder.name;
    let hashes = LinkageHashes::new(keys, holder);
    let scope = PersonScope { kind: &linkage.kind, holder };
    Ok(Some(resolve(&observed, &identified, &hashes, &LocalPseudonymiser::new(keys, scope))))
}

/// Reads every row without an identifier.
fn codeless_rows(prepared: &Prepared) -> Result<ObservedPersons, ExtractError> {
    let all: Shared<ObservedPersons> = Shared::default();
    for_each_row(prepared, |people, rows, row, code| {
        if people.canonical(code).is_ok() {
            return;
        }
        let Some(person) = rows.local_person(row) else { return };
        let fields = rows.fields(row, None);
        let mut all = all.lock();
        let observed = all.entry(person).or_default();
        observed.births.extend(fields.birth());
        observed.sexes.extend(rows.sex(row).map(|sex| sex == Sex::Male));
        observed.sex_texts.extend(Some(rows.sex_text(row)).filter(|text| !text.is_empty()));
        observed.spellings.insert(fields);
    })?;
    Ok(all.into_inner())
}

/// Finds identifiers of the client numbers of rows without one.
fn identified_clients(prepared: &Prepared, observed: &ObservedPersons) -> Result<Identified, ExtractError> {
    let is_wanted = |client: &str| observed.contains_key(&LocalPerson::Client(client.to_owned()));
    let has_clients = observed.keys().any(|person| matches!(person, LocalPerson::Client(_)));
    let all: Shared<Identified> = Shared::default();
    if has_clients {
        for_each_row(prepared, |people, rows, row, code| {
            let Some(client) = rows.client(row).filter(|client| is_wanted(client)) else { return };
            if let Ok(identifier) = people.canonical(code) {
                all.lock().entry(client.to_owned()).or_default().insert(identifier);
            }
        })?;
    }
    Ok(all.into_inner())
}

/// Calls `visit` with the person column and the fields of every row that linkage reads.
fn for_each_row(
    prepared: &Prepared,
    visit: impl Fn(&People<'_>, &RowFields<'_>, usize, Option<&str>) + Sync + Send,
) -> Result<(), ExtractError> {
    for position in prepared.tables() {
        let table = &prepared.contract.tables[position];
        if table.linkage.is_none() {
            continue;
        }
        let people = prepared.people(table, Mode::DryRun(None));
        prepared.for_each_batch(position, &|path, source, reader, batch| {
            let decode = |_| SourceError::Decode { path: path.to_owned() };
            let Some(reader) = reader else { return Ok(()) };
            let Some(codes) = People::texts(table, source, &batch).map_err(decode)? else { return Ok(()) };
            let rows = reader.rows(&batch.columns).map_err(decode)?;
            for (row, code) in codes.iter().enumerate() {
                visit(&people, &rows, row, code.filter(|code| !source.notation.is_missing(code.trim())));
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Resolves each person.
fn resolve(
    observed: &ObservedPersons,
    identified: &Identified,
    hashes: &LinkageHashes,
    local: &LocalPseudonymiser,
) -> Codeless {
    let mut resolutions = HashMap::with_capacity(observed.len());
    let mut counts = SurveyCounts::default();
    let mut records = Vec::new();
    for (person, facts) in observed {
        match resolved(person, facts, identified) {
            Some(resolution) => {
                counts.refused += u64::from(matches!(resolution, Resolution::Refused));
                resolutions.insert(person.clone(), resolution);
            }
            None => records.push(Record {
                person,
                spellings: facts.spellings.iter().collect(),
                sex: only(&facts.sex_texts).map_or("", String::as_str),
            }),
        }
    }
    let groups = join(&records, hashes);
    let mut members: BTreeMap<usize, Vec<&LocalPerson>> = BTreeMap::new();
    for (record, first) in records.iter().zip(groups) {
        members.entry(first).or_default().push(record.person);
    }
    for (first, of_group) in members {
        counts.joined += of_group.len() as u64 - 1;
        let facts = LocalFacts {
            pseudonym: local.pseudonym(records[first].person),
            birth: birth(&of_group, observed),
            sex: sex(&of_group, observed),
        };
        resolutions.extend(of_group.into_iter().map(|person| (person.clone(), Resolution::Local(facts))));
    }
    Codeless { resolutions, counts }
}

/// Returns the resolution of a client number that has an identifier in another row, or stands for several persons;
/// `None` for everyone else.
fn resolved(person: &LocalPerson, observed: &Observed, identified: &Identified) -> Option<Resolution> {
    let LocalPerson::Client(number) = person else { return None };
    match identified.get(number) {
        Some(identifiers) if identifiers.len() > 1 => Some(Resolution::Refused),
        Some(identifiers) => identifiers.first().map(|identifier| Resolution::Identified(identifier.clone())),
        None => (observed.births.len() > 1).then_some(Resolution::Refused),
    }
}

/// Returns the birth date on which all records agree.
fn birth(members: &[&LocalPerson], observed: &ObservedPersons) -> Option<Day> {
    let all: BTreeSet<BirthDigits> =
        members.iter().flat_map(|person| observed[*person].births.iter().copied()).collect();
    only(&all).copied().and_then(calendar_day)
}

/// Returns the sex on which all records agree.
fn sex(members: &[&LocalPerson], observed: &ObservedPersons) -> Option<Sex> {
    let all: BTreeSet<bool> = members.iter().flat_map(|person| observed[*person].sexes.iter().copied()).collect();
    only(&all).map(|is_male| if *is_male { Sex::Male } else { Sex::Female })
}

/// Returns the only element of a set.
fn only<T: Ord>(set: &BTreeSet<T>) -> Option<&T> {
    set.first().filter(|_| set.len() == 1)
}
