//! Search of the code space for the values of all columns: shares first, then the whole space.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::budgets::{Budgets, SECOND};
use super::code_space::Part;
use super::hashes::Kind;
use super::message::Form;
use super::plan::{Planned, Planner, SignPlan, TargetCounts};
use super::row_salts::{ROWS, RowSalts};
use super::runner::{Efforts, Hit, Runner, SchemeHits, progress_units};
use super::salts::{Guesses, Word};
use super::scheme::{Added, Family, Rounds, Scheme};
use super::signs::Signs;
use super::space::Space;
use super::targets::{TargetSet, WIDE_KEY};
use super::tiers::OFTEN_TRUNCATED;
use crate::progress::Progress;
use crate::text::Text;
use crate::verify::depth::Depth;
use crate::verify::statistics::{FAILS_BELOW, at_least};

/// Schemes of the first group. Small first groups find the likeliest schemes soon.
const FIRST_GROUP: usize = 32;
/// Most schemes of a group. A group runs over the same codes, because composing them takes time too.
const LARGEST_GROUP: usize = 512;
/// Most pairs of a column and one with its salts.
const MOST_PAIRS: usize = 8;
/// Codes on which the salts of rows are tried, each with its divisor of the budget.
const ROW_PARTS: [(Part, u64); 2] = [(Part::Temporary, 4), (Part::Usual, 2)];
/// Nanoseconds that a found scheme may take over the rest of a part of the space, in a quick attack.
const QUICK_REST: u64 = 25 * SECOND;
/// The same for codes under the other signs: they are few in most data.
const QUICK_RARE_REST: u64 = 12 * SECOND;
/// The same in the standard attack.
const STANDARD_REST: u64 = 60 * SECOND;

/// A column whose values were reversed to identity codes.
pub(super) struct ReversedColumn {
    pub column: usize,
    pub family: Family,
    /// Description of the scheme.
    pub scheme: Text,
    /// Distinct values that were reversed.
    pub found: u64,
    /// Distinct values that were attacked.
    pub values: u64,
    /// `true` if every code was tried.
    pub is_whole: bool,
}

/// Schemes of a hash and family that were tried.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Coverage {
    /// Schemes tried on a share of the codes under the usual signs.
    pub schemes: u64,
    /// Smallest of these shares.
    pub share: Option<f64>,
    /// Schemes tried on a share of the codes under the other signs.
    pub rare_schemes: u64,
    /// Smallest of these shares.
    pub rare_share: Option<f64>,
    /// Schemes tried on a share of the temporary codes.
    pub temporary: u64,
    /// Schemes tried on published test codes only.
    pub published: u64,
    /// Schemes tried on the whole space.
    pub whole: u64,
}

/// Coverage of the salts in other columns.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct RowCoverage {
    /// Pairs of a column and one with its salts.
    pub pairs: u64,
    /// Pairs for which no time was left.
    pub omitted: u64,
    /// Chance of missing the salt of each row of a pair.
    pub chance: f64,
}

impl Coverage {
    fn count(&mut self, signs: Signs, share: f64) {
        let (schemes, smallest) = match signs {
            _ if share <= 0.0 => return self.published += 1,
            Signs::Usual => (&mut self.schemes, &mut self.share),
            Signs::Rare => (&mut self.rare_schemes, &mut self.rare_share),
        };
        *schemes += 1;
        *smallest = Some(smallest.map_or(share, |smallest| smallest.min(share)));
    }
}

/// Result of the search.
pub(super) struct Outcome {
    pub reversed: Vec<ReversedColumn>,
    pub coverage: BTreeMap<(Family, Kind), Coverage>,
    pub rows: RowCoverage,
    pub efforts: Efforts,
    /// Chance of missing a column that was made by a tried scheme.
    pub chance: f64,
    /// Number of schemes that were not tried at all.
    pub omitted: u64,
    /// Time of the whole search.
    pub time: Duration,
}

impl Outcome {
    /// Sums the coverage of a family over all hashes.
    pub fn of_family(&self, family: Family) -> Coverage {
        let of_family = self.coverage.iter().filter(|((other, _), _)| *other == family);
        of_family.fold(Coverage::default(), |sum, (_, coverage)| Coverage {
            schemes: sum.schemes + coverage.schemes,
            share: smaller(sum.share, coverage.share),
            rare_schemes: sum.rare_schemes + coverage.rare_schemes,
            rare_share: smaller(sum.rare_share, coverage.rare_share),
            temporary: sum.temporary + coverage.temporary,
            published: sum.published + coverage.published,
            whole: sum.whole + coverage.whole,
        })
    }
}

fn smaller(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    [a, b].into_iter().flatten().reduce(f64::min)
}

/// Search of a space for some target sets.
pub(super) struct Search<'a> {
    pub depth: Depth,
    pub budgets: Budgets,
    pub sets: &'a [TargetSet],
    pub guesses: &'a Guesses,
    /// Salts in other columns.
    pub row_salts: &'a [RowSalts],
    /// Columns that need no search: their values are already reversed.
    pub known: BTreeSet<usize>,
}

impl Search<'_> {
    /// Runs the search.
    pub fn run(self, space: &Space, clock: &(dyn Fn() -> Duration + Sync), progress: &dyn Progress) -> Outcome {
        let start = clock();
        let targets = TargetCounts::new(self.active(&[]).iter().map(|&at| &self.sets[at]));
        let planner = Planner { depth: self.depth, budgets: self.budgets, space, targets: &targets };
        let usual = planner.plan(Signs::Usual, self.guesses);
        let rare = planner.plan(Signs::Rare, self.guesses);
        let temporary = planner.temporary(&usual.planned);
        let whole = planner.whole(&usual.planned);
        progress.begin("attack", total_units(space, &[&usual, &rare], &whole));
        let mut state = State {
            runner: Runner::new(self.sets, space, clock, progress),
            search: &self,
            reversed: Vec::new(),
            coverage: BTreeMap::new(),
            rows: RowCoverage::default(),
            tests: ((usual.planned.len() + rare.planned.len()) * self.sets.len()) as u64,
        };
        groups(&temporary).iter().for_each(|group| state.try_temporary(group));
        state.try_row_salts();
        for pass in [&usual, &rare] {
            groups(&pass.planned).iter().for_each(|group| state.try_share(pass.signs, group));
        }
        whole.chunks(LARGEST_GROUP).for_each(|group| state.try_whole(group));
        Outcome {
            reversed: state.reversed,
            coverage: state.coverage,
            rows: state.rows,
            efforts: state.runner.into_efforts(),
            chance: usual.chance.max(rare.chance),
            omitted: usual.omitted,
            time: clock().saturating_sub(start),
        }
    }

    /// Returns the positions of the sets whose columns are not reversed yet.
    fn active(&self, reversed: &[ReversedColumn]) -> Vec<usize> {
        let mut active: Vec<usize> = (0..self.sets.len()).collect();
        active.retain(|&set| {
            let column = self.sets[set].column;
            !self.known.contains(&column) && reversed.iter().all(|reversed| reversed.column != column)
        });
        active
    }
}

/// Returns the units of progress of the passes and of the schemes for the whole space.
fn total_units(space: &Space, passes: &[&SignPlan<'_>], whole: &[Scheme<'_>]) -> u64 {
    let mut total = 0;
    for pass in passes {
        let units = pass.planned.iter().map(|p| progress_units(space, &p.scheme, pass.signs.parts(), p.share));
        total += units.sum::<u64>();
    }
    total + whole.iter().map(|scheme| progress_units(space, scheme, scheme.form.parts(), 1.0)).sum::<u64>()
}

/// Groups schemes of one share. Likelier schemes stay in earlier groups.
fn groups<'a>(planned: &[Planned<'a>]) -> Vec<Vec<Planned<'a>>> {
    let mut groups = Vec::new();
    let mut left = planned;
    let mut size = FIRST_GROUP;
    while !left.is_empty() {
        let (first, rest) = left.split_at(size.min(left.len()));
        let mut first = first.to_vec();
        first.sort_by(|a, b| b.share.total_cmp(&a.share));
        groups.extend(first.chunk_by(|a, b| a.share.total_cmp(&b.share).is_eq()).map(<[_]>::to_vec));
        left = rest;
        size = (size * 2).min(LARGEST_GROUP);
    }
    groups
}

/// State of a running search.
struct State<'a> {
    runner: Runner<'a>,
    search: &'a Search<'a>,
    reversed: Vec<ReversedColumn>,
    coverage: BTreeMap<(Family, Kind), Coverage>,
    rows: RowCoverage,
    tests: u64,
}

/// The best scheme for a column.
#[derive(Clone, Copy)]
struct Best {
    hits: u64,
    /// Position of the scheme.
    scheme: usize,
    /// Position of the target set.
    set: usize,
}

impl State<'_> {
    /// Tries schemes on a share of the temporary codes. A found scheme is then run over the whole space.
    fn try_temporary(&mut self, group: &[Planned<'_>]) {
        self.try_group(&[Part::Temporary], group, |coverage, _| coverage.temporary += 1);
    }

    /// Tries the salts of some rows, each on a share of the temporary and the usual codes.
    fn try_row_salts(&mut self) {
        let salts = self.search.row_salts;
        let tried = salts.len().min(MOST_PAIRS);
        let budget = self.search.budgets.rows / tried.max(1) as u64;
        if budget > 0 {
            salts[..tried].iter().for_each(|salts| self.try_salts(salts, budget));
            self.rows.omitted = (salts.len() - tried) as u64;
        }
    }

    fn try_salts(&mut self, salts: &RowSalts, budget: u64) {
        let mut sets = self.search.active(&self.reversed);
        sets.retain(|&set| self.search.sets[set].column == salts.column && self.search.sets[set].width >= WIDE_KEY);
        let schemes = row_schemes(salts, &sets, self.search.sets);
        if schemes.is_empty() {
            return;
        }
        let nanoseconds: u64 = schemes.iter().map(|(_, scheme)| scheme.cost()).sum();
        let all: Vec<Scheme<'_>> = schemes.iter().map(|(_, scheme)| *scheme).collect();
        let mut chance: f64 = 1.0;
        for (part, divisor) in ROW_PARTS {
            let codes = self.runner.space().len(part);
            let share = (budget / divisor) as f64 / (codes * nanoseconds).max(1) as f64;
            let found = self.runner.run(&all, &[part], share.min(1.0), &sets);
            chance = (1.0 - share.min(1.0)).powi(salts.rows.len() as i32);
            if self.judge_rows(salts, &schemes, &found) {
                return;
            }
        }
        self.rows.pairs += 1;
        self.rows.chance = self.rows.chance.max(chance);
    }

    /// Records a column whose rows were made with the salts of another column.
    fn judge_rows(&mut self, salts: &RowSalts, schemes: &[(usize, Scheme<'_>)], found: &[SchemeHits]) -> bool {
        let sets = self.search.sets;
        let narrowest = found.iter().flat_map(|found| &found.hits).map(|&(set, _)| &sets[set as usize]);
        let Some(set) = narrowest.min_by_key(|set| set.width) else { return false };
        let hits: usize = found.iter().map(|found| found.hits.len()).sum();
        let codes: u64 = found.iter().map(|found| found.codes).sum();
        let expected = 2.0 * codes as f64 * (-8.0 * set.width as f64).exp2();
        if at_least(hits as u64, set.len() as u64, -(-expected).exp_m1()) * MOST_PAIRS as f64 >= FAILS_BELOW {
            return false;
        }
        let mut hit = schemes.iter().zip(found).filter(|(_, found)| !found.hits.is_empty()).map(|(scheme, _)| scheme);
        let rows: BTreeSet<usize> = hit.clone().map(|(row, _)| *row).collect();
        let Some((_, scheme)) = hit.next() else { return false };
        let Text { en, fi, sv } = scheme.describe(&self.runner.space().wording());
        let label = &salts.label;
        self.reversed.push(ReversedColumn {
            column: salts.column,
            family: scheme.family(),
            scheme: Text::new(
                format!("{en} ({label}; {ROWS} rows were tried)"),
                format!("{fi} ({label}; kokeiltiin {ROWS} riviä)"),
                format!("{sv} ({label}; {ROWS} rader prövades)"),
            ),
            found: rows.len() as u64,
            values: salts.rows.len() as u64,
            is_whole: false,
        });
        true
    }

    /// Tries schemes on their share of the codes under some signs.
    fn try_share(&mut self, signs: Signs, group: &[Planned<'_>]) {
        let is_whole = self.search.depth == Depth::Whole && signs == Signs::Usual;
        self.try_group(signs.parts(), group, |coverage, share| {
            coverage.count(signs, share);
            coverage.whole += u64::from(is_whole && share >= 1.0);
        });
    }

    /// Tries schemes of one share on `parts`, and calls `count` with the coverage of each.
    fn try_group(&mut self, parts: &[Part], group: &[Planned<'_>], count: impl Fn(&mut Coverage, f64)) {
        let active = self.search.active(&self.reversed);
        let Some(first) = group.first().filter(|_| !active.is_empty()) else { return };
        let schemes: Vec<Scheme<'_>> = group.iter().map(|planned| planned.scheme).collect();
        let found = self.runner.run(&schemes, parts, first.share, &active);
        for scheme in &schemes {
            count(self.coverage.entry((scheme.family(), scheme.kind)).or_default(), first.share);
        }
        self.judge(&schemes, &found);
    }

    /// Tries schemes on the whole space, the usual signs first.
    fn try_whole(&mut self, schemes: &[Scheme<'_>]) {
        for signs in [Signs::Usual, Signs::Rare] {
            let active = self.search.active(&self.reversed);
            if active.is_empty() {
                return;
            }
            let found = self.runner.run(schemes, signs.parts(), 1.0, &active);
            self.judge(schemes, &found);
        }
        for scheme in schemes {
            self.coverage.entry((scheme.family(), scheme.kind)).or_default().whole += 1;
        }
    }

    /// Chooses the scheme with the most hits in each column, and runs it over the rest of the space.
    fn judge(&mut self, schemes: &[Scheme<'_>], found: &[SchemeHits]) {
        let mut best: BTreeMap<usize, Best> = BTreeMap::new();
        for (scheme, found) in found.iter().enumerate() {
            for (set, hits) in self.runner.significant_sets(&schemes[scheme], found, self.tests) {
                let column = self.runner.sets()[set].column;
                if best.get(&column).is_none_or(|best| hits > best.hits) {
                    best.insert(column, Best { hits, scheme, set });
                }
            }
        }
        for (column, Best { scheme, set, .. }) in best {
            let mut hits = found[scheme].hits.clone();
            let is_whole = self.finish(&schemes[scheme], set, &mut hits);
            self.reversed.push(ReversedColumn {
                column,
                family: schemes[scheme].family(),
                scheme: schemes[scheme].describe(&self.runner.space().wording()),
                found: hits_in(set, &hits) as u64,
                values: self.runner.sets()[set].len() as u64,
                is_whole,
            });
        }
    }

    /// Runs a scheme over the rest of the space, or as much as the depth allows.
    ///
    /// Returns true if all targets were hit or all codes tried.
    fn finish(&self, scheme: &Scheme<'_>, set: usize, hits: &mut BTreeSet<Hit>) -> bool {
        let targets = self.runner.sets()[set].len();
        for &part in scheme.form.parts() {
            let cost = self.runner.space().len(part).saturating_mul(scheme.cost());
            if cost > rest(self.search.depth, part) {
                return hits_in(set, hits) == targets;
            }
            if hits_in(set, hits) < targets {
                let found = self.runner.run(std::slice::from_ref(scheme), &[part], 1.0, &[set]);
                hits.extend(found.into_iter().flat_map(|found| found.hits));
            }
        }
        true
    }
}

/// Returns the schemes of the salts of each row that fit some sets, with the number of the row.
fn row_schemes<'a>(salts: &'a RowSalts, chosen: &[usize], sets: &[TargetSet]) -> Vec<(usize, Scheme<'a>)> {
    let mut kinds = OFTEN_TRUNCATED.to_vec();
    kinds.retain(|&kind| {
        let fits = |width: usize| width == kind.width() || (kind != Kind::Sha512 && width < kind.width());
        chosen.iter().any(|&set| fits(sets[set].width))
    });
    let mut schemes = Vec::new();
    for (row, words) in salts.rows.iter().enumerate() {
        for added in words.iter().flat_map(row_additions) {
            let form = Form::CANONICAL;
            schemes.extend(kinds.iter().map(|&kind| (row, Scheme { kind, form, rounds: Rounds::Once, added })));
        }
    }
    schemes
}

fn row_additions(word: &Word) -> [Added<'_>; 3] {
    [Added::Before(word, ""), Added::After(word, ""), Added::Key(word)]
}

/// Returns the nanoseconds that a found scheme may take over the rest of a part.
fn rest(depth: Depth, part: Part) -> u64 {
    match depth {
        Depth::None | Depth::Quick if part == Part::Unusual => QUICK_RARE_REST,
        Depth::None | Depth::Quick => QUICK_REST,
        Depth::Standard => STANDARD_REST,
        Depth::Whole => u64::MAX,
    }
}

fn hits_in(set: usize, hits: &BTreeSet<Hit>) -> usize {
    hits.iter().filter(|&&(hit, _)| hit as usize == set).count()
}
