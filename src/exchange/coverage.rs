//! Coverage: the days for which the deliveries together are complete.

use super::delivery::Delivery;
use crate::config::Coverage;

/// Returns the days that `deliveries` cover, by table and organiser. Intervals that touch or overlap are joined.
#[must_use]
pub fn coverage(deliveries: &[Delivery]) -> Vec<Coverage> {
    joined(deliveries.iter().flat_map(|delivery| &delivery.manifest.coverage).cloned().collect())
}

fn joined(mut all: Vec<Coverage>) -> Vec<Coverage> {
    all.retain(|entry| entry.first <= entry.last);
    all.sort_by(|a, b| (&a.table, &a.organiser, a.first, a.last).cmp(&(&b.table, &b.organiser, b.first, b.last)));
    all.dedup_by(|later, kept| {
        let same_series = later.table == kept.table && later.organiser == kept.organiser;
        let touches = same_series && later.first <= kept.last.next();
        if touches {
            kept.last = kept.last.max(later.last);
        }
        touches
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::{Day, Id};

    fn entry(organiser: &str, first: &str, last: &str) -> Coverage {
        Coverage {
            organiser: organiser.to_owned(),
            table: Id::new("visits").unwrap(),
            first: Day::parse(first).unwrap(),
            last: Day::parse(last).unwrap(),
        }
    }

    #[test]
    fn intervals_are_joined_where_they_touch_or_overlap() {
        let all = vec![
            entry("091", "2018-01-01", "2018-12-31"),
            entry("837", "2017-01-01", "2017-06-30"),
            entry("091", "2017-01-01", "2017-12-31"),
            entry("837", "2017-07-02", "2017-12-31"),
            entry("837", "2017-08-01", "2018-01-31"),
        ];
        let expected = [
            entry("091", "2017-01-01", "2018-12-31"),
            entry("837", "2017-01-01", "2017-06-30"),
            entry("837", "2017-07-02", "2018-01-31"),
        ];
        assert_eq!(joined(all), expected);
    }
}
