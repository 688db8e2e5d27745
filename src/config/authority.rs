//! The authority of a holder: what it may state, by the contract.

use std::collections::BTreeSet;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::UInt16Type;

use super::contract::{Contract, ListedHolder};
use super::parties::can_be_organiser;
use crate::table::ValueType;
use salanimi_core::Id;

/// What one holder may state, according to the contract.
#[derive(Clone, Copy)]
pub struct Authority<'a> {
    contract: &'a Contract,
    holder: &'a Id,
    listed: Option<&'a ListedHolder>,
}

impl Contract {
    /// Returns what `holder` may state. A contract that lists no holders lets everyone deliver every table, and speak
    /// for every organiser that its columns accept.
    #[must_use]
    pub fn authority<'a>(&'a self, holder: &'a Id) -> Authority<'a> {
        Authority { contract: self, holder, listed: self.holders.get(holder) }
    }
}

impl Authority<'_> {
    /// Returns true if the holder may deliver the table at position `table`.
    #[must_use]
    pub fn may_deliver(&self, table: usize) -> bool {
        match self.listed {
            Some(listed) => listed.tables.contains(&self.contract.tables[table].name),
            None => self.contract.holders.is_empty(),
        }
    }

    /// Returns true if the holder may speak for `organiser`: it always may for itself.
    #[must_use]
    pub fn may_speak_for(&self, organiser: &str) -> bool {
        let by_contract = match self.listed {
            Some(listed) => listed.organisers.iter().any(|known| known == organiser),
            None => {
                self.contract.holders.is_empty()
                    && can_be_organiser(&self.contract.tables, &self.contract.organisers, organiser)
            }
        };
        by_contract || organiser == self.holder.as_str()
    }

    /// Returns the organisers that the rows of the table at position `table` may name. Returns `None` if the contract
    /// names no column of organisers for the table, or lists no holders.
    #[must_use]
    pub fn own_organisers(&self, table: usize) -> Option<OwnOrganisers> {
        let listed = self.listed?;
        let field = self.contract.organisers[table]?;
        let is_own = |organiser: &String| self.may_speak_for(organiser);
        Some(match &self.contract.tables[table].fields[field].value {
            ValueType::Code(codes) => OwnOrganisers::Codes(codes.values().iter().map(is_own).collect()),
            _ => {
                let own = listed.organisers.iter().cloned().chain([self.holder.to_string()]);
                OwnOrganisers::Texts(own.collect())
            }
        })
    }
}

/// The organisers that a holder's rows may name.
pub enum OwnOrganisers {
    /// For each code of the column, `true` if it is one.
    Codes(Vec<bool>),
    /// Their texts.
    Texts(BTreeSet<String>),
}

impl OwnOrganisers {
    /// Returns, for each row of `column`, `true` if it names another organiser. The column is in memory form.
    #[must_use]
    pub fn others(&self, column: &ArrayRef) -> Vec<bool> {
        match self {
            Self::Codes(own) => {
                let codes = column.as_primitive::<UInt16Type>().iter();
                codes.map(|code| code.is_some_and(|code| !own[usize::from(code)])).collect()
            }
            Self::Texts(own) => {
                let texts = column.as_string::<i32>().iter();
                texts.map(|text| text.is_some_and(|text| !own.contains(text))).collect()
            }
        }
    }
}
