//! Resolution of the tables as written, against the definitions that they refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::error::Problem;
use super::super::raw::contract::{self as raw, Cell, Derive, Role};
use super::super::raw::linkage::LinkageColumns as RawColumns;
use super::linkage::LinkageColumns;
use super::types::{Column, Content, Derived, PSEUDONYM, Table};
use crate::table::{CodeMap, Codes, Field, Groups, InForce, Rules, Transform, ValueType};
use salanimi_core::{Id, Syntax};

/// Definitions in other sections of the contract that its tables refer to.
pub(in crate::config) struct Definitions<'a> {
    pub identifiers: &'a BTreeMap<Id, Syntax>,
    pub mappings: &'a BTreeMap<Id, CodeMap>,
}

/// The place of a problem, and the problem.
pub(in crate::config) type Located = (String, Problem);

impl Definitions<'_> {
    /// Resolves a table. `linked` holds its transforms in the linked dataset.
    pub fn table(&self, raw: &raw::Table, linked: Option<&BTreeMap<Id, raw::Transform>>) -> Result<Table, Located> {
        let columns = self.columns(raw)?;
        let mut table = unlinked(raw, columns).map_err(|problem| at_table(raw, problem))?;
        table.linked = self
            .linked(&table.fields, linked)
            .map_err(|(column, problem)| (format!("linked '{}', column '{column}'", raw.name), problem))?;
        Ok(table)
    }

    fn columns(&self, table: &raw::Table) -> Result<Vec<Column>, Located> {
        let mut columns: Vec<Column> = Vec::with_capacity(table.columns.len());
        for raw in &table.columns {
            let name = &raw.name;
            if columns.iter().any(|column| column.name == *name) || name.as_str() == PSEUDONYM {
                return Err(at_table(table, Problem::Twice { name: name.to_string() }));
            }
            let column = self.column(table, raw);
            columns.push(column.map_err(|problem| (format!("table '{}', column '{name}'", table.name), problem))?);
        }
        Ok(columns)
    }

    fn column(&self, table: &raw::Table, raw: &raw::Column) -> Result<Column, Problem> {
        let content = self.content(table, raw)?;
        let mut column = Column {
            name: raw.name.clone(),
            role: raw.role,
            content,
            in_force: self.in_force(raw)?,
            invalid: raw.invalid,
            area: raw.area,
            deliver: None,
        };
        column.deliver = match (column.value(), &raw.deliver) {
            (None, Some(_)) => return Err(Problem::DoesNotApply { key: "deliver" }),
            (None, None) | (_, Some(raw::Transform::Drop)) => None,
            (Some(_), None) => Some(Transform::Keep),
            (Some(value), Some(transform)) => Some(self.transform(transform, &value, |name| {
                table.columns.iter().position(|c| c.name == *name && c.cell == Some(Cell::Date))
            })?),
        };
        if column.area && column.value().is_none() {
            return Err(Problem::DoesNotApply { key: "area" });
        }
        Ok(column)
    }

    fn content(&self, table: &raw::Table, raw: &raw::Column) -> Result<Content, Problem> {
        only_where_it_applies(raw)?;
        match (raw.role, raw.derive) {
            (Role::Person, _) => {
                let kind = raw.kind.clone().ok_or(Problem::MissingKey { key: "kind" })?;
                let known = self.identifiers.contains_key(&kind);
                if known { Ok(Content::Person(kind)) } else { Err(Problem::Unknown { name: kind.to_string() }) }
            }
            (Role::Reference, _) => {
                let label = raw.label.clone().ok_or(Problem::MissingKey { key: "label" })?;
                Ok(Content::Reference(label, Rules { required: raw.required, ..Rules::new(ValueType::Text) }))
            }
            (Role::Direct, _) => Ok(Content::Direct),
            (_, Some(derive)) => self.derived(table, raw, derive).map(Content::Derived),
            (_, None) => self.rules(raw).map(Content::Value),
        }
    }

    fn derived(&self, table: &raw::Table, raw: &raw::Column, derive: Derive) -> Result<Derived, Problem> {
        let kinds = table.columns.iter().filter(|c| c.role == Role::Person).filter_map(|c| c.kind.as_ref());
        if kinds.into_iter().any(|kind| !matches!(self.identifiers.get(kind), Some(Syntax::Hetu))) {
            return Err(Problem::DoesNotApply { key: "derive" });
        }
        match derive {
            Derive::BirthYear => Ok(Derived::BirthYear),
            Derive::Sex => Ok(Derived::Sex),
            Derive::AgeMonths => {
                let name = raw.at.as_ref().ok_or(Problem::MissingKey { key: "at" })?;
                let at = table.columns.iter().position(|c| c.name == *name && is_dated(c));
                at.map(|at| Derived::AgeMonths { at }).ok_or_else(|| not_dated(name))
            }
        }
    }

    fn rules(&self, raw: &raw::Column) -> Result<Rules, Problem> {
        let value = match raw.cell.ok_or(Problem::MissingKey { key: "type" })? {
            Cell::Code => ValueType::Code(self.codes(raw)?),
            Cell::Date => ValueType::Date,
            Cell::Month => ValueType::Month,
            Cell::Decimal => ValueType::Decimal { scale: scale(raw.scale)? },
            Cell::Integer => ValueType::Integer,
            Cell::Flag => ValueType::Flag,
            Cell::Text => ValueType::Text,
        };
        let pattern = match (&value, &raw.pattern) {
            (ValueType::Text, None) => return Err(Problem::MissingKey { key: "pattern" }),
            (_, None) => None,
            (_, Some(pattern)) => Some(regex::Regex::new(&format!("^(?:{pattern})$")).map_err(|_| Problem::Pattern)?),
        };
        if let (Some(min), Some(max)) = (raw.min, raw.max)
            && min > max
        {
            return Err(Problem::EmptyRange);
        }
        Ok(Rules { pattern, min: raw.min, max: raw.max, required: raw.required, ..Rules::new(value) })
    }

    fn codes(&self, raw: &raw::Column) -> Result<Arc<Codes>, Problem> {
        match (&raw.codes, &raw.codes_from) {
            (Some(codes), None) if !are_codes(codes) => Err(Problem::Codes),
            (Some(codes), None) => Codes::new(codes.iter().cloned()).ok_or(Problem::TooManyCodes),
            (None, Some(name)) => self.mapping(name).map(|map| map.from().clone()),
            (None, None) => Err(Problem::MissingKey { key: "codes" }),
            (Some(_), Some(_)) => Err(Problem::DoesNotApply { key: "codes_from" }),
        }
    }

    /// Returns the days on which the column's codes are in force, if its mapping states them.
    fn in_force(&self, raw: &raw::Column) -> Result<Option<InForce>, Problem> {
        let mapping = raw.codes_from.as_ref().map(|name| self.mapping(name)).transpose()?;
        Ok(mapping.and_then(|mapping| mapping.in_force().cloned()))
    }

    fn mapping(&self, name: &Id) -> Result<&CodeMap, Problem> {
        self.mappings.get(name).ok_or_else(|| Problem::Unknown { name: name.to_string() })
    }

    fn transform(
        &self,
        raw: &raw::Transform,
        input: &ValueType,
        date: impl Fn(&Id) -> Option<usize>,
    ) -> Result<Transform, Problem> {
        let transform = match raw {
            raw::Transform::Drop => Transform::Keep,
            raw::Transform::Month => Transform::Month,
            raw::Transform::Year => Transform::Year,
            raw::Transform::DaysAfter(name) => {
                let column = date(name).ok_or(Problem::WrongType { name: name.to_string(), expected: "date" })?;
                Transform::DaysAfter { column }
            }
            raw::Transform::Band(0) => return Err(Problem::Band),
            raw::Transform::Band(width) => Transform::Band { width: *width },
            raw::Transform::Groups { edges, per } => {
                Transform::Groups(Groups::new(edges.clone(), *per).ok_or(Problem::Groups)?)
            }
            raw::Transform::Top(most) => Transform::Top { most: *most },
            raw::Transform::Map(name) => Transform::Map(self.mapping(name)?.clone()),
        };
        transform.output(input)?;
        Ok(transform)
    }

    fn linked(
        &self,
        fields: &[Field],
        transforms: Option<&BTreeMap<Id, raw::Transform>>,
    ) -> Result<Vec<Option<Transform>>, (Id, Problem)> {
        let mut linked: Vec<Option<Transform>> = fields[1..].iter().map(|_| Some(Transform::Keep)).collect();
        for (name, transform) in transforms.into_iter().flatten() {
            let position = fields[1..].iter().position(|f| f.name == name.as_str());
            let position = position.ok_or_else(|| (name.clone(), Problem::Unknown { name: name.to_string() }))?;
            linked[position] = match transform {
                raw::Transform::Drop => None,
                other => {
                    let transform = self.transform(other, &fields[position + 1].value, |date| {
                        fields.iter().position(|f| f.name == date.as_str() && f.value == ValueType::Date)
                    });
                    Some(transform.map_err(|problem| (name.clone(), problem))?)
                }
            };
        }
        Ok(linked)
    }
}

fn at_table(raw: &raw::Table, problem: Problem) -> Located {
    (format!("table '{}'", raw.name), problem)
}

/// Resolves a table whose linked form is not known yet.
fn unlinked(raw: &raw::Table, columns: Vec<Column>) -> Result<Table, Problem> {
    let person = person(&columns)?;
    let (fields, sources) = fields(&columns)?;
    let window = raw.window.as_ref().map(|name| window(&columns, name)).transpose()?;
    let unique = unique(raw, &columns, person, &sources)?;
    let linkage = raw.linkage.as_ref().map(|named| linkage_columns(named, &columns)).transpose()?;
    Ok(Table {
        name: raw.name.clone(),
        columns,
        fields,
        sources,
        linked: Vec::new(),
        person,
        unique,
        duplicates: raw.duplicates,
        window,
        linkage,
    })
}

/// Resolves the columns of a table that linkage reads.
fn linkage_columns(raw: &RawColumns, columns: &[Column]) -> Result<LinkageColumns, Problem> {
    let place = |name: &Option<Id>| -> Result<Option<usize>, Problem> {
        let Some(name) = name else { return Ok(None) };
        match columns.iter().position(|column| column.name == *name) {
            None => Err(Problem::not_among(name, columns.iter().map(|column| &column.name))),
            Some(at) if matches!(columns[at].content, Content::Direct) => Ok(Some(at)),
            Some(_) => Err(Problem::WrongType { name: name.to_string(), expected: "direct" }),
        }
    };
    let found = LinkageColumns {
        given: place(&raw.given)?,
        surname: place(&raw.surname)?,
        birth: place(&raw.birth)?,
        sex: place(&raw.sex)?,
        postcode: place(&raw.postcode)?,
        street: place(&raw.street)?,
        client: place(&raw.client)?,
    };
    let mut positions = found.positions();
    positions.sort_unstable();
    if let Some(twice) = positions.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Problem::FieldTwice { name: columns[twice[0]].name.to_string() });
    }
    match (found.given, found.surname, found.client) {
        (Some(_), None, _) => Err(Problem::MissingKey { key: "surname" }),
        (None, Some(_), _) => Err(Problem::MissingKey { key: "given" }),
        (None, None, None) => Err(Problem::MissingKey { key: "client" }),
        _ => Ok(found),
    }
}

/// Returns the position of the one person column.
fn person(columns: &[Column]) -> Result<usize, Problem> {
    let persons: Vec<usize> =
        (0..columns.len()).filter(|&at| matches!(columns[at].content, Content::Person(_))).collect();
    match persons.as_slice() {
        [person] => Ok(*person),
        _ => Err(Problem::OnePerson { found: persons.len() }),
    }
}

/// Returns the delivered fields and, for each after the pseudonym, the position of its column.
fn fields(columns: &[Column]) -> Result<(Vec<Field>, Vec<usize>), Problem> {
    let mut fields = vec![Field { name: PSEUDONYM.into(), value: ValueType::Pseudonym }];
    let mut sources = Vec::new();
    for (position, column) in columns.iter().enumerate() {
        if let (Some(value), Some(transform)) = (column.value(), &column.deliver) {
            fields.push(Field { name: column.name.to_string(), value: transform.output(&value)? });
            sources.push(position);
        }
    }
    Ok((fields, sources))
}

fn window(columns: &[Column], name: &Id) -> Result<usize, Problem> {
    let position = columns.iter().position(|c| c.name == *name && c.value().as_ref().is_some_and(ValueType::is_dated));
    position.ok_or_else(|| not_dated(name))
}

fn unique(raw: &raw::Table, columns: &[Column], person: usize, sources: &[usize]) -> Result<Vec<usize>, Problem> {
    let mut keys = Vec::new();
    for name in &raw.unique {
        let column = columns.iter().position(|c| c.name == *name);
        let column = column.ok_or_else(|| Problem::Unknown { name: name.to_string() })?;
        if column == person {
            continue;
        }
        let kept = columns[column].deliver == Some(Transform::Keep);
        let field = sources.iter().position(|&s| s == column).filter(|_| kept);
        keys.push(field.ok_or_else(|| Problem::KeyNotDelivered { name: name.to_string() })? + 1);
    }
    if raw.unique.contains(&columns[person].name) { Ok(keys) } else { Err(Problem::KeyWithoutPerson) }
}

fn is_dated(column: &raw::Column) -> bool {
    matches!(column.cell, Some(Cell::Date | Cell::Month))
}

fn not_dated(name: &Id) -> Problem {
    Problem::WrongType { name: name.to_string(), expected: "date or month" }
}

fn scale(scale: Option<i8>) -> Result<i8, Problem> {
    let scale = scale.unwrap_or(raw::SCALE);
    if (0..=9).contains(&scale) { Ok(scale) } else { Err(Problem::Scale) }
}

/// Refuses a key that would have no effect.
fn only_where_it_applies(raw: &raw::Column) -> Result<(), Problem> {
    let value = raw.derive.is_none() && matches!(raw.role, Role::Quasi | Role::Sensitive | Role::Attribute);
    let number = matches!(raw.cell, Some(Cell::Integer | Cell::Decimal));
    let checks = [
        ("kind", raw.kind.is_some(), raw.role == Role::Person),
        ("label", raw.label.is_some(), raw.role == Role::Reference),
        ("type", raw.cell.is_some(), value),
        ("codes", raw.codes.is_some(), raw.cell == Some(Cell::Code)),
        ("codes_from", raw.codes_from.is_some(), raw.cell == Some(Cell::Code)),
        ("pattern", raw.pattern.is_some(), raw.cell == Some(Cell::Text)),
        ("scale", raw.scale.is_some(), raw.cell == Some(Cell::Decimal)),
        ("min", raw.min.is_some(), number),
        ("max", raw.max.is_some(), number),
        ("required", raw.required, value || raw.role == Role::Reference),
        ("derive", raw.derive.is_some(), !matches!(raw.role, Role::Person | Role::Reference | Role::Direct)),
        ("at", raw.at.is_some(), raw.derive == Some(Derive::AgeMonths)),
    ];
    match checks.into_iter().find(|&(_, given, applies)| given && !applies) {
        Some((key, ..)) => Err(Problem::DoesNotApply { key }),
        None => Ok(()),
    }
}
/// Returns true if a list has codes, each once, and none that is empty or has a space around it.
fn are_codes(codes: &[String]) -> bool {
    let different: BTreeSet<&String> = codes.iter().collect();
    !codes.is_empty()
        && different.len() == codes.len()
        && codes.iter().all(|code| !code.is_empty() && code.trim() == code)
}
