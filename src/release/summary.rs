//! What an item shows and how it is protected, in sentences for its readers.

use super::item::{Form, Item, least_at_risk};
use crate::config::raw::release::{Release, Sum};
use crate::exchange::{ReleasedCount, ReleasedUnit};

/// Describes an item of protected numbers.
pub(super) fn summary(item: &Item<'_>, rules: &Release) -> String {
    let mut text = shown(item, rules);
    let by: Vec<&str> =
        item.queries[0].axes.iter().filter(|axis| axis.has_total).map(|axis| axis.dimension.title.as_str()).collect();
    if !by.is_empty() {
        text += &format!(" by {}", by.join(", "));
    }
    text += &format!(" (from the linked table {}).", item.table);
    for condition in item.only() {
        text += &format!(" Only {}.", condition.text());
    }
    let protections: Vec<String> = item.counts.iter().map(protection).collect();
    let mut protections: Vec<&str> = protections.iter().map(String::as_str).collect();
    protections.dedup();
    text + " " + &protections.join(" ")
}

/// Describes the numbers of an item.
fn shown(item: &Item<'_>, rules: &Release) -> String {
    match item.form {
        Form::Table(spec) => match &spec.sum {
            Some(Sum { column, .. }) => format!(
                "Persons and rows (at most {} of each person in a cell) with a value of {column} above 0, and its sum,",
                spec.weight()
            ),
            None => match item.counts[0].unit {
                ReleasedUnit::Rows => format!("Rows, at most {} of each person in a cell,", spec.weight()),
                _ => "Persons".to_owned(),
            },
        },
        Form::Curve(spec) => format!(
            "Survival curve (Kaplan-Meier), each person counted once: the share for whom {} is not yet true, at each \
             {}, computed from the protected numbers beside it; a group ends where fewer than {} are at risk;",
            spec.event,
            spec.time,
            least_at_risk(rules)
        ),
        Form::Rates(spec) => format!(
            "Share of rows (at most {} of each person in a cell) with each outcome among those where it is known, \
             computed from the protected numbers beside it, with a 95 % interval (Wilson, design effect {}),",
            spec.weight(),
            rules.design_effect
        ),
        Form::Flow(_) => "Persons who are left after each condition in turn".to_owned(),
        Form::Microdata(_) => unreachable!("rows of persons have a summary of their own"),
    }
}

/// Describes the protection of some numbers.
fn protection(count: &ReleasedCount) -> String {
    let numbers = count.columns.join(", ");
    let bounded = match count.unit {
        ReleasedUnit::Sum => format!(", after each person's share is capped at {}", count.most),
        ReleasedUnit::Persons | ReleasedUnit::Rows => String::new(),
    };
    match count.noise {
        None => format!("Rounded at random to a multiple of {}{bounded}: {numbers}.", count.step),
        Some(noise) => format!(
            "A person in several cells is divided over them, so that all cells together hold at most {} of each \
             person. With normal noise of standard deviation {noise}, then a multiple of {}{bounded}: {numbers}.",
            count.most, count.step
        ),
    }
}
