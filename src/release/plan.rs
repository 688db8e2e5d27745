//! The plan of a release: what its items would cost, from the contract alone.

use serde::Serialize;

use super::error::ReleaseError;
use super::item::{Item, items};
use super::query::Query;
use crate::config::Contract;
use crate::config::raw::release::Method;
use crate::exchange::{ReleasedKind, certainty};
use salanimi_core::Id;

/// The items of a contract and what they would cost together.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// Protection of every count.
    pub protect: Method,
    /// Items, in the order of the contract.
    pub items: Vec<PlannedItem>,
    /// Under `round`: the most items that a linked dataset may release.
    pub max_items: Option<u32>,
    /// Under `noise`: the certainty that these items alone reach.
    pub certainty: Option<f64>,
    /// Under `noise`: the certainty that the contract allows.
    pub allowed: Option<f64>,
}

/// An item of a plan.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct PlannedItem {
    /// Name of the item.
    pub name: Id,
    /// Kind of the item.
    pub kind: ReleasedKind,
    /// Number of protected numbers, totals included; 0 for rows of persons.
    pub cells: usize,
    /// Cost under `noise`; 0 under `round`.
    pub cost: f64,
    /// Number of tables of numbers, which `max_items` limits under `round`.
    pub tables: usize,
}

impl Plan {
    /// Makes the plan of a contract.
    ///
    /// # Errors
    /// The contract has no release section, or an item does not fit it.
    pub fn new(contract: &Contract) -> Result<Self, ReleaseError> {
        let rules = contract.release.as_ref().ok_or(ReleaseError::NothingAgreed)?;
        let items: Vec<PlannedItem> = items(contract, rules)?.iter().map(planned).collect();
        let is_noise = rules.protect == Method::Noise;
        let cost = items.iter().map(|item| item.cost).sum();
        Ok(Self {
            protect: rules.protect,
            items,
            max_items: (!is_noise).then_some(rules.max_items),
            certainty: is_noise.then(|| certainty(cost)),
            allowed: is_noise.then_some(rules.certainty),
        })
    }
}

fn planned(item: &Item<'_>) -> PlannedItem {
    PlannedItem {
        name: item.name.clone(),
        kind: item.form.kind(),
        cells: item.queries.iter().map(Query::cells).sum(),
        cost: item.cost(),
        tables: item.tables_of_numbers(),
    }
}
