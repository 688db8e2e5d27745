//! Pictures of curves: their steps, and the difference between two of them.

use super::legend::add_legend;
use super::scale::Scale;
use super::shapes::{Anchor, Drawing, place, series};
use super::sheet::Sheet;
use super::texts::{Texts, digits};
use crate::exchange::TOTAL;

/// The 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Size of the picture and of its plot area.
const WIDTH: f64 = 640.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 620.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 234.0;
/// Height of a line of text.
const LINE: f64 = 18.0;
/// The most times with a mark.
const MOST_TIMES: usize = 13;

/// A group's curve.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
}

/// A step of a curve, computed from the published counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) time: f64,
    pub(super) at_risk: f64,
    pub(super) survival: f64,
    /// Standard error (Greenwood 1926).
    pub(super) error: f64,
}

/// Returns the curves of a sheet, that of all only if there is no other.
pub(super) fn groups(sheet: &Sheet<'_>) -> Vec<Group> {
    let mut names = sheet.values(0, &[TOTAL]);
    if names.is_empty() {
        names = vec![TOTAL.to_owned()];
    }
    names.into_iter().map(|name| Group { steps: steps(sheet, &name), name }).collect()
}

/// Computes the steps of a group again from its numbers: the published estimate has two decimals only.
fn steps(sheet: &Sheet<'_>, group: &str) -> Vec<Step> {
    let mut survival = 1.0;
    let mut sum = 0.0;
    let rows = (0..sheet.rows.len()).filter(|&row| sheet.rows[row][0] == group);
    let steps = rows.filter_map(|row| {
        let [time, at_risk, events] = ["time", "n", "events"].map(|column| sheet.number(row, column));
        let [time, at_risk, events] = [time?, at_risk?, events?];
        survival *= 1.0 - events / at_risk;
        // Where all leave at once, nobody is left to be uncertain about.
        sum += if at_risk > events { events / (at_risk * (at_risk - events)) } else { 0.0 };
        Some(Step { time, at_risk, survival, error: survival * sum.sqrt() })
    });
    steps.collect()
}

/// Draws curves with their intervals and the numbers at risk. From `grey_from` on they are shaded.
pub(super) fn draw(sheet: &Sheet<'_>, texts: &Texts<'_>, grey_from: Option<u32>) -> Option<Drawing> {
    let groups = groups(sheet);
    let last = last_time(&groups)?;
    // A picture of groups needs a group.
    if !sheet.item.dimensions.is_empty() && groups.iter().all(|group| group.name == TOTAL) {
        return None;
    }
    let height = BOTTOM + 44.0 + LINE * (groups.len() + 1) as f64;
    let mut drawing = Drawing::new(WIDTH, height);
    let times = Scale::between(0.0, last, (LEFT, RIGHT));
    let shares = Scale::of_shares((BOTTOM, TOP));
    shade(&mut drawing, &times, grey_from, last);
    axis_of_shares(&mut drawing, &shares, texts);
    let marks = marks(last, &groups);
    for &time in &marks {
        drawing.line("tick", (times.at(time), BOTTOM), (times.at(time), BOTTOM + 5.0));
        drawing.text(Anchor::Middle, (times.at(time), BOTTOM + LINE), digits(time));
    }
    drawing.styled_text("end small", (RIGHT, BOTTOM + 2.0 * LINE), time_title(sheet, texts));
    drawing.styled_text("start strong", (4.0, BOTTOM + 2.0 * LINE + 4.0), texts.word("at_risk"));
    for (position, group) in groups.iter().enumerate() {
        band(&mut drawing, group, &times, &shares, position);
    }
    for (position, group) in groups.iter().enumerate() {
        drawing.path(&series("l", position), step_line(group, &times, &shares));
        let y = BOTTOM + LINE * (position + 3) as f64 + 4.0;
        for &time in &marks {
            let at = group.steps.iter().find(|step| step.time > time).map(|step| step.at_risk);
            let shown = at.map_or_else(String::new, digits);
            drawing.styled_text("middle small", (times.at(time), y), shown);
        }
        drawing.rect(&series("f", position), (4.0, y - 9.0), 10.0, 10.0);
    }
    let names = groups.iter().enumerate().map(|(at, group)| (series("f", at), label(sheet, texts, group)));
    add_legend(&mut drawing, &names.collect::<Vec<_>>());
    Some(drawing)
}

/// Draws the difference between the curves of the last and the first group, at each time.
pub(super) fn draw_difference(sheet: &Sheet<'_>, texts: &Texts<'_>, grey_from: Option<u32>) -> Option<Drawing> {
    let groups = groups(sheet);
    let [without, with] = pair(&groups)?;
    let differences = differences(without, with);
    let last = last_time(&groups)?;
    let most = differences.iter().map(|one| one.value.abs() + Z * one.error).fold(0.0, f64::max);
    let mut drawing = Drawing::new(WIDTH, BOTTOM + 40.0);
    let times = Scale::between(0.0, last, (LEFT, RIGHT));
    let values = Scale::of_differences(most, (BOTTOM, TOP));
    shade(&mut drawing, &times, grey_from, last);
    for &mark in &values.marks {
        let class = if mark.abs() < f64::EPSILON { "axis" } else { "grid" };
        drawing.line(class, (LEFT, values.at(mark)), (RIGHT, values.at(mark)));
        let points = texts.language.decimal(100.0 * mark, 0);
        drawing.text(Anchor::End, (LEFT - 8.0, values.at(mark) + 4.0), points);
    }
    for one in &differences {
        let x = times.at(one.time);
        let ends = [one.value - Z * one.error, one.value + Z * one.error].map(|end| values.at(end));
        drawing.line("l0 interval", (x, ends[0]), (x, ends[1]));
        drawing.point("f0", (x, values.at(one.value)));
        drawing.text(Anchor::Middle, (x, BOTTOM + LINE), digits(one.time));
    }
    drawing.styled_text("end small", (RIGHT, BOTTOM + 2.0 * LINE), time_title(sheet, texts));
    let dimension = sheet.item.dimensions.first()?;
    let [with, without] = [with, without].map(|group| texts.value(sheet.item, &dimension.column, &group.name));
    let title = texts.dimension(sheet.item, dimension);
    let name = format!("{title}: {with} − {without} ({})", texts.word("points"));
    add_legend(&mut drawing, &[("f0".to_owned(), name)]);
    Some(drawing)
}

/// A difference of two curves at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference {
    pub(super) time: f64,
    pub(super) value: f64,
    pub(super) error: f64,
}

/// Returns the differences at the times that both curves have. The groups are of different persons, so their errors are
/// independent.
pub(super) fn differences(without: &Group, with: &Group) -> Vec<Difference> {
    let pairs = without.steps.iter().zip(&with.steps);
    pairs
        .map(|(zero, one)| Difference {
            time: one.time,
            value: one.survival - zero.survival,
            error: (one.error.powi(2) + zero.error.powi(2)).sqrt(),
        })
        .collect()
}

/// Returns the first two groups that have steps: of a flag, without and with.
pub(super) fn pair(groups: &[Group]) -> Option<[&Group; 2]> {
    let mut some = groups.iter().filter(|group| !group.steps.is_empty());
    Some([some.next()?, some.next()?])
}

/// Returns the label of a group.
pub(super) fn label(sheet: &Sheet<'_>, texts: &Texts<'_>, group: &Group) -> String {
    match sheet.item.dimensions.first() {
        Some(dimension) if group.name != TOTAL => {
            let title = texts.dimension(sheet.item, dimension);
            format!("{title}: {}", texts.value(sheet.item, &dimension.column, &group.name))
        }
        _ => texts.word("all"),
    }
}

/// Returns the title of the axis of time.
fn time_title(sheet: &Sheet<'_>, texts: &Texts<'_>) -> String {
    let curves = texts.contract.release.iter().flat_map(|release| &release.curves);
    let curve = curves.into_iter().find(|curve| curve.name == sheet.item.name);
    curve.map_or_else(|| texts.word("time"), |curve| texts.column(sheet.item, curve.time.as_str()))
}

/// Returns true if a curve ends before its last time, or has fewer than two groups although it is split.
pub(super) fn leaves_out(sheet: &Sheet<'_>, texts: &Texts<'_>) -> bool {
    let groups = groups(sheet);
    let curves = texts.contract.release.iter().flat_map(|release| &release.curves);
    let last = curves
        .into_iter()
        .find(|curve| curve.name == sheet.item.name)
        .map(|curve| curve.last - curve.last % curve.interval);
    let ends = |group: &Group| group.steps.last().map(|step| step.time) == last.map(f64::from);
    let is_split = !sheet.item.dimensions.is_empty();
    !groups.iter().all(ends) || (is_split && groups.len() < 2)
}

fn last_time(groups: &[Group]) -> Option<f64> {
    groups.iter().flat_map(|group| &group.steps).map(|step| step.time).max_by(f64::total_cmp)
}

/// Returns the times with a mark: 0 and those of the longest curve, not too many.
fn marks(last: f64, groups: &[Group]) -> Vec<f64> {
    let mut times: Vec<f64> = groups.iter().flat_map(|group| group.steps.iter().map(|step| step.time)).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let every = times.len().div_ceil(MOST_TIMES - 1).max(1);
    let shown = times.into_iter().enumerate().filter(|(at, time)| (at + 1) % every == 0 && *time < last);
    std::iter::once(0.0).chain(shown.map(|(_, time)| time)).chain([last]).collect()
}

fn shade(drawing: &mut Drawing, times: &Scale, grey_from: Option<u32>, last: f64) {
    if let Some(from) = grey_from.map(f64::from).filter(|from| *from <= last) {
        let x = times.at(from - 0.5);
        drawing.rect("shade", (x, TOP), times.at(last) - x, BOTTOM - TOP);
    }
}

fn axis_of_shares(drawing: &mut Drawing, shares: &Scale, texts: &Texts<'_>) {
    for &mark in &shares.marks {
        drawing.line(if mark > 0.0 { "grid" } else { "axis" }, (LEFT, shares.at(mark)), (RIGHT, shares.at(mark)));
        drawing.text(Anchor::End, (LEFT - 8.0, shares.at(mark) + 4.0), texts.percent(mark));
    }
}

/// Returns the path of a curve: level until each time, then down.
fn step_line(group: &Group, times: &Scale, shares: &Scale) -> String {
    let mut path = format!("M{} {}", place(times.at(0.0)), place(shares.at(1.0)));
    for step in &group.steps {
        path += &format!("H{}V{}", place(times.at(step.time)), place(shares.at(step.survival)));
    }
    path
}

/// Draws the 95 % interval around a curve.
fn band(drawing: &mut Drawing, group: &Group, times: &Scale, shares: &Scale, position: usize) {
    if group.steps.is_empty() {
        return;
    }
    let mut outline = corners(group, Z);
    outline.extend(corners(group, -Z).into_iter().rev());
    let points: Vec<String> = outline
        .into_iter()
        .map(|(time, share)| format!("{} {}", place(times.at(time)), place(shares.at(share))))
        .collect();
    drawing.path(&series("b", position), format!("M{}Z", points.join("L")));
}

/// Returns the corners of the curve that is so many standard errors above another.
fn corners(group: &Group, errors: f64) -> Vec<(f64, f64)> {
    let mut before = 1.0;
    let mut corners = vec![(0.0, 1.0)];
    for step in &group.steps {
        let end = (step.survival + errors * step.error).clamp(0.0, 1.0);
        corners.extend([(step.time, before), (step.time, end)]);
        before = end;
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(numbers: &[(f64, f64)]) -> Group {
        let mut survival = 1.0;
        let mut sum = 0.0;
        let steps = numbers.iter().zip(1..).map(|((at_risk, events), time)| {
            survival *= 1.0 - events / at_risk;
            sum += events / (at_risk * (at_risk - events));
            Step { time: f64::from(time), at_risk: *at_risk, survival, error: survival * sum.sqrt() }
        });
        Group { name: String::new(), steps: steps.collect() }
    }

    #[test]
    fn the_error_of_a_difference_joins_those_of_two_curves() {
        let [one, other] = [group(&[(100.0, 20.0)]), group(&[(50.0, 5.0)])];
        let found = differences(&one, &other);
        assert!((found[0].value - 0.1).abs() < 1e-12);
        // Binomial at the first step: 0.8 · 0.2 / 100 and 0.9 · 0.1 / 50.
        assert!((found[0].error - (0.0016_f64 + 0.0018).sqrt()).abs() < 1e-12);
    }
}
