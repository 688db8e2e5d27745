//! Survival curves (Kaplan and Meier 1958) from protected numbers of events and censored persons.

use super::item::{Item, least_at_risk};
use super::protect::Protected;
use super::query::Query;
use super::sheet::Cells;
use super::table::label;
use crate::config::raw::release::Release;
use crate::exchange::TOTAL;

/// Title of the column of groups of a curve without groups.
const GROUP: &str = "group";

/// A step of a curve.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    group: String,
    time: String,
    at_risk: i64,
    events: i64,
    censored: i64,
    survival: f64,
}

/// Protected numbers of one step of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    events: i64,
    censored: i64,
}

/// Returns the columns of a curve, one row for each group and step.
pub(super) fn columns(item: &Item<'_>, numbers: &[Vec<Protected>], rules: &Release) -> Vec<(String, Cells)> {
    let query = &item.queries[0];
    let least = least_at_risk(rules);
    let groups = groups(query, &numbers[0]);
    let times = &query.axes[query.axes.len() - 2].labels;
    let steps: Vec<Step> = groups.iter().flat_map(|(group, counts)| steps(group, times, counts, least)).collect();
    let title = if query.axes.len() > 2 { query.axes[0].dimension.title.clone() } else { GROUP.to_owned() };
    let number = |of: fn(&Step) -> i64| Cells::Count(steps.iter().map(of).collect());
    vec![
        (title, Cells::Text(steps.iter().map(|step| step.group.clone()).collect())),
        ("time".to_owned(), Cells::Text(steps.iter().map(|step| step.time.clone()).collect())),
        ("n".to_owned(), number(|step| step.at_risk)),
        ("events".to_owned(), number(|step| step.events)),
        ("censored".to_owned(), number(|step| step.censored)),
        ("survival".to_owned(), Cells::Share(steps.iter().map(|step| Some(step.survival)).collect())),
    ]
}

/// Returns the counts of each group, by step of time. The curve of all is the sum of its groups.
fn groups(query: &Query, numbers: &[Protected]) -> Vec<(String, Vec<Counts>)> {
    let times = query.axes[query.axes.len() - 2].labels.len();
    let of_groups: Vec<Vec<Counts>> = numbers.chunks(2 * times).map(counts).collect();
    let mut all = vec![Counts::default(); times];
    for (sum, counts) in of_groups.iter().flat_map(|counts| counts.iter().enumerate()) {
        all[sum].events += counts.events;
        all[sum].censored += counts.censored;
    }
    let total = (TOTAL.to_owned(), all);
    if query.axes.len() == 2 {
        return vec![total];
    }
    let named = of_groups.into_iter().enumerate().map(|(at, counts)| (label(query, 0, at), counts));
    named.chain([total]).collect()
}

/// Returns the counts of one group. At each time the censored stand before the events.
fn counts(numbers: &[Protected]) -> Vec<Counts> {
    let pairs = numbers.chunks_exact(2);
    pairs.map(|pair| Counts { censored: pair[0].number(), events: pair[1].number() }).collect()
}

/// Returns the steps of one group: `S(t) = Π (1 - d / n)`, with `d` events among `n` persons at risk.
fn steps(group: &str, times: &[String], counts: &[Counts], least: i64) -> Vec<Step> {
    let mut at_risk: i64 = counts.iter().map(|step| step.events + step.censored).sum();
    let mut survival = 1.0;
    let mut steps = Vec::new();
    // The last label holds the persons who are followed longer.
    for (time, count) in times[..times.len() - 1].iter().zip(counts) {
        if at_risk < least.max(1) {
            break;
        }
        survival *= 1.0 - count.events as f64 / at_risk as f64;
        let Counts { events, censored } = *count;
        steps.push(Step { group: group.to_owned(), time: time.clone(), at_risk, events, censored, survival });
        at_risk -= events + censored;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(count: usize) -> Vec<String> {
        (1..=count).map(|time| time.to_string()).chain(["later".to_owned()]).collect()
    }

    #[test]
    fn the_estimate_is_a_product_of_shares_without_the_event() {
        let counts = [(20, 0), (0, 10), (20, 0), (0, 50)].map(|(events, censored)| Counts { events, censored });
        let steps = steps("all", &times(3), &counts, 10);
        let shown: Vec<(i64, i64)> = steps.iter().map(|step| (step.at_risk, step.events)).collect();
        assert_eq!(shown, [(100, 20), (80, 0), (70, 20)]);
        assert!((steps[2].survival - 0.8 * 50.0 / 70.0).abs() < 1e-12);
    }

    #[test]
    fn a_group_ends_where_few_are_at_risk() {
        let counts = [(20, 0), (30, 0), (10, 0), (0, 0)].map(|(events, censored)| Counts { events, censored });
        assert_eq!(steps("all", &times(3), &counts, 40).len(), 2);
        assert!(steps("all", &times(3), &counts, 61).is_empty());
        assert!(steps("none", &times(3), &[Counts::default(); 4], 0).is_empty());
    }
}
