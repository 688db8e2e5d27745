//! The contract's section `[release]` as it is written: the results that may leave the secure environment.

mod columns;
mod items;
mod retired;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crypto::Digest;
pub use columns::{Between, Bound, Hierarchy, Known, Listed, Members, Period, Range};
pub use items::{
    Condition, Counted, Curve, Dimension, First, Flow, FrequencyTable, Level, Microdata, Picture, PictureKind, Rates,
    Sum,
};
use retired::{Retired, retired_dominance, retired_rounding, retired_seed};
use salanimi_core::Id;

/// Default of `base`, in persons.
const BASE: u32 = 5;
/// Default of `noise`, in persons.
const NOISE: f64 = 5.0;
/// Default of `certainty`.
const CERTAINTY: f64 = 0.8;
/// Default of `max_items`, and its largest value.
pub const MAX_ITEMS: u32 = 30;
/// Default of `max_datasets`, and its largest value.
pub const MAX_DATASETS: u32 = 4;
/// Default of `design_effect`.
const DESIGN_EFFECT: f64 = 1.2;

/// Results of a linked dataset that may leave the secure environment.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Protection of every count: `round` or `noise`. Default: `round`.
    #[serde(default)]
    pub protect: Method,
    /// Every released count is a multiple of it, in persons. From 3 to 1,000, and at least `min_cell` of `[limits]`.
    /// Default: 5.
    #[serde(default = "base")]
    pub base: u32,
    /// Under `noise`: standard deviation of the noise, in persons. Default: 5.
    #[serde(default = "noise")]
    pub noise: f64,
    /// Under `noise`: the largest chance, over all that the study ever releases, that somebody who knows everyone else
    /// is right about one person. Above 0.5, at most 0.95. Default: 0.8.
    #[serde(default = "certainty")]
    pub certainty: f64,
    /// Under `round`: the most items that one linked dataset may release. At most 30. Default: 30.
    #[serde(default = "max_items")]
    pub max_items: u32,
    /// Under `round`: the most linked datasets of the study that may release anything. At most 4. Default: 4.
    #[serde(default = "max_datasets")]
    pub max_datasets: u32,
    /// Fingerprint of the release key, as `salanimi key fingerprint` prints it. Needed to release anything.
    pub key: Option<String>,
    /// Factor by which clustering of rows by person widens the intervals of rates. At least 1. Default: 1.2.
    #[serde(default = "design_effect")]
    pub design_effect: f64,
    /// Column → the values that it can have, for columns whose values follow from nothing else in the contract.
    /// Default: none.
    #[serde(default)]
    pub labels: BTreeMap<Id, Listed>,
    /// Column → levels of generalisation. Default: none.
    #[serde(default)]
    pub hierarchies: BTreeMap<Id, Hierarchy>,
    /// Table → column → when the value is known, for the tables of the sources. A curve is split by columns that are
    /// known at its time zero only. Default: none.
    #[serde(default)]
    pub known: BTreeMap<Id, BTreeMap<Id, Known>>,
    /// Tables of counts and sums. Default: none.
    #[serde(default)]
    pub tables: Vec<FrequencyTable>,
    /// Kaplan-Meier curves. Default: none.
    #[serde(default)]
    pub curves: Vec<Curve>,
    /// Rates: shares of rows with a flag. Default: none.
    #[serde(default)]
    pub rates: Vec<Rates>,
    /// Flows: the persons who meet the conditions of a curve, one after another. Default: none.
    #[serde(default)]
    pub flows: Vec<Flow>,
    /// Pictures of the results page. Default: none.
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// Rows of persons, generalised until they are k-anonymous, l-diverse and t-close. Default: none.
    #[serde(default)]
    pub microdata: Vec<Microdata>,
    #[serde(default, skip_serializing, deserialize_with = "retired_seed")]
    #[expect(dead_code, reason = "only read to be refused")]
    seed: Retired,
    #[serde(default, skip_serializing, deserialize_with = "retired_rounding")]
    #[expect(dead_code, reason = "only read to be refused")]
    rounding: Retired,
    #[serde(default, skip_serializing, deserialize_with = "retired_dominance")]
    #[expect(dead_code, reason = "only read to be refused")]
    dominance: Retired,
}

impl Release {
    /// Returns the columns that results sum, each with its table.
    pub fn summed(&self) -> impl Iterator<Item = (&Id, &Id)> {
        self.tables.iter().filter_map(|spec| Some((&spec.table, &spec.sum.as_ref()?.column)))
    }

    /// Returns the names of all results.
    pub fn names(&self) -> impl Iterator<Item = &Id> {
        let tables = self.tables.iter().map(|spec| &spec.name);
        let curves = self.curves.iter().map(|spec| &spec.name);
        let rates = self.rates.iter().map(|spec| &spec.name);
        let flows = self.flows.iter().map(|spec| &spec.name);
        tables.chain(curves).chain(rates).chain(flows).chain(self.microdata.iter().map(|spec| &spec.name))
    }

    /// Returns the SHA-256 of what the contract says of the result `name`; `None` if it has no such result. The
    /// protection and the labels, which results share, are not in it.
    #[must_use]
    pub fn definition(&self, name: &Id) -> Option<Digest> {
        let table = || digest_of("table", self.tables.iter().find(|spec| spec.name == *name)?);
        let curve = || digest_of("curve", self.curves.iter().find(|spec| spec.name == *name)?);
        let rates = || digest_of("rates", self.rates.iter().find(|spec| spec.name == *name)?);
        let rows = || digest_of("rows", self.microdata.iter().find(|spec| spec.name == *name)?);
        let flow = || {
            let flow = self.flows.iter().find(|spec| spec.name == *name)?;
            digest_of("flow", &(flow, self.curves.iter().find(|spec| spec.name == flow.like)?))
        };
        table().or_else(curve).or_else(rates).or_else(flow).or_else(rows)
    }
}

fn digest_of(kind: &str, spec: &impl Serialize) -> Option<Digest> {
    serde_json::to_vec(&(kind, spec)).ok().map(|json| Digest::of(&json))
}

/// Protection of counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Random rounding, keyed by the persons of a cell.
    #[default]
    Round,
    /// Normal noise, keyed by the question.
    Noise,
}

fn base() -> u32 {
    BASE
}

fn noise() -> f64 {
    NOISE
}

fn certainty() -> f64 {
    CERTAINTY
}

fn max_items() -> u32 {
    MAX_ITEMS
}

fn max_datasets() -> u32 {
    MAX_DATASETS
}

fn design_effect() -> f64 {
    DESIGN_EFFECT
}
