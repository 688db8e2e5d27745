//! Verdicts on findings: are there more hits than chance explains?

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use super::tally::Finding;
use crate::text::Text;
use crate::verify::check::{Table, Verdict};
use crate::verify::detect::{Kind, Rule, ShareRule};
use crate::verify::statistics::at_least;

/// Hits fail if chance explains them with less than this probability, over all tests together.
const FAILS_BELOW: f64 = 1e-3;
/// Hits of a common shape warn if chance explains them with less than this probability.
const SUSPICIOUS_BELOW: f64 = 0.01;
/// Probability that a disguised code of the shape passes by chance; the same for all pooled kinds.
const POOLED_CHANCE: f64 = 1.0 / 31.0;
/// Number of different hits that are no accident, even at the share [`SHARE_OF_MANY`].
const MANY: u64 = 60;
const SHARE_OF_MANY: f64 = 0.05;
/// Number of features beyond which they need not grow with the hits.
const ENOUGH_FEATURES: u64 = 20;
/// Findings that a table lists.
const MOST_LISTED: usize = 40;
/// Cell of a table without a value.
const EMPTY: &str = "–";

/// A finding with its verdict.
pub(super) struct FindingVerdict {
    pub finding: Finding,
    pub verdict: Verdict,
}

/// Judges findings together: the limit gets stricter with the number of tests.
pub(super) fn judge(findings: Vec<Finding>) -> Vec<FindingVerdict> {
    let limits = Limits::new(&findings);
    let judged = findings.into_iter().map(|finding| FindingVerdict { verdict: limits.verdict(&finding), finding });
    judged.collect()
}

/// Counts that several findings are judged by.
struct Limits {
    /// Pooled counts by place and by kind.
    places: HashMap<String, Counts>,
    kinds: HashMap<Kind, Counts>,
    /// Number of tests.
    tests: f64,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    hits: u64,
    shaped: u64,
    findings: usize,
}

impl Limits {
    fn new(findings: &[Finding]) -> Self {
        let places = pool(findings, |finding| finding.place.clone());
        let kinds = pool(findings, |finding| finding.kind);
        let alone = findings.iter().filter(|finding| finding.kind.chance().is_some() && finding.shaped > 0).count();
        let tests = (alone + places.len() + kinds.len()) as f64;
        Self { places, kinds, tests }
    }

    fn verdict(&self, finding: &Finding) -> Verdict {
        if finding.hits == 0 {
            return Verdict::Pass;
        }
        let verdict = match finding.kind.rule() {
            Rule::OneIn(_) => self.by_chance(finding),
            Rule::Count(fails) if finding.hits >= fails => Verdict::Fail,
            Rule::Count(_) | Rule::Warns => Verdict::Warn,
            Rule::Share(rule) => by_share(finding, &rule),
        };
        if finding.is_running { milder(verdict) } else { verdict }
    }

    fn by_chance(&self, finding: &Finding) -> Verdict {
        let Some(chance) = finding.kind.chance() else { unreachable!("the rule of the kind is a chance") };
        let probability = at_least(finding.hits, finding.shaped, chance);
        if self.is_pool_improbable(finding) || self.is_improbable(probability) {
            Verdict::Fail
        } else if finding.kind.is_common() && probability >= SUSPICIOUS_BELOW {
            Verdict::Pass
        } else {
            Verdict::Warn
        }
    }

    fn is_improbable(&self, probability: f64) -> bool {
        probability * self.tests < FAILS_BELOW
    }

    /// Returns true if chance does not explain the hits of all pooled kinds at the place, or of the kind at all places.
    fn is_pool_improbable(&self, finding: &Finding) -> bool {
        let pools = [self.places.get(&finding.place), self.kinds.get(&finding.kind)];
        let mut pools = pools.into_iter().flatten().filter(|_| finding.kind.is_pooled());
        pools.any(|counts| self.is_improbable(at_least(counts.hits, counts.shaped, POOLED_CHANCE)))
    }
}

/// Returns the verdict on hits that are running numbers: those are numbers of documents, mostly.
fn milder(verdict: Verdict) -> Verdict {
    if verdict == Verdict::Fail { Verdict::Warn } else { Verdict::Pass }
}

/// Adds up the counts of pooled kinds by `key`, where it joins several findings.
fn pool<K: Eq + Hash>(findings: &[Finding], key: impl Fn(&Finding) -> K) -> HashMap<K, Counts> {
    let mut pools: HashMap<K, Counts> = HashMap::new();
    for finding in findings.iter().filter(|finding| finding.kind.is_pooled() && finding.shaped > 0) {
        let counts = pools.entry(key(finding)).or_default();
        counts.hits += finding.hits;
        counts.shaped += finding.shaped;
        counts.findings += 1;
    }
    pools.retain(|_, counts| counts.findings > 1);
    pools
}

fn by_share(finding: &Finding, rule: &ShareRule) -> Verdict {
    let has_features = finding.features >= rule.features;
    let varies = !rule.varied || u64::from(finding.features) >= (finding.hits / 2).min(ENOUGH_FEATURES);
    let has_share = has_share(finding, rule.share);
    let is_most = finding.hits >= rule.hits && has_share && varies;
    let is_many = rule.many && finding.hits >= MANY && self::has_share(finding, SHARE_OF_MANY);
    if has_features && (is_most || is_many) {
        let is_sure = rule.sure.is_some_and(|sure| finding.features >= sure);
        if is_sure { Verdict::Fail } else { Verdict::Warn }
    } else if rule.share_warns && has_share {
        Verdict::Warn
    } else {
        Verdict::Pass
    }
}

fn has_share(finding: &Finding, share: f64) -> bool {
    finding.hits as f64 >= share * finding.shaped as f64
}

/// Returns the worst verdict; a pass if there are no findings.
pub(super) fn worst(judged: &[&FindingVerdict]) -> Verdict {
    judged.iter().map(|one| one.verdict).fold(Verdict::Pass, Verdict::max)
}

/// Returns the number of findings that did not pass.
pub(super) fn count(judged: &[&FindingVerdict]) -> usize {
    judged.iter().filter(|one| one.verdict > Verdict::Pass).count()
}

/// Returns the findings that did not pass as a table, the worst first. Returns `None` if all passed.
pub(super) fn table(judged: &[&FindingVerdict]) -> Option<Table> {
    let mut found: Vec<&&FindingVerdict> = judged.iter().filter(|one| one.verdict > Verdict::Pass).collect();
    found.sort_by_key(|one| Reverse((one.verdict, one.finding.hits)));
    let rows: Vec<_> = found.iter().take(MOST_LISTED).map(|one| row(&one.finding)).collect();
    let caption = caption(found.len().saturating_sub(MOST_LISTED));
    let headings = vec![
        Text::new("Place", "Paikka", "Plats"),
        Text::new("Finding", "Löydös", "Fynd"),
        Text::new("Different values", "Eri arvoja", "Olika värden"),
        Text::new("Expected by chance", "Sattumalta odotettavissa", "Väntat av slump"),
        Text::new("First rows", "Ensimmäiset rivit", "Första raderna"),
    ];
    (!rows.is_empty()).then_some(Table { caption, headings, rows })
}

fn caption(omitted: usize) -> Text {
    match omitted {
        0 => Text::new("Findings, without values", "Löydökset ilman arvoja", "Fynd, utan värden"),
        more => Text::new(
            format!("Findings, without values; {more} more are not listed"),
            format!("Löydökset ilman arvoja; lisäksi {more} löydöstä, joita ei luetella"),
            format!("Fynd, utan värden; ytterligare {more} fynd räknas inte upp"),
        ),
    }
}

fn row(finding: &Finding) -> Vec<Text> {
    vec![
        Text::same(finding.place.clone()),
        words(finding),
        Text::same(finding.hits.to_string()),
        finding.kind.chance().map_or_else(|| Text::same(EMPTY), |chance| expected(finding.shaped, chance)),
        Text::same(rows(&finding.rows)),
    ]
}

/// Returns the kind of a finding in words. Running numbers are called that.
fn words(finding: &Finding) -> Text {
    let words = finding.kind.words();
    if !finding.is_running {
        return words.clone();
    }
    Text::new(
        format!("{}; or running numbers, as they follow each other", words.en),
        format!("{}; tai juoksevia numeroita, sillä ne seuraavat toisiaan", words.fi),
        format!("{}; eller löpnummer, eftersom de följer på varandra", words.sv),
    )
}

fn expected(shaped: u64, chance: f64) -> Text {
    let expected = format!("{:.1}", shaped as f64 * chance);
    let with_comma = expected.replace('.', ",");
    Text::new(
        format!("{expected} of {shaped} of the shape"),
        format!("{with_comma}, kun samanmuotoisia on {shaped}"),
        format!("{with_comma} av {shaped} med samma form"),
    )
}

/// Lists rows. A file that is not a table has all its findings in row 0.
fn rows(rows: &[u64]) -> String {
    if matches!(rows, [] | [0]) {
        return EMPTY.to_owned();
    }
    rows.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}
