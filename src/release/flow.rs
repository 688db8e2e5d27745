//! Flows: the persons who are left after each condition of a curve in turn, from protected numbers.

use super::item::Item;
use super::protect::Protected;
use super::sheet::Cells;
use crate::config::raw::release::Condition;
use crate::exchange::TOTAL;

/// Label of the persons who are followed for some time.
const FOLLOWED: &str = "(followed)";

/// Returns the columns of a flow: a row for all, for each condition, and for those who are followed.
pub(super) fn columns(item: &Item<'_>, numbers: &[Vec<Protected>]) -> Vec<(String, Cells)> {
    let conditions = item.only().iter().map(Condition::text);
    let labels = [TOTAL.to_owned()].into_iter().chain(conditions).chain([FOLLOWED.to_owned()]).collect();
    let persons = numbers.iter().map(|numbers| numbers[0].number()).collect();
    vec![("condition".to_owned(), Cells::Text(labels)), ("persons".to_owned(), Cells::Count(persons))]
}
